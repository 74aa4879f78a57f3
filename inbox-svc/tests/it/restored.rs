//! A database that was restored from yesterday's backup: what it held to be sent was sent since, or is no answer any more.

use chatdesk_proto::inbox::v1::MessageStatus;

use crate::house::{House, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yesterdays_backup_sends_nothing_again() {
    let house = House::with(|config| config.sweep_grace = chrono::TimeDelta::zero()).await;
    house.writes("c1", "giá bao nhiêu").await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    let conversation = house.conversation().await.id;
    for key in ["k1", "k2"] {
        house.sends(&conversation, &format!("của người {key}"), key).await.unwrap();
    }
    house.idle().await;
    let sent = house.sent().len();
    assert_eq!(sent, 3);
    // As the backup has it: one on its way to Meta, the others waiting for their turn, and none of Meta's ids known.
    house
        .sql(
            "update inbox.messages set status = case when content = 'của người k2' then 'sending' else 'queued' end, mid = null,
                 received_at = received_at - interval '1 day', platform_at = platform_at - interval '1 day',
                 due_at = due_at - interval '1 day', sending_at = now() - interval '1 day'
             where sender_type <> 'contact';
             update inbox.conversations set last_opening_at = last_opening_at - interval '1 day',
                 last_message_at = last_message_at - interval '1 day'",
        )
        .await;
    let said = until("nothing to wait for its turn", || async {
        let said = house.messages(&conversation).await;
        let waits = |status| matches!(status, MessageStatus::Queued | MessageStatus::Sending);
        (!said.iter().any(|message| waits(message.status()))).then_some(said)
    })
    .await;
    house.idle().await;
    assert_eq!(house.sent().len(), sent, "nothing goes out a second time");
    let mut ends: Vec<MessageStatus> = said.iter().map(|message| message.status()).collect();
    ends.retain(|end| *end != MessageStatus::Received);
    assert_eq!(ends.len(), 3);
    assert!(ends.iter().all(|end| matches!(end, MessageStatus::Failed | MessageStatus::Unknown)), "{ends:?}");
    assert!(ends.contains(&MessageStatus::Unknown), "{ends:?}");
}
