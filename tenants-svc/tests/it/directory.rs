//! What platform admins see of all businesses: found by name, e-mail and page, counted, capped.

use chatdesk_platform::{ServiceName, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use tonic::Code;

use crate::house::{House, Shop, field, fields, problem};

async fn found(house: &House, query: &str) -> Vec<String> {
    let request = pb::ListTenantsRequest { query: query.to_owned(), ..Default::default() };
    let list = house.admin().list_tenants(request).await.unwrap().into_inner();
    list.items.into_iter().map(|tenant| tenant.status.unwrap().tenant_id).collect()
}

async fn rename(house: &House, shop: &Shop, name: &str) {
    let request = pb::UpdateProfileRequest { business_name: Some(name.to_owned()), ..Default::default() };
    house.account(shop.owner()).update_profile(request).await.unwrap();
}

async fn spend(house: &House, shop: &Shop, prompt: u32, completion: u32) {
    let mut usage = house.usage(shop.service(ServiceName::Ai));
    let reserved = usage.reserve_tokens(pb::ReserveTokensRequest { tokens: prompt + completion }).await.unwrap();
    let settle = pb::SettleTokensRequest {
        reservation_id: reserved.into_inner().id,
        model: "m".into(),
        prompt_tokens: prompt,
        completion_tokens: completion,
    };
    usage.settle_tokens(settle).await.unwrap();
}

#[tokio::test]
async fn a_business_is_found_by_what_an_admin_knows_of_it() {
    let house = House::new().await;
    let (gom, lua) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    rename(&house, &lua, "Lụa Hà Đông 100%").await;
    house.connect(&gom, "104").await.unwrap();
    let (gom, lua) = (gom.tenant.to_string(), lua.tenant.to_string());
    assert_eq!(found(&house, "").await, [lua.clone(), gom.clone()], "newest first");
    for (query, expected) in [
        ("ha dong", &lua),
        ("HÀ ĐÔNG", &lua),
        ("00%", &lua),
        ("bát", &gom),
        (gom.as_str(), &gom),
        (" Mai@Lua.vn ", &lua),
        ("104", &gom),
    ] {
        assert_eq!(found(&house, query).await, std::slice::from_ref(expected), "{query}");
    }
    for nothing in ["nobody@x.vn", "%", "_", &new_id().to_string(), "'; drop table x"] {
        let found = found(&house, nothing).await;
        assert_eq!(found.len(), usize::from(nothing == "%"), "{nothing}: {found:?}");
    }
}

#[tokio::test]
async fn a_list_is_paged_and_filtered_by_state() {
    let house = House::new().await;
    let mut shops = Vec::new();
    for email in ["a@x.vn", "b@x.vn", "c@x.vn"] {
        shops.push(house.shop(email).await.tenant.to_string());
    }
    let suspend = pb::SuspendTenantRequest { tenant_id: shops[1].clone(), reason: "unpaid".into() };
    house.admin().suspend_tenant(suspend).await.unwrap();
    let page = async |cursor: String, state: pb::TenantState| {
        let request = pb::ListTenantsRequest { cursor, limit: 2, state: state.into(), ..Default::default() };
        house.admin().list_tenants(request).await.unwrap().into_inner()
    };
    let first = page(String::new(), pb::TenantState::Unspecified).await;
    let second = page(first.next_cursor.clone(), pb::TenantState::Unspecified).await;
    assert_eq!((first.items.len(), second.items.len(), second.next_cursor.as_str()), (2, 1, ""));
    let suspended = page(String::new(), pb::TenantState::Suspended).await;
    let status = suspended.items[0].status.clone().unwrap();
    assert_eq!((suspended.items.len(), status.tenant_id, status.reason.as_str()), (1, shops[1].clone(), "unpaid"));
    assert_eq!(page(String::new(), pb::TenantState::Active).await.items.len(), 2);
}

#[tokio::test]
async fn what_is_used_is_counted_and_paid_for() {
    let graph = crate::graph::Graph::start().await;
    let url = graph.url.clone();
    let house =
        Box::pin(House::with(graph, |db| crate::house::vars(db, &url).overlaid([("MODEL_PRICES", "0.5,2")]))).await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    spend(&house, &shop, 300, 100).await;
    spend(&house, &other, 10, 0).await;
    house.hand.advance(TimeDelta::days(1));
    spend(&house, &shop, 100, 0).await;

    let report = house.admin().list_usage(pb::ListUsageRequest::default()).await.unwrap().into_inner();
    let by_tenant: Vec<_> = report.items.iter().map(|one| (one.tenant_id.clone(), one.usage.unwrap())).collect();
    assert_eq!(by_tenant[0].0, shop.tenant.to_string(), "most first");
    assert_eq!((by_tenant[0].1.calls, by_tenant[0].1.prompt_tokens, by_tenant[0].1.completion_tokens), (2, 400, 100));
    // 400 at half a dollar and 100 at two dollars a million.
    assert_eq!(by_tenant[0].1.spend_micros, Some(400));
    assert_eq!((report.days.len(), report.total.unwrap().prompt_tokens, report.other_tenants), (2, 410, 0));
    let detail = pb::GetTenantRequest { tenant_id: shop.tenant.to_string() };
    let detail = house.admin().get_tenant(detail).await.unwrap().into_inner();
    let tenant = detail.tenant.unwrap();
    assert_eq!((tenant.tokens_today, tenant.tokens_month, detail.days.len()), (100, 500, 2));
    let owners = detail.members.iter().find(|count| count.role() == pb::MemberRole::Owner).unwrap();
    assert_eq!(owners.count, 1);
    let bad = pb::ListUsageRequest { from: "yesterday".into(), to: "2026-13-01".into() };
    assert_eq!(fields(house.admin().list_usage(bad).await), [field("from", "malformed"), field("to", "malformed")]);
}

/// The rows of a report and what is told of the rest are the whole.
#[tokio::test]
async fn what_a_report_has_no_row_for_is_told_together() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    spend(&house, &shop, 300, 100).await;
    let pool = house.db.superuser().await;
    let day = house.clock.now().date_naive();
    let crowd = "with crowd as (insert into routing.tenants (tenant_id, state, changed_at)
            select gen_random_uuid(), 'active', now() from generate_series(1, 502) returning tenant_id)
        insert into routing.usage_days (tenant_id, day, calls, prompt_tokens, completion_tokens) select tenant_id, $1, 1, 7, 2 from crowd";
    sqlx::query(crowd).bind(day).execute(&pool).await.unwrap();
    let report = house.admin().list_usage(pb::ListUsageRequest::default()).await.unwrap().into_inner();
    let others = report.others.unwrap();
    assert_eq!((report.items.len(), report.other_tenants), (500, 3));
    assert_eq!((others.calls, others.prompt_tokens, others.completion_tokens), (3, 21, 6));
}

