//! What people do with conversations: read and unread, closed and open, who looks after them, labels, notes.

use std::sync::atomic::Ordering;

use chatdesk_platform::grpc::Client;
use chatdesk_platform::{Problem, Role, new_id};
use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::label_service_client::LabelServiceClient;
use chatdesk_proto::inbox::v1::note_service_client::NoteServiceClient;
use chatdesk_proto::inbox::v1::update_conversation_request::{Assignee, Labels};
use chatdesk_proto::inbox::v1::*;
use tonic::{Code, Status};

use crate::house::House;
use crate::vendors::{handover, later};

/// Fields that were refused, with their codes.
fn fields(error: &Status) -> Vec<(String, String)> {
    assert_eq!(error.code(), Code::InvalidArgument, "{error}");
    Problem::from(error).fields.into_iter().map(|field| (field.field, field.code)).collect()
}

fn named(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

async fn quiet_house() -> (House, String) {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, Ordering::SeqCst);
    house.writes("c1", "một").await;
    house.writes("c1", "hai").await;
    house.idle().await;
    let id = house.conversation().await.id;
    (house, id)
}

fn change(id: &str) -> UpdateConversationRequest {
    UpdateConversationRequest { conversation_id: id.to_owned(), ..Default::default() }
}

async fn update(client: Client, request: UpdateConversationRequest) -> Result<Conversation, Status> {
    Ok(ConversationServiceClient::new(client).update_conversation(request).await?.into_inner())
}

