//! Starting with the right and the wrong key, both ways of calling, and forgetting what expired.

use std::time::Duration;

use chatdesk_platform::{Clock, Shutdown};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::account_service_client::AccountServiceClient;
use chatdesk_tenants::StartError;
use tonic::Code;

use crate::house::{GATEWAY, House, PASSWORD, problem, start, vars};

#[tokio::test]
async fn another_key_is_refused_and_the_same_one_reads_what_was_written() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    house.connect(&shop, "104").await.unwrap();
    let vars = vars(&house.db, &house.graph.url);
    let other = vars.overlaid([("SECRET_KEY", "another secret, longer than 32 characters")]);
    let refused = start(&other, Clock::system(), &Shutdown::default()).await.err();
    assert!(matches!(refused, Some(StartError::OtherKey { .. })), "{refused:?}");
    start(&vars, Clock::system(), &Shutdown::default()).await.unwrap();
}

#[tokio::test]
async fn a_role_that_could_see_everything_is_refused() {
    let house = House::new().await;
    let vars = vars(&house.db, &house.graph.url).overlaid([("TENANTS_DATABASE_URL", house.db.url())]);
    let refused = start(&vars, Clock::system(), &Shutdown::default()).await.err().unwrap();
    assert!(refused.to_string().starts_with("TENANTS_DATABASE_URL: the role"), "{refused}");
}

#[tokio::test]
async fn it_answers_over_a_network_as_it_does_in_process() {
    let house = House::new().await;
    assert!(house.service.is_ready().await);
    let shop = house.shop("lan@gom.vn").await;
    let address = house.serve().await;
    let mut remote = AccountServiceClient::new(house.remote_client(address, GATEWAY));
    let login = pb::LoginRequest { email: "lan@gom.vn".into(), password: PASSWORD.into(), ..Default::default() };
    let session = remote.login(login).await.unwrap().into_inner();
    assert_eq!(session.user, shop.session.user);
    let wrong = pb::LoginRequest { email: "lan@gom.vn".into(), password: "a wrong guess".into(), ..Default::default() };
    assert_eq!(problem(remote.login(wrong).await).code, "unauthenticated");
    let mut member = AccountServiceClient::new(house.remote_client(address, shop.owner()));
    assert_eq!(member.get_profile(pb::GetProfileRequest {}).await.unwrap().into_inner(), shop.session.user.unwrap());
    let create = pb::CreateAdminRequest { email: "a@b.vn".into(), password: PASSWORD.into() };
    assert_eq!(problem(member.create_admin(create).await).status, Code::PermissionDenied);
    assert!(house.shutdown.drain(Duration::from_secs(5)).await);
}

/// Waits for a row that says true.
async fn wait_for(pool: &sqlx::PgPool, question: &'static str) {
    let asking = async {
        while !sqlx::query_scalar::<_, bool>(question).fetch_one(pool).await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asking).await.expect(question);
}

#[tokio::test]
async fn expired_tokens_are_forgotten_and_others_kept() {
    let house = House::new().await;
    let (old, new) = (house.shop("old@gom.vn").await, house.shop("new@gom.vn").await);
    let pool = house.db.superuser().await;
    // The turn of the house's own start is over.
    let idle = "select bool_and(due_at > now() + interval '5 minutes' and lease_until is null) from routing.due_work";
    wait_for(&pool, idle).await;
    sqlx::query("update routing.refresh_tokens set expires_at = now() - interval '1 s' where session_id = $1::uuid")
        .bind(&old.session.session_id)
        .execute(&pool)
        .await
        .unwrap();
    start(&vars(&house.db, &house.graph.url), Clock::system(), &house.shutdown).await.unwrap();
    wait_for(&pool, "select count(*) = 1 from routing.refresh_tokens").await;
    wait_for(&pool, idle).await;
    house.refresh(&new.session.refresh_token).await.unwrap();
}
