//! Everybody at every operation: what the services' access tables allow, and nothing else. The operations are read from the running
//! installation's own description and from the descriptors, so that one which is added is tried too.

mod calls;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chatdesk_platform::{AccessTable, Allow, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Answer, Api, text};
use crate::process::eventually;
use crate::shop::{House, Shop};

/// Who may call what, of every service.
const TABLES: [AccessTable; 4] =
    [chatdesk_tenants::ACCESS, chatdesk_inbox::ACCESS, chatdesk_catalog::ACCESS, chatdesk_ai::ACCESS];

/// What each REST operation rests on, and a body it takes.
const OPERATIONS: &str = include_str!("permissions/operations.tsv");

const ROLES: [Role; 4] = [Role::Viewer, Role::Agent, Role::Manager, Role::Owner];

/// What is tried at the end: it takes away what others need, the caller's session last of all.
const LAST: [&str; 2] = ["erase_contact", "logout_everywhere"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Nobody,
    Member(Role),
    /// A platform admin inside the business.
    Visitor,
    Admin,
}

struct Operation {
    method: &'static str,
    body: Option<Value>,
}

/// By the operation's id.
fn operations() -> BTreeMap<&'static str, Operation> {
    let lines = OPERATIONS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut parts = line.split('\t');
            let (id, method) = (parts.next().expect("an id"), parts.next().expect("a method"));
            let body = parts.next().map(|body| serde_json::from_str(body).expect("JSON"));
            (id, Operation { method, body })
        })
        .collect()
}

fn entry(method: &str) -> &'static [Allow] {
    let all = TABLES.iter().flat_map(|table| table.iter());
    all.filter(|(name, _)| *name == method).map(|(_, allows)| *allows).next().unwrap_or_else(|| panic!("{method}?"))
}

fn allowed(allows: &[Allow], who: Who) -> bool {
    allows.iter().any(|allow| match (allow, who) {
        (Allow::Member(least), Who::Member(role)) => role >= *least,
        (Allow::Visitor, Who::Visitor) | (Allow::Admin, Who::Admin) => true,
        _ => false,
    })
}

/// A business with one of each role, a customer who wrote, and a platform admin inside.
struct Crowd {
    shop: Shop,
    page: Value,
    people: Vec<(Who, Api)>,
    contact: String,
    conversation: String,
}