#[tokio::test]
async fn a_cap_holds_at_once_and_only_its_business() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let cap = |plan: pb::Plan, tokens_per_day| pb::SetCapRequest {
        tenant_id: shop.tenant.to_string(),
        plan: plan.into(),
        tokens_per_day,
        lifts_cap: false,
    };
    let reserve = async |shop: &Shop, tokens| {
        let request = pb::ReserveTokensRequest { tokens };
        house.usage(shop.service(ServiceName::Ai)).reserve_tokens(request).await
    };
    let shown = house.admin().set_cap(cap(pb::Plan::Unspecified, Some(50))).await.unwrap().into_inner();
    assert_eq!((shown.tokens_per_day, shown.is_capped, shown.plan()), (50, true, pb::Plan::Standard));
    assert_eq!(problem(reserve(&shop, 51).await).code, "token_budget_spent");
    assert_eq!(reserve(&shop, 50).await.unwrap().into_inner().budget, 50);
    reserve(&other, 51).await.unwrap();
    let kept = house.admin().set_cap(cap(pb::Plan::Business, None)).await.unwrap().into_inner();
    assert_eq!((kept.tokens_per_day, kept.is_capped, kept.plan()), (50, true, pb::Plan::Business));
    let lift = pb::SetCapRequest { lifts_cap: true, ..cap(pb::Plan::Unspecified, None) };
    assert!(!house.admin().set_cap(lift).await.unwrap().into_inner().is_capped);
    assert_eq!(reserve(&shop, 51).await.unwrap().into_inner().budget, 5_000, "five times the house's 1,000");
    house.admin().set_cap(cap(pb::Plan::Trial, None)).await.unwrap();
    assert_eq!(problem(reserve(&shop, 51).await).code, "token_budget_spent");

    let noted = house.audited(&shop).await;
    assert_eq!(noted.iter().filter(|one| one.action == "tenant.capped").count(), 4);
    assert!(noted[0].before.contains("business") && noted[0].after.contains("trial"));
    let nobody = pb::SetCapRequest { tenant_id: new_id().to_string(), ..Default::default() };
    assert_eq!(problem(house.admin().set_cap(nobody).await).status, Code::NotFound);
    let high = cap(pb::Plan::Unspecified, Some(u64::MAX));
    assert_eq!(fields(house.admin().set_cap(high).await), [field("tokens_per_day", "out_of_range")]);
}

#[tokio::test]
async fn channels_of_all_businesses_are_shown_with_their_trouble() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let sick = house.connect(&shop, "104").await.unwrap().id;
    let well = house.connect(&other, "105").await.unwrap().id;
    let pool = house.db.superuser().await;
    sqlx::query(
        "update tenants.channels set health = 'needs_reconnect', health_reason = 'expired' where external_id = '104'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let seen = async |state: pb::HealthState| {
        let request = pb::ListChannelHealthRequest { state: state.into(), ..Default::default() };
        house.admin().list_channel_health(request).await.unwrap().into_inner().items
    };
    let all = seen(pb::HealthState::Unspecified).await;
    assert_eq!(all.iter().map(|one| one.channel_id.clone()).collect::<Vec<_>>(), [well.clone(), sick.clone()]);
    let troubled = seen(pb::HealthState::NeedsReconnect).await;
    assert_eq!((troubled.len(), troubled[0].channel_id.clone(), troubled[0].reason.as_str()), (1, sick, "expired"));
    assert_eq!((troubled[0].tenant_id.clone(), troubled[0].external_id.as_str()), (shop.tenant.to_string(), "104"));
    house.hand.advance(TimeDelta::days(8));
    assert_eq!(seen(pb::HealthState::Silent).await[0].channel_id, well, "nothing came for a week");
    let gone = pb::DisconnectChannelRequest { id: well };
    house.channels(other.owner()).disconnect_channel(gone).await.unwrap();
    assert_eq!(seen(pb::HealthState::Silent).await, []);
}
