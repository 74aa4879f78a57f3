//! What the assistant could not answer and what it would say, with another business's ids.

use chatdesk_platform::grpc::Client;
use chatdesk_proto::inbox::v1::replay_service_client::ReplayServiceClient;
use chatdesk_proto::inbox::v1::unanswered_service_client::UnansweredServiceClient;
use chatdesk_proto::inbox::v1::*;
use tonic::Code;

use super::Owned;
use super::calls::code;

/// What each call that names another's thing comes to; the other's list is empty.
pub async fn codes(owned: &Owned, client: Client) -> [(&'static str, Code); 4] {
    let mut questions = UnansweredServiceClient::new(client.clone());
    let mut replays = ReplayServiceClient::new(client);
    let id = || owned.unanswered.clone();
    let listed = questions.list_unanswered(ListUnansweredRequest::default()).await.expect("an answer");
    assert!(listed.into_inner().items.is_empty());
    [
        ("GetUnanswered", code(questions.get_unanswered(GetUnansweredRequest { id: id() }).await)),
        ("CloseUnanswered", code(questions.close_unanswered(CloseUnansweredRequest { id: id() }).await)),
        ("DismissUnanswered", code(questions.dismiss_unanswered(DismissUnansweredRequest { id: id() }).await)),
        ("GetReplay", code(replays.get_replay(GetReplayRequest { id: owned.replay.clone() }).await)),
    ]
}