async fn crowd(house: &House) -> Crowd {
    let (shop, page) = house.shop_with_page("Tiệm Đông Người", "facebook").await;
    let customer = format!("65{}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000);
    house.write(&page, &customer, "Áo thun đỏ giá bao nhiêu?").await;
    let conversation = shop.conversation(&customer).await;
    let admin = house.admin().await;
    let visit = format!("/api/admin/tenants/{}/enter", shop.id);
    let visit = admin.api.post(&visit, json!({"reason": "a test of permissions"})).await.expect(200);
    let mut people = Vec::new();
    for role in [Role::Viewer, Role::Agent, Role::Manager] {
        let email = format!("{}@shop.example", uuid::Uuid::new_v4().simple());
        let member = json!({"email": email, "password": "mat khau rat dai 123", "member_role": role.as_str()});
        shop.api.post("/api/members", member).await.expect(201);
        let login = json!({"email": email, "password": "mat khau rat dai 123"});
        let session = house.api.post("/api/auth/login", login).await.expect(200);
        people.push((Who::Member(role), house.api.with_token(&text(&session["access_token"]))));
    }
    people.push((Who::Member(Role::Owner), shop.api.clone()));
    // Whoever is refused comes first: what they name is still there then.
    people.insert(0, (Who::Nobody, house.api.clone()));
    people.insert(0, (Who::Admin, admin.api.clone()));
    people.insert(0, (Who::Visitor, house.api.with_token(&text(&visit["access_token"]))));
    let (contact, conversation) = (text(&conversation["contact"]["id"]), text(&conversation["id"]));
    Crowd { shop, page, people, contact, conversation }
}

/// A path with ids of the business's own where it has some, and of nothing elsewhere.
fn filled(path: &str, crowd: &Crowd) -> String {
    let own = match path {
        path if path.starts_with("/api/contacts/") => crowd.contact.clone(),
        path if path.starts_with("/api/conversations/") => crowd.conversation.clone(),
        path if path.starts_with("/api/journal/") => format!("{}.0", uuid::Uuid::now_v7()),
        _ => uuid::Uuid::now_v7().to_string(),
    };
    let mut filled = path.replacen("{id}", &own, 1).replace("{platform}", "facebook");
    while let Some((before, rest)) = filled.split_once('{') {
        let (_, after) = rest.split_once('}').expect("a parameter ends");
        filled = format!("{before}{}{after}", uuid::Uuid::now_v7());
    }
    filled
}

async fn send(api: &Api, id: &str, verb: &Method, path: &str, body: Option<&Value>) -> Answer {
    match id {
        "start_import" => api.upload(path, "text/csv", "a.csv", "Tên,Giá\nÁo,1\n".into()).await,
        "upload_attachment" => api.upload(path, "image/png", "a.png", vec![1]).await,
        _ => api.call(verb.clone(), path, body.cloned()).await,
    }
}

#[tokio::test]
async fn every_rest_operation_takes_only_whom_the_table_names() {
    // Its own: the platform admin ends all of their sessions at the end.
    let house = House::start(&[]).await;
    let crowd = crowd(&house).await;
    let known = operations();
    let spec = house.api.get("/api/openapi.json").await.expect(200);
    let mut tried = BTreeSet::new();
    let mut wrong = Vec::new();
    let paths = spec["paths"].as_object().expect("paths");
    let mut all: Vec<(String, Method, String, bool)> = Vec::new();
    for (path, item) in paths {
        for (verb, operation) in item.as_object().expect("operations") {
            let verb = verb.to_uppercase().parse().expect("a verb");
            all.push((text(&operation["operationId"]), verb, path.clone(), operation["security"].is_array()));
        }
    }
    all.sort_by_key(|(id, ..)| LAST.iter().position(|last| last == id));
    for (id, verb, path, is_secured) in &all {
        let Some(operation) = known.get(id.as_str()) else {
            wrong.push(format!("{id} is not in operations.tsv"));
            continue;
        };
        tried.insert(id.clone());
        if (operation.method != "-") != *is_secured {
            wrong.push(format!("{id}: the description and operations.tsv differ in whether one must be logged in"));
            continue;
        }
        if !is_secured {
            continue;
        }
        let allows = entry(operation.method);
        for (who, api) in &crowd.people {
            // Two need something in their query to be read at all.
            let query = match id.as_str() {
                "search_products" => "?q=ao".to_owned(),
                "start_login" => format!("?redirect_uri={}/channels/callback", house.api.base()),
                _ => String::new(),
            };
            let path = format!("{}{query}", filled(path, &crowd));
            let answer = eventually("an answer that says more than to wait", || async {
                let answer = send(api, id, verb, &path, operation.body.as_ref()).await;
                (answer.status.as_u16() != 503).then_some(answer)
            })
            .await;
            let status = answer.status.as_u16();
            let is_right = match who {
                Who::Nobody => status == 401,
                who if allowed(allows, *who) => !matches!(status, 401 | 403) && status < 500,
                _ => status == 403,
            };
            if !is_right {
                wrong.push(format!("{id} as {who:?}: {status} {}", answer.body));
            }
        }
    }
    let left: Vec<_> = known.keys().filter(|id| !tried.contains(**id)).collect();
    assert!(left.is_empty(), "operations.tsv has what is not there: {left:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried.len() > 100);
    // The page is free for nobody else meanwhile, and the business is still there.
    let owner = crowd.shop.again(&house.api).await;
    assert_eq!(owner.connect(&crowd.page).await.status.as_u16(), 201);
}

/// docs/permissions.md, as it follows from the tables.
fn printed() -> String {
    let mut rest: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, operation) in operations() {
        rest.entry(operation.method).or_default().push(id);
    }
    let mut page = String::from(
        "# Permissions\n\nPrinted from the services' access tables by a test, which also tries every one of them. Roles contain each other: owner, \
         manager, agent, viewer. A visitor is a platform admin inside a business, who only looks. An operator's client with `chatdesk token` may do \
         what an owner or the named service may. What is not in this table is refused; what is another business's is not found.\n\n\
         | gRPC method | least role | visitor | admin | services | REST operations that rest on it |\n|---|---|---|---|---|---|\n",
    );
    let mut all: Vec<_> = TABLES.iter().flat_map(|table| table.iter()).collect();
    all.sort_by_key(|(method, _)| *method);
    for (method, allows) in all {
        let least = ROLES.into_iter().find(|role| allowed(allows, Who::Member(*role))).map_or("", Role::as_str);
        let mark = |who| if allowed(allows, who) { "yes" } else { "" };
        let services: Vec<String> = allows
            .iter()
            .filter_map(|allow| match allow {
                Allow::Service(name) => Some(name.to_string()),
                Allow::TenantService(name) => Some(format!("{name} for a business")),
                Allow::Member(_) | Allow::Visitor | Allow::Admin => None,
            })
            .collect();
        let of = rest.get(method).map(|ids| ids.join(", ")).unwrap_or_default();
        let (visitor, admin) = (mark(Who::Visitor), mark(Who::Admin));
        let name = method.trim_start_matches("/chatdesk.");
        writeln!(page, "| {name} | {least} | {visitor} | {admin} | {} | {of} |", services.join(", ")).expect("a text");
    }
    page
}

#[test]
fn the_page_of_permissions_is_what_the_tables_say() {
    let page = printed();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/permissions.md");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    if kept != page {
        let fresh = std::env::temp_dir().join("permissions.md");
        std::fs::write(&fresh, page).expect("a file");
        panic!("docs/permissions.md is not what the tables say: take {}", fresh.display());
    }
}
