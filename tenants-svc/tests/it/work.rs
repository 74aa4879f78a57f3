//! Work that a person tries again.

use std::time::Duration;

use chatdesk_platform::{Identity, Problem, UserId, new_id};
use chatdesk_proto::system::v1 as pb;
use chatdesk_proto::tenants::v1::system_service_client::SystemServiceClient;
use uuid::Uuid;

use crate::house::House;

#[tokio::test]
async fn what_is_tried_again_is_done_at_once_and_what_is_owed_is_not_given_up() {
    let house = House::new().await;
    let pool = house.db.superuser().await;
    let turns = async || {
        let epoch = "select lease_epoch from routing.due_work where kind = 'session_expiry' and lease_until is null";
        sqlx::query_scalar::<_, i64>(epoch).fetch_optional(&pool).await.unwrap()
    };
    // Far less than the minute after which a process asks by itself.
    let until = async |more_than: i64| {
        let looking = async {
            loop {
                if let Some(turns) = turns().await.filter(|turns| *turns > more_than) {
                    return turns;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), looking).await.expect("a turn")
    };
    let first = until(0).await;
    let aside = "update routing.due_work set due_at = 'infinity' where kind = 'session_expiry'";
    sqlx::query(aside).execute(&pool).await.unwrap();
    let id = pb::WorkId { kind: "session_expiry".into(), tenant_id: String::new(), entity_id: Uuid::nil().to_string() };
    let ask = pb::DecideWorkRequest { ids: vec![id.clone()], dry_run: false };
    let mut admin = SystemServiceClient::new(house.client(Identity::PlatformAdmin { user: UserId(new_id()) }));
    let refused = admin.discard_work(ask.clone()).await.unwrap_err();
    assert_eq!(Problem::from(&refused).code, "still_owed");
    assert_eq!(admin.retry_work(ask).await.unwrap().into_inner().done, [id]);
    until(first).await;
}
