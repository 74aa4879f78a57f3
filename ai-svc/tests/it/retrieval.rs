//! Retrieval for people.

use crate::world::World;
use chatdesk_platform::{Identity, Problem, Role, UserId, new_id};
use chatdesk_proto::ai::v1::RetrieveRequest;
use chatdesk_proto::ai::v1::retrieval_service_client::RetrievalServiceClient;
use tonic::Code;

#[tokio::test]
async fn best_first_and_no_more_than_asked() {
    let world = World::without_a_key().await;
    let viewer = Identity::Member { tenant: world.tenant, user: UserId(new_id()), role: Role::Viewer };
    let ask = |text: &str, limit| {
        let (client, text) = (world.gateway(&viewer), text.to_owned());
        async move { RetrievalServiceClient::new(client).retrieve(RetrieveRequest { text, limit }).await }
    };
    let items = ask("áo thun xanh", 2).await.unwrap().into_inner().items;
    let names: Vec<_> = items.iter().filter_map(|i| i.product.as_ref()).map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Áo thun xanh", "Áo thun đỏ"]);
    assert_eq!(ask("áo", 0).await.unwrap().into_inner().items.len(), 3);
    for (text, limit, field) in [("  ", 5, "text"), ("áo", 51, "limit"), (&*"a".repeat(1001), 5, "text")] {
        let status = ask(text, limit).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(Problem::from(&status).fields[0].field, field);
    }
}

#[tokio::test]
async fn inbox_has_no_business_with_it() {
    let world = World::without_a_key().await;
    let refused =
        RetrievalServiceClient::new(world.inbox()).retrieve(RetrieveRequest { text: "áo".into(), limit: 1 }).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
}
