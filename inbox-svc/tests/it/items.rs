//! The journal as owners and managers see it, and what is worked off again.

use chatdesk_platform::{Problem, Role};
use chatdesk_proto::inbox::v1::journal_service_client::JournalServiceClient;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::Platform;
use prost_types::Timestamp;
use serde_json::json;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::house::{House, event, message, now_ms, page, until};

async fn quiet() -> House {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house
}

fn in_seconds(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: now_ms() / 1000 + seconds, nanos: 0 })
}

async fn list(house: &House, request: ListItemsRequest) -> ListItemsResponse {
    let client = &mut JournalServiceClient::new(house.as_role(Role::Manager));
    client.list_items(request).await.unwrap().into_inner()
}

async fn redrive(house: &House, request: RedriveRequest) -> Result<u32, Status> {
    let client = &mut JournalServiceClient::new(house.as_role(Role::Owner));
    Ok(client.redrive(request).await?.into_inner().count)
}

/// Waits until an item was worked off again, and gives it.
async fn redriven(house: &House, id: &str) -> JournalItem {
    until("the item to be worked off again", || async {
        let client = &mut JournalServiceClient::new(house.as_role(Role::Manager));
        let item = client.get_item(GetItemRequest { id: id.to_owned() }).await.unwrap().into_inner();
        item.redriven_at.is_some().then_some(item)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_tells_of_every_item_what_became_of_it() {
    let house = quiet().await;
    let at = now_ms();
    let items = vec![
        message("c1", "m1", "one", at),
        message("c1", "m1", "one", at),
        event("c1", "reaction", json!({"mid": "m1", "action": "react", "emoji": "❤"}), at),
        event("c1", "optin", json!({"type": "x"}), at),
        event("c1", "message_edit", json!({"mid": "never", "text": "x", "num_edit": 1}), at),
    ];
    let posted = house.post(Platform::Facebook, &page(&house.shop, items)).await;
    house.ingested().await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = list(&house, ListItemsRequest { cursor, limit: 2, ..Default::default() }).await;
        seen.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    let told: Vec<_> = seen.iter().map(|item| (item.kind.as_str(), item.outcome(), item.reason.as_str())).collect();
    let want = [
        ("message_edit", ItemOutcome::Parked, ""),
        ("optin", ItemOutcome::Ignored, "optin"),
        ("reaction", ItemOutcome::Status, ""),
        ("message", ItemOutcome::Deduplicated, ""),
        ("message", ItemOutcome::Stored, ""),
    ];
    assert_eq!(told, want, "newest first");
    assert!(seen.iter().all(|item| item.raw.is_empty() && item.can_redrive && item.redriven_at.is_none()));
    let conversation = house.conversation().await;
    let message = &house.messages(&conversation.id).await[0].id;
    for item in [&seen[2], &seen[4]] {
        assert_eq!((&item.message_id, &item.conversation_id), (message, &conversation.id));
    }
    let client = &mut JournalServiceClient::new(house.as_role(Role::Manager));
    let one = client.get_item(GetItemRequest { id: format!("{posted}.0") }).await.unwrap().into_inner();
    assert_eq!((&one.id, one.raw.contains("\"one\"")), (&seen[4].id, true));
    for (request, count) in [
        (ListItemsRequest { outcome: ItemOutcome::Parked.into(), ..Default::default() }, 1),
        (ListItemsRequest { outcome: ItemOutcome::Stored.into(), ..Default::default() }, 1),
        (ListItemsRequest { channel_id: house.shop.facebook.0.to_string(), ..Default::default() }, 5),
        (ListItemsRequest { channel_id: house.shop.instagram.0.to_string(), ..Default::default() }, 0),
        (ListItemsRequest { from: in_seconds(-3600), to: in_seconds(3600), ..Default::default() }, 5),
        (ListItemsRequest { to: in_seconds(-3600), ..Default::default() }, 0),
        (ListItemsRequest { from: in_seconds(3600), outcome: ItemOutcome::Parked.into(), ..Default::default() }, 0),
    ] {
        assert_eq!(list(&house, request.clone()).await.items.len(), count, "{request:?}");
    }
    let request = SummarizeJournalRequest { from: in_seconds(-3600), to: in_seconds(3600) };
    let summary = client.summarize_journal(request).await.unwrap().into_inner();
    let counts: Vec<_> = summary.outcomes.iter().map(|count| (count.outcome(), count.count)).collect();
    let one = |outcome| (outcome, 1);
    let want = [
        ItemOutcome::Deduplicated,
        ItemOutcome::Ignored,
        ItemOutcome::Parked,
        ItemOutcome::Status,
        ItemOutcome::Stored,
    ];
    assert_eq!(counts, want.map(one));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_summary_tells_what_each_channel_missed() {
    let house = quiet().await;
    // One of before, that nobody compares any more.
    let channel = chatdesk_platform::new_id();
    sqlx::query(
        "insert into inbox.channel_sync (tenant_id, channel_id, connected_at, checked_at, history_count, recovered_count, last_error)
         values ($1, $2, now(), now(), 40, 2, 'why')",
    )
    .bind(house.shop.tenant.0)
    .bind(channel)
    .execute(&house.admin)
    .await
    .unwrap();
    let client = &mut JournalServiceClient::new(house.as_role(Role::Manager));
    let channels = client.summarize_journal(SummarizeJournalRequest::default()).await.unwrap().into_inner().channels;
    let sync = channels.iter().find(|sync| sync.channel_id == channel.to_string()).unwrap();
    assert_eq!((sync.history_count, sync.recovered_count, sync.synced_to), (40, 2, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_is_worked_off_again_when_what_was_wrong_is_mended_and_only_once() {
    let house = House::new().await;
    house.sql("alter table inbox.messages add constraint no_poison check (content <> 'poison')").await;
    let posted =
        house.post(Platform::Facebook, &page(&house.shop, vec![message("c1", "m1", "poison", now_ms())])).await;
    house.ingested().await;
    let failed =
        list(&house, ListItemsRequest { outcome: ItemOutcome::Failed.into(), ..Default::default() }).await.items;
    assert_eq!((failed.len(), failed[0].reason.is_empty()), (1, false));
    house.sql("alter table inbox.messages drop constraint no_poison").await;
    let request = RedriveRequest { id: failed[0].id.clone(), ..Default::default() };
    assert_eq!(redrive(&house, request.clone()).await.unwrap(), 1);
    let item = redriven(&house, &failed[0].id).await;
    assert_eq!((item.outcome(), item.reason.as_str(), item.message_id.is_empty()), (ItemOutcome::Stored, "", false));
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    let first = item.redriven_at;
    redrive(&house, request).await.unwrap();
    let item = until("the second time", || async {
        let item = redriven(&house, &format!("{posted}.0")).await;
        (item.redriven_at != first).then_some(item)
    })
    .await;
    assert_eq!(item.outcome(), ItemOutcome::Stored, "its message is there, and still its");
    house.idle().await;
    assert_eq!((house.messages(&house.conversation().await.id).await.len(), house.sent().len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_is_worked_off_again_without_anything_twice() {
    let house = quiet().await;
    let at = now_ms();
    let reaction = |mid: &str| event("c1", "reaction", json!({"mid": mid, "action": "react", "emoji": "❤"}), at);
    let mut items: Vec<_> = (0..130).map(|n| message("c1", &format!("m{n}"), &format!("text {n}"), at + n)).collect();
    items.extend((0..130).map(|n| reaction(&format!("m{n}"))));
    items.push(event("c1", "read", json!({"watermark": at}), at));
    house.post(Platform::Facebook, &page(&house.shop, items)).await;
    house.post(Platform::Facebook, &page(&house.shop, vec![reaction("never")])).await;
    house.ingested().await;
    let rows = async || -> Vec<(String, Option<String>)> {
        sqlx::query_as("select mid || content, reactions::text from inbox.messages order by mid")
            .fetch_all(&house.admin)
            .await
            .unwrap()
    };
    let outcomes = async || -> Vec<(String, i64)> {
        sqlx::query_as("select outcome, count(*) from inbox.webhook_items group by outcome order by outcome")
            .fetch_all(&house.admin)
            .await
            .unwrap()
    };
    let (before, became) = (rows().await, outcomes().await);
    let period = RedriveRequest { from: in_seconds(-3600), to: in_seconds(3600), ..Default::default() };
    assert_eq!(redrive(&house, period.clone()).await.unwrap(), 132, "what is stored is left alone");
    let stored = RedriveRequest { outcome: ItemOutcome::Stored.into(), ..period };
    assert_eq!(redrive(&house, stored).await.unwrap(), 130);
    until("all to be worked off again", || async {
        let open: i64 = sqlx::query_scalar("select count(*) from inbox.webhook_items where redriven_at is null")
            .fetch_one(&house.admin)
            .await
            .unwrap();
        (open == 0).then_some(())
    })
    .await;
    house.idle().await;
    assert_eq!((rows().await, outcomes().await), (before, became));
    assert_eq!(house.conversation().await.unread_count, 130);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_older_version_left_waiting_is_worked_off_by_itself() {
    let house = quiet().await;
    house.writes("c1", "one").await;
    house.ingested().await;
    let mid = house.messages(&house.conversation().await.id).await[0].platform_message_id.clone();
    let raw = event("c1", "reaction", json!({"mid": mid, "action": "react", "emoji": "❤"}), now_ms()).to_string();
    let comment = json!({"field": "feed", "value": {}}).to_string();
    let left = chatdesk_platform::new_id();
    for (index, kind, section, item) in [
        (0, "reaction", "messaging", raw),
        (1, "changes.feed", "changes", comment),
        (2, "read", "messaging", String::new()),
    ] {
        sqlx::query(
            "insert into inbox.webhook_items (tenant_id, event_id, index, channel_id, kind, outcome, key, section, item, created_at)
             values ($1, $2, $3, $4, $5, 'waiting', 'k', $6, $7, now())",
        )
        .bind(house.shop.tenant.0)
        .bind(left)
        .bind(index)
        .bind(house.shop.facebook.0)
        .bind(kind)
        .bind(section)
        .bind(item)
        .execute(&house.admin)
        .await
        .unwrap();
    }
    let done = redriven(&house, &format!("{left}.0")).await;
    assert_eq!(done.outcome(), ItemOutcome::Status);
    assert_eq!(redriven(&house, &format!("{left}.1")).await.outcome(), ItemOutcome::Ignored);
    assert_eq!(house.messages(&house.conversation().await.id).await[0].reactions.len(), 1);
    let kept: String = sqlx::query_scalar("select outcome from inbox.webhook_items where event_id = $1 and index = 2")
        .bind(left)
        .fetch_one(&house.admin)
        .await
        .unwrap();
    assert_eq!(kept, "waiting", "what Meta sent is gone, so nobody can say");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_parked_in_the_moment_its_message_was_stored_is_found_by_the_sweeper() {
    let house = quiet().await;
    house.writes("c1", "one").await;
    house.ingested().await;
    let mid = house.messages(&house.conversation().await.id).await[0].platform_message_id.clone();
    let raw = event("c1", "reaction", json!({"mid": mid, "action": "react", "emoji": "❤"}), now_ms()).to_string();
    let left = chatdesk_platform::new_id();
    sqlx::query(
        "insert into inbox.webhook_items (tenant_id, event_id, index, channel_id, kind, outcome, waits_for, key, item, created_at)
         values ($1, $2, 0, $3, 'reaction', 'parked', $4, 'k', $5, now())",
    )
    .bind(house.shop.tenant.0)
    .bind(left)
    .bind(house.shop.facebook.0)
    .bind(mid)
    .bind(raw)
    .execute(&house.admin)
    .await
    .unwrap();
    assert_eq!(redriven(&house, &format!("{left}.0")).await.outcome(), ItemOutcome::Status);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_parked_in_the_moment_its_conversation_began_is_found_by_the_sweeper() {
    let house = quiet().await;
    house.writes("c1", "one").await;
    house.ingested().await;
    let raw = event("c1", "read", json!({"watermark": now_ms()}), now_ms()).to_string();
    let left = chatdesk_platform::new_id();
    sqlx::query(
        "insert into inbox.webhook_items (tenant_id, event_id, index, channel_id, kind, outcome, waits_for, key, item, created_at)
         values ($1, $2, 0, $3, 'read', 'parked', 'contact:c1', 'k', $4, now())",
    )
    .bind(house.shop.tenant.0)
    .bind(left)
    .bind(house.shop.facebook.0)
    .bind(raw)
    .execute(&house.admin)
    .await
    .unwrap();
    assert_eq!(redriven(&house, &format!("{left}.0")).await.outcome(), ItemOutcome::Status);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_is_its_own_businesss_and_its_managers() {
    let house = quiet().await;
    let posted = house.post(Platform::Facebook, &page(&house.shop, vec![message("c1", "m1", "one", now_ms())])).await;
    house.ingested().await;
    let id = format!("{posted}.0");
    let stranger = &mut JournalServiceClient::new(house.stranger());
    assert!(stranger.list_items(ListItemsRequest::default()).await.unwrap().into_inner().items.is_empty());
    for id in [id.as_str(), "x", "x.0", &format!("{posted}.9"), &format!("{}.0", Uuid::nil())] {
        let request = RedriveRequest { id: id.to_owned(), ..Default::default() };
        let error = stranger.redrive(request).await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::NotFound, "item not found"));
        assert_eq!(stranger.get_item(GetItemRequest { id: id.to_owned() }).await.unwrap_err().code(), Code::NotFound);
    }
    let period = RedriveRequest {
        from: in_seconds(-60),
        to: in_seconds(60),
        outcome: ItemOutcome::Stored.into(),
        ..Default::default()
    };
    assert_eq!(stranger.redrive(period).await.unwrap().into_inner().count, 0);
    let agent = &mut JournalServiceClient::new(house.agent());
    assert_eq!(agent.list_items(ListItemsRequest::default()).await.unwrap_err().code(), Code::PermissionDenied);
    let request = RedriveRequest { id: id.clone(), ..Default::default() };
    assert_eq!(agent.redrive(request.clone()).await.unwrap_err().code(), Code::PermissionDenied);
    house.sql("update inbox.webhook_items set item = ''").await;
    let error = redrive(&house, request).await.unwrap_err();
    assert_eq!((error.code(), Problem::from(&error).code.as_str()), (Code::FailedPrecondition, "not_kept"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_journal_cannot_read_is_all_named() {
    let house = quiet().await;
    let client = &mut JournalServiceClient::new(house.as_role(Role::Owner));
    let fields = |error: Status| -> Vec<String> {
        Problem::from(&error).fields.into_iter().map(|field| format!("{} {}", field.field, field.code)).collect()
    };
    let request = ListItemsRequest {
        cursor: "%".to_owned(),
        limit: 201,
        outcome: 99,
        channel_id: "x".to_owned(),
        from: Some(Timestamp { seconds: i64::MAX, nanos: 0 }),
        to: None,
    };
    let error = client.list_items(request).await.unwrap_err();
    let want =
        ["cursor malformed", "limit out_of_range", "outcome unknown_value", "channel_id malformed", "from malformed"];
    assert_eq!(fields(error), want);
    let error = client.redrive(RedriveRequest::default()).await.unwrap_err();
    assert_eq!(fields(error), ["from required", "to required"]);
    for (from, to) in [(0, 0), (60, 0), (-32 * 86_400, 0)] {
        let (from, to) = (in_seconds(from), in_seconds(to));
        let request = RedriveRequest { from, to, ..Default::default() };
        assert_eq!(fields(client.redrive(request).await.unwrap_err()), ["to out_of_range"]);
        let error = client.summarize_journal(SummarizeJournalRequest { from, to }).await.unwrap_err();
        assert_eq!(fields(error), ["to out_of_range"]);
    }
}
