//! Every gRPC method, by everybody, with an empty message: the guard decides before the message is read.

use std::time::Duration;

use chatdesk_platform::db::testing::test_secret;
use chatdesk_platform::grpc::{Client, Peer};
use chatdesk_platform::{Allow, Clock, Identity, Keyring, Role, ServiceName, TenantId, UserId, new_id};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request};

use super::{ROLES, entry};
use crate::api::text;
use crate::shop::House;

/// How long a method may take to say that it takes the call. One that then waits for something has taken it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Every method with the service that has it.
fn methods() -> Vec<(ServiceName, String)> {
    let files = FileDescriptorSet::decode(chatdesk_proto::FILE_DESCRIPTOR_SET).expect("our own descriptors").file;
    let mut all = Vec::new();
    for file in files.iter().filter(|file| file.package().starts_with("chatdesk.")) {
        for service in &file.service {
            let area = file.package().trim_start_matches("chatdesk.").trim_end_matches(".v1");
            let to = area.parse().expect("a service's area");
            let name = format!("/{}.{}", file.package(), service.name());
            all.extend(service.method.iter().map(|method| (to, format!("{name}/{}", method.name()))));
        }
    }
    all
}

/// Whether the guard let the call in, whatever the method then said of the empty message. Who is vouched for by nobody it knows is nobody to it;
/// methods themselves say so of sessions and tokens that they do not find.
async fn takes(client: Client, method: &str, is_known: bool) -> bool {
    let call = async {
        let mut grpc = tonic::client::Grpc::new(client);
        assert!(grpc.ready().await.is_ok(), "the installation answers");
        let codec = tonic_prost::ProstCodec::<(), ()>::default();
        let path: PathAndQuery = method.parse().expect("a path");
        let request = Request::new(futures::stream::iter([()]));
        match grpc.streaming(request, path, codec).await {
            Ok(answer) => answer.into_inner().message().await.err().map(|status| status.code()),
            Err(status) => Some(status.code()),
        }
    };
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(code) => code != Some(if is_known { Code::PermissionDenied } else { Code::Unauthenticated }),
        Err(_elapsed) => true,
    }
}

#[tokio::test]
async fn every_grpc_method_takes_only_whom_the_table_names() {
    let house = House::shared().await;
    let keyring = Keyring::derived(&test_secret());
    let url = text(&house.run["grpc_url"]);
    let client = |to: ServiceName, by: ServiceName, who: Identity| {
        let minter = keyring.minter(by).expect("a key");
        let peer = Peer::remote(to, &url, &Default::default(), minter, Clock::system()).expect("loopback");
        peer.client(&who, PATIENCE, None).expect("a token")
    };
    // Nobody's business: a method that takes the call finds nothing.
    let tenant = TenantId(new_id());
    let mut wrong = Vec::new();
    let methods = methods();
    assert!(methods.len() > 100);
    for (to, method) in &methods {
        let allows = entry(method);
        let mut callers: Vec<(String, ServiceName, Identity, bool)> = Vec::new();
        for role in ROLES {
            let who = Identity::Member { tenant, user: UserId(new_id()), role };
            let may = allows.iter().any(|allow| matches!(allow, Allow::Member(least) if role >= *least));
            callers.push((format!("{role:?}"), ServiceName::Gateway, who, may));
        }
        let visitor = Identity::Visitor { tenant, admin: UserId(new_id()) };
        callers.push(("a visitor".into(), ServiceName::Gateway, visitor, allows.contains(&Allow::Visitor)));
        let admin = Identity::PlatformAdmin { user: UserId(new_id()) };
        callers.push(("an admin".into(), ServiceName::Gateway, admin, allows.contains(&Allow::Admin)));
        for name in to.callers().iter().copied().filter(|name| *name != ServiceName::Cli) {
            let alone = Identity::Service { name, tenant: None };
            callers.push((format!("{name}"), name, alone, allows.contains(&Allow::Service(name))));
            let acting = Identity::Service { name, tenant: Some(tenant) };
            callers.push((
                format!("{name} for a business"),
                name,
                acting,
                allows.contains(&Allow::TenantService(name)),
            ));
        }
        // Who is not among a service's callers is nobody to it, whatever they say they are.
        for name in ServiceName::ALL.into_iter().filter(|name| !to.callers().contains(name)) {
            let owner = Identity::Member { tenant, user: UserId(new_id()), role: Role::Owner };
            callers.push((format!("an owner whom {name} vouches for"), name, owner, false));
        }
        for (name, by, who, may) in callers {
            if takes(client(*to, by, who), method, to.callers().contains(&by)).await != may {
                wrong.push(format!("{method} by {name}: {}", if may { "refused" } else { "taken" }));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
