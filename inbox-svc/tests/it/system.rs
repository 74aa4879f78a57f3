//! Platform admins: how the work goes, what failed, and that they read no message unless they look at a business, and then only read.

use chatdesk_platform::Role;
use chatdesk_platform::grpc::Client;
use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::message_service_client::MessageServiceClient;
use chatdesk_proto::inbox::v1::system_service_client::SystemServiceClient;
use chatdesk_proto::inbox::v1::{ListConversationsRequest, ListMessagesRequest, MarkReadRequest, SendMessageRequest};
use chatdesk_proto::system::v1 as pb;
use chatdesk_proto::tenants::v1::Platform;
use tonic::Code;

use crate::house::{House, message, now_ms, page, until};

fn system(client: Client) -> SystemServiceClient<Client> {
    SystemServiceClient::new(client)
}

async fn failed(house: &House) -> Vec<pb::FailedWork> {
    let request = pb::ListFailedWorkRequest { kind: "ingest".into(), ..Default::default() };
    system(house.platform_admin()).list_failed_work(request).await.unwrap().into_inner().items
}

async fn aside(house: &House) -> pb::FailedWork {
    until("the work is set aside", || async { failed(house).await.pop() }).await
}

const POISON: &str = "alter table inbox.webhook_items add constraint no_poison check (key <> 'm_poison')";
const CURE: &str = "alter table inbox.webhook_items drop constraint no_poison";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_was_set_aside_is_worked_off_once_somebody_says_so() {
    let house = House::new().await;
    house.sql(POISON).await;
    let body = page(&house.shop, vec![message("poison", "m_poison", "Tin bị kẹt", now_ms())]);
    house.post(Platform::Facebook, &body).await;
    let item = aside(&house).await;
    assert!(item.why.contains("no_poison") && !item.why.contains("kẹt"), "{item:?}");
    assert!(item.failed_at.is_some() && item.can_retry && item.can_discard);

    let ids = vec![item.id.unwrap()];
    let ask = |dry_run| pb::DecideWorkRequest { ids: ids.clone(), dry_run };
    let mut admin = system(house.platform_admin());
    let looked = admin.retry_work(ask(true)).await.unwrap().into_inner();
    assert_eq!(looked.done, ids);
    assert_eq!(failed(&house).await.len(), 1, "a look changes nothing");
    let now = admin.get_system(pb::GetSystemRequest {}).await.unwrap().into_inner();
    let ingest = now.queues.iter().find(|queue| queue.kind == "ingest").unwrap();
    assert_eq!((ingest.set_aside, now.unknown_sends), (1, 0));

    house.sql(CURE).await;
    assert_eq!(admin.retry_work(ask(false)).await.unwrap().into_inner().done, ids);
    until("the message is there", || async { house.conversations().await.pop() }).await;
    assert!(failed(&house).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_is_given_up_stays_undone() {
    let house = House::new().await;
    house.sql(POISON).await;
    house.post(Platform::Facebook, &page(&house.shop, vec![message("poison", "m_poison", "x", now_ms())])).await;
    let ids = vec![aside(&house).await.id.unwrap()];
    let decide = pb::DecideWorkRequest { ids: ids.clone(), dry_run: false };
    let mut admin = system(house.platform_admin());
    assert_eq!(admin.discard_work(decide.clone()).await.unwrap().into_inner().done, ids);
    assert_eq!(admin.discard_work(decide).await.unwrap().into_inner().gone, ids);
    house.sql(CURE).await;
    house.ingested().await;
    assert!(house.conversations().await.is_empty());
}

/// What has ended is not tried again, and what is owed is not given up: neither would do anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_work_takes_what_does_something() {
    let house = House::new().await;
    let mut admin = system(house.platform_admin());
    for (kind, retry, discard) in [
        ("ingest", "", ""),
        ("reply", "nothing_to_retry", ""),
        ("send", "nothing_to_retry", ""),
        ("settle", "nothing_to_retry", ""),
        ("profile", "nothing_to_retry", ""),
        ("replay", "nothing_to_retry", ""),
        ("reconcile", "", "still_owed"),
        ("redrive", "", "still_owed"),
        ("terms", "", "still_owed"),
        ("erase_contact", "", "still_owed"),
        ("find_person", "", "still_owed"),
        ("sweep", "", "still_owed"),
        ("export_inbox", "", "still_owed"),
        ("erase_inbox", "", "still_owed"),
    ] {
        let entity_id = chatdesk_platform::new_id().to_string();
        let aside =
            "insert into routing.due_work (kind, tenant_id, entity_id, due_at) values ($1, $2, $3::uuid, 'infinity')";
        let aside = sqlx::query(aside).bind(kind).bind(house.shop.tenant.0).bind(&entity_id);
        aside.execute(&house.admin).await.unwrap();
        let id = pb::WorkId { kind: kind.into(), tenant_id: house.shop.tenant.to_string(), entity_id };
        let list = pb::ListFailedWorkRequest { kind: kind.into(), ..Default::default() };
        let listed = admin.list_failed_work(list).await.unwrap().into_inner().items;
        let told = (listed[0].id.clone(), listed[0].can_retry, listed[0].can_discard);
        assert_eq!(told, (Some(id.clone()), retry.is_empty(), discard.is_empty()), "{kind} is told as it is refused");
        let ask = pb::DecideWorkRequest { ids: vec![id.clone()], dry_run: true };
        let answers = [admin.retry_work(ask.clone()).await, admin.discard_work(ask).await];
        for (answer, code) in answers.into_iter().zip([retry, discard]) {
            match answer {
                Ok(answer) => assert_eq!((answer.into_inner().done, ""), (vec![id.clone()], code), "{kind}"),
                Err(status) => assert_eq!(chatdesk_platform::Problem::from(&status).code, code, "{kind}"),
            }
        }
    }
}

/// Case 78: what is the platform admins' is no member's, and a member's messages are not theirs.
#[tokio::test]
async fn admins_and_members_have_their_own_doors() {
    let house = House::new().await;
    for client in [house.as_role(Role::Owner), house.stranger(), house.visitor()] {
        let refused = system(client).get_system(pb::GetSystemRequest {}).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
    let mut conversations = ConversationServiceClient::new(house.platform_admin());
    let refused = conversations.list_conversations(ListConversationsRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let mut messages = MessageServiceClient::new(house.platform_admin());
    let refused = messages.list_messages(ListMessagesRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

/// Case 82: a visitor reads what a viewer reads, and leaves no trace.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_reads_and_marks_nothing() {
    let house = House::new().await;
    house.writes("c1", "Còn hàng không?").await;
    let conversation = until("the conversation", || async { house.conversations().await.pop() }).await;
    let mut conversations = ConversationServiceClient::new(house.visitor());
    let seen = conversations.list_conversations(ListConversationsRequest::default()).await.unwrap().into_inner();
    assert_eq!(seen.items.len(), 1);
    let mut messages = MessageServiceClient::new(house.visitor());
    let list = ListMessagesRequest { conversation_id: conversation.id.clone(), ..Default::default() };
    assert!(!messages.list_messages(list).await.unwrap().into_inner().items.is_empty());
    let read = MarkReadRequest { conversation_id: conversation.id.clone() };
    let send = SendMessageRequest { conversation_id: conversation.id.clone(), ..Default::default() };
    let refused = [conversations.mark_read(read).await.unwrap_err(), messages.send_message(send).await.unwrap_err()];
    for status in refused {
        let problem = chatdesk_platform::Problem::from(&status);
        assert_eq!((problem.status, problem.code.as_str()), (Code::PermissionDenied, "read_only"));
    }
}