async fn label(client: Client, name: &str, color: LabelColor) -> Result<Label, Status> {
    let request = CreateLabelRequest { name: name.to_owned(), color: color.into() };
    Ok(LabelServiceClient::new(client).create_label(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_and_unread_is_told_to_everybody() {
    let (house, id) = quiet_house().await;
    assert_eq!(house.conversation().await.unread_count, 2);
    let before = house.events(0).await.current_seq;
    let mut desk = ConversationServiceClient::new(house.agent());
    let read = || MarkReadRequest { conversation_id: id.clone() };
    assert_eq!(desk.mark_read(read()).await.unwrap().into_inner().unread_count, 0);
    assert_eq!(desk.mark_read(read()).await.unwrap().into_inner().unread_count, 0);
    let unread = || MarkUnreadRequest { conversation_id: id.clone() };
    assert_eq!(desk.mark_unread(unread()).await.unwrap().into_inner().unread_count, 1);
    house.writes("c1", "ba").await;
    house.idle().await;
    assert_eq!(desk.mark_unread(unread()).await.unwrap().into_inner().unread_count, 2, "what is unread stays so");
    let told = house.events(before).await.items;
    let changes = told.iter().filter(|event| event.r#type() == EventType::ConversationUpdated).count();
    assert_eq!(changes, 3, "read, unread, a message, and nothing for what changed nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_conversation_is_read_and_opens_when_the_customer_writes_again() {
    let house = House::new().await;
    house.ai.script.lock().unwrap().push_back(Ok(handover("Shop sẽ trả lời sớm ạ.", "asks_for_person")));
    house.writes("c1", "cho gặp người").await;
    house.see("the handover's line", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    let given = house.conversation().await;
    assert_eq!((given.status(), given.ai.unwrap().state()), (ConversationStatus::NeedsHuman, AiState::HandedOver));
    let closed = UpdateConversationRequest { status: ConversationStatus::Closed.into(), ..change(&given.id) };
    let closed = update(house.agent(), closed).await.unwrap();
    assert_eq!((closed.status(), closed.unread_count), (ConversationStatus::Closed, 0));

    // Closed by mistake: as it was.
    let open = UpdateConversationRequest { status: ConversationStatus::Open.into(), ..change(&given.id) };
    let opened = update(house.agent(), open).await.unwrap();
    assert_eq!((opened.status(), opened.ai.unwrap().state()), (ConversationStatus::NeedsHuman, AiState::HandedOver));
    let closed = UpdateConversationRequest { status: ConversationStatus::Closed.into(), ..change(&given.id) };
    update(house.agent(), closed).await.unwrap();

    // The next question is a new matter.
    house.writes("c1", "còn áo không").await;
    house.see("an answer", |all| all.len() == 4 && all[3].content == "re: còn áo không").await;
    assert_eq!(house.asked().last().unwrap().history.len(), 0, "what led to the handover is not told again");
    assert_eq!(house.conversation().await.status(), ConversationStatus::Open);

    // One that was switched off stays off.
    house.switches_ai(&given.id, false).await;
    let closed = UpdateConversationRequest { status: ConversationStatus::Closed.into(), ..change(&given.id) };
    assert_eq!(update(house.agent(), closed).await.unwrap().ai.unwrap().state(), AiState::Off);
    let open = UpdateConversationRequest { status: ConversationStatus::Open.into(), ..change(&given.id) };
    assert_eq!(update(house.agent(), open).await.unwrap().status(), ConversationStatus::Open);
    let given = UpdateConversationRequest { status: ConversationStatus::NeedsHuman.into(), ..change(&given.id) };
    assert_eq!(fields(&update(house.agent(), given).await.unwrap_err()), named("status", "unknown_value"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_is_owed_is_dropped_by_closing() {
    let house = House::new().await;
    house.ai.gate.close();
    house.writes("c1", "giá bao nhiêu").await;
    house.ai.gate.visitor().await;
    let id = house.conversation().await.id;
    let closed = UpdateConversationRequest { status: ConversationStatus::Closed.into(), ..change(&id) };
    update(house.agent(), closed).await.unwrap();
    house.ai.gate.open();
    house.drained().await;
    assert!(house.sent().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_waits_is_dropped_by_closing_and_one_put_back_does_not_come_after() {
    let house = House::new().await;
    let retry_after = Some(std::time::Duration::from_secs(60));
    let busy = || chatdesk_platform::Error::Exhausted { code: "overloaded", retry_after };
    house.meta.script.lock().unwrap().extend([Err(busy().into()), later()]);
    house.writes("c1", "giá bao nhiêu").await;
    house.see("an answer that waits", |all| all.len() == 2 && house.sent().len() == 1).await;
    house.see("it put back", |all| all[1].status() == MessageStatus::Queued).await;
    let id = house.conversation().await.id;
    let close = || UpdateConversationRequest { status: ConversationStatus::Closed.into(), ..change(&id) };
    update(house.agent(), close()).await.unwrap();
    let dropped = house.messages(&id).await.remove(1);
    assert_eq!((dropped.status(), dropped.failure.unwrap().code.as_str()), (MessageStatus::Failed, "superseded"));
    let before = house.events(0).await.current_seq;
    update(house.agent(), close()).await.unwrap();
    assert!(house.told(before).await.is_empty(), "closed is closed");

    // One that is on its way while the conversation is closed, and comes back.
    house.meta.gate.close();
    house.writes("c1", "alo").await;
    house.meta.gate.visitor().await;
    update(house.agent(), close()).await.unwrap();
    house.meta.gate.open();
    let all = house.see("it given up", |all| all.len() == 4 && all[3].status() == MessageStatus::Failed).await;
    assert_eq!(all[3].failure.as_ref().unwrap().code, "superseded");
    house.idle().await;
    assert_eq!(house.sent().len(), 2);
    assert_eq!(house.conversation().await.status(), ConversationStatus::Closed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_renames_to_one_name_at_once_one_is_refused() {
    let house = House::new().await;
    let (mut ids, client) = (Vec::new(), || LabelServiceClient::new(house.as_role(Role::Manager)));
    for name in ["a", "b"] {
        ids.push(label(house.agent(), name, LabelColor::Gray).await.unwrap().id);
    }
    for round in 0..8 {
        let rename = async |id: &str| {
            let request = UpdateLabelRequest { id: id.to_owned(), name: format!("Tên {round}"), color: 1 };
            client().update_label(request).await
        };
        let (one, two) = tokio::join!(rename(&ids[0]), rename(&ids[1]));
        let refused = one.err().into_iter().chain(two.err()).map(|error| Problem::from(&error).code);
        assert_eq!(refused.collect::<Vec<_>>(), ["name_in_use"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_member_looks_after_a_conversation() {
    let (house, id) = quiet_house().await;
    let (me, colleague) = (new_id(), new_id().to_string());
    house.meta.members.lock().unwrap().push(colleague.clone());
    let assign =
        |to: &str| UpdateConversationRequest { assignee: Some(Assignee { user_id: to.to_owned() }), ..change(&id) };
    let given = update(house.agent(), assign(&colleague)).await.unwrap();
    assert_eq!(given.assignee_id, colleague);
    for stranger in [new_id().to_string(), "nobody".to_owned()] {
        let error = update(house.agent(), assign(&stranger)).await.unwrap_err();
        assert_eq!(fields(&error), named("assignee_id", "unknown_member"));
    }
    // What is absent stays.
    assert_eq!(update(house.agent(), change(&id)).await.unwrap().assignee_id, colleague);
    house.meta.members_down.store(true, Ordering::SeqCst);
    let mine = update(house.as_user(me, Role::Agent), assign(&me.to_string())).await.unwrap();
    assert_eq!(mine.assignee_id, me.to_string(), "who takes it is a member");
    assert_eq!(update(house.agent(), assign(&colleague)).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(update(house.agent(), assign("")).await.unwrap().assignee_id, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_are_put_on_renamed_and_taken_away() {
    let (house, id) = quiet_house().await;
    let vip = label(house.agent(), " Khách quen ", LabelColor::Orange).await.unwrap();
    assert_eq!(vip.name, "Khách quen");
    let error = label(house.agent(), "KHÁCH QUEN", LabelColor::Red).await.unwrap_err();
    assert_eq!((error.code(), Problem::from(&error).code.as_str()), (Code::AlreadyExists, "name_in_use"));
    // Marks count, and one word may be written in two ways of Unicode.
    let bare = label(house.agent(), "Khach quen", LabelColor::Gray).await.unwrap();
    let decomposed = label(house.agent(), "Kha\u{301}ch quen", LabelColor::Gray).await.unwrap_err();
    assert_eq!(decomposed.code(), Code::AlreadyExists);
    let wrong = label(house.agent(), &"x".repeat(41), LabelColor::Unspecified).await.unwrap_err();
    assert_eq!(fields(&wrong), [named("name", "too_long"), named("color", "required")].concat());

    let put = |ids: &[&str]| UpdateConversationRequest {
        labels: Some(Labels { ids: ids.iter().map(|id| (*id).to_owned()).collect() }),
        ..change(&id)
    };
    let shown = update(house.agent(), put(&[&vip.id, &bare.id, &vip.id])).await.unwrap();
    let names: Vec<&str> = shown.labels.iter().map(|label| label.name.as_str()).collect();
    assert_eq!(names, ["Khach quen", "Khách quen"]);
    for unknown in [new_id().to_string(), "x".to_owned()] {
        let error = update(house.agent(), put(&[&unknown])).await.unwrap_err();
        assert_eq!(fields(&error), named("label_ids", "unknown_label"));
    }
    assert_eq!(house.conversation().await.labels.len(), 2, "what was refused changed nothing");

    let before = house.events(0).await.current_seq;
    let mut manager = LabelServiceClient::new(house.as_role(Role::Manager));
    let renamed =
        |name: &str| UpdateLabelRequest { id: vip.id.clone(), name: name.to_owned(), color: LabelColor::Blue.into() };
    assert_eq!(manager.update_label(renamed("khach quen")).await.unwrap_err().code(), Code::AlreadyExists);
    let vip = manager.update_label(renamed("Khách VIP")).await.unwrap().into_inner();
    assert_eq!(house.conversation().await.labels[1], vip);
    manager.delete_label(DeleteLabelRequest { id: bare.id.clone() }).await.unwrap();
    assert_eq!(house.conversation().await.labels, std::slice::from_ref(&vip));
    assert_eq!(manager.delete_label(DeleteLabelRequest { id: bare.id }).await.unwrap_err().code(), Code::NotFound);
    let told = house.events(before).await.items;
    assert_eq!(told.iter().filter(|event| event.r#type() == EventType::ConversationUpdated).count(), 2);
    let all = manager.list_labels(ListLabelsRequest {}).await.unwrap().into_inner().items;
    assert_eq!(all, std::slice::from_ref(&vip));

    let mut agent = LabelServiceClient::new(house.agent());
    let request = UpdateLabelRequest { id: vip.id.clone(), name: "x".to_owned(), color: 1 };
    assert_eq!(agent.update_label(request.clone()).await.unwrap_err().code(), Code::PermissionDenied);
    let mut stranger = LabelServiceClient::new(house.stranger());
    assert!(stranger.list_labels(ListLabelsRequest {}).await.unwrap().into_inner().items.is_empty());
    assert_eq!(stranger.update_label(request).await.unwrap_err().code(), Code::NotFound);
    let gone = stranger.delete_label(DeleteLabelRequest { id: vip.id }).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_business_has_so_many_labels_and_no_more() {
    let (house, _) = quiet_house().await;
    sqlx::query(
        "insert into inbox.labels (tenant_id, id, name, name_key, color)
         select $1, gen_random_uuid(), 'l' || n, 'l' || n, 'red' from generate_series(1, 100) n",
    )
    .bind(house.shop.tenant.0)
    .execute(&house.admin)
    .await
    .unwrap();
    let error = label(house.agent(), "one more", LabelColor::Red).await.unwrap_err();
    assert_eq!(Problem::from(&error).code, "too_many_labels");
    let all = LabelServiceClient::new(house.agent()).list_labels(ListLabelsRequest {}).await.unwrap();
    assert_eq!(all.into_inner().items.len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_are_for_colleagues_and_go_by_their_author() {
    let house = House::new().await;
    house.writes("c1", "một").await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    let id = house.conversation().await.id;
    let (me, other) = (new_id(), new_id());
    let mut mine = NoteServiceClient::new(house.as_user(me, Role::Agent));
    let mut others = NoteServiceClient::new(house.as_user(other, Role::Agent));
    let add = |text: &str| AddNoteRequest { conversation_id: id.clone(), text: text.to_owned() };
    let first = mine.add_note(add(" Khách khó tính ")).await.unwrap().into_inner();
    assert_eq!((first.text.as_str(), first.author_id.as_str()), ("Khách khó tính", me.to_string().as_str()));
    let second = others.add_note(add("gọi lại")).await.unwrap().into_inner();
    let third = others.add_note(add("đã gọi")).await.unwrap().into_inner();
    assert_eq!(house.conversation().await.note_count, 3);
    let list = |cursor: String, limit| ListNotesRequest { conversation_id: id.clone(), cursor, limit };
    let page = mine.list_notes(list(String::new(), 2)).await.unwrap().into_inner();
    assert_eq!(page.items, [third.clone(), second.clone()]);
    let rest = mine.list_notes(list(page.next_cursor, 2)).await.unwrap().into_inner();
    assert_eq!((rest.items.as_slice(), rest.next_cursor.as_str()), ([first.clone()].as_slice(), ""));

    let remove = |note: &Note| DeleteNoteRequest { conversation_id: id.clone(), id: note.id.clone() };
    assert_eq!(mine.delete_note(remove(&second)).await.unwrap_err().code(), Code::PermissionDenied);
    others.delete_note(remove(&second)).await.unwrap();
    assert_eq!(others.delete_note(remove(&second)).await.unwrap_err().code(), Code::NotFound);
    NoteServiceClient::new(house.as_role(Role::Manager)).delete_note(remove(&third)).await.unwrap();
    assert_eq!(house.conversation().await.note_count, 1);
    for wrong in ["", " \n", &"x".repeat(4001)] {
        let code = if wrong.len() > 10 { "too_long" } else { "required" };
        assert_eq!(fields(&mine.add_note(add(wrong)).await.unwrap_err()), named("text", code));
    }

    // Never to the assistant, never to the customer.
    house.writes("c1", "hai").await;
    house.see("an answer", |all| all.len() == 4 && all[3].status() == MessageStatus::Sent).await;
    assert!(!format!("{:?}", house.asked()).contains("khó tính"));
    assert!(!format!("{:?}", house.sent()).contains("khó tính"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anothers_conversation_is_not_found_and_who_only_reads_changes_nothing() {
    let (house, id) = quiet_house().await;
    let note = AddNoteRequest { conversation_id: id.clone(), text: "mine".to_owned() };
    let note = NoteServiceClient::new(house.agent()).add_note(note).await.unwrap().into_inner();
    let message = house.messages(&id).await[0].id.clone();
    for (client, code) in [(house.stranger(), Code::NotFound), (house.as_role(Role::Viewer), Code::PermissionDenied)] {
        let conversation_id = id.clone();
        let mut conversations = ConversationServiceClient::new(client.clone());
        let mut notes = NoteServiceClient::new(client.clone());
        let mut messages = message_service_client::MessageServiceClient::new(client.clone());
        let codes = [
            update(client.clone(), change(&id)).await.map(drop),
            conversations.mark_read(MarkReadRequest { conversation_id: id.clone() }).await.map(drop),
            conversations.mark_unread(MarkUnreadRequest { conversation_id: id.clone() }).await.map(drop),
            notes.add_note(AddNoteRequest { conversation_id: id.clone(), text: "x".to_owned() }).await.map(drop),
            notes.delete_note(DeleteNoteRequest { conversation_id: id.clone(), id: note.id.clone() }).await.map(drop),
            messages
                .retry_message(RetryMessageRequest { conversation_id, message_id: message.clone() })
                .await
                .map(drop),
        ]
        .map(|answer| answer.unwrap_err().code());
        assert_eq!(codes, [code; 6]);
    }
    assert_eq!(
        label(house.as_role(Role::Viewer), "x", LabelColor::Red).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let list = ListNotesRequest { conversation_id: id.clone(), ..Default::default() };
    let mut stranger = NoteServiceClient::new(house.stranger());
    assert_eq!(stranger.list_notes(list.clone()).await.unwrap_err().code(), Code::NotFound);
    let mut viewer = NoteServiceClient::new(house.as_role(Role::Viewer));
    assert_eq!(viewer.list_notes(list).await.unwrap().into_inner().items, [note]);
}
