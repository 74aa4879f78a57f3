//! How a conversation's rules hold together.

use proptest::prelude::*;

use super::*;

pub(crate) fn thread(now: DateTime<Utc>) -> Thread {
    Thread {
        id: Uuid::nil(),
        channel_id: Uuid::nil(),
        contact_id: Uuid::nil(),
        platform: Platform::Facebook,
        status: ConversationStatus::Open,
        ai: Ai::switched(true),
        unread: 0,
        last_message_at: now,
        last_message_id: None,
        last_opening_at: None,
        last_arrival: 0,
        answered_arrival: 0,
        human_arrival: 0,
        history_arrival: 0,
        reply_first_at: None,
        reply_due_at: None,
        drafts_dropped: 0,
        stale_drops: 0,
        created_at: now,
        assignee: None,
        note_count: 0,
        delivered_to: None,
        read_to: None,
        owner_app: String::new(),
        owner_at: None,
        source: None,
        source_at: None,
        forgotten_to: None,
    }
}

#[derive(Debug, Clone)]
enum Event {
    Customer(i64),
    Person(i64),
    Answered,
    HandOver,
    Switch(bool),
    Close,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (0_i64..200_000).prop_map(Event::Customer),
        (0_i64..200_000).prop_map(Event::Person),
        Just(Event::Answered),
        Just(Event::HandOver),
        any::<bool>().prop_map(Event::Switch),
        Just(Event::Close),
    ]
}

proptest! {
    #[test]
    fn a_conversation_stays_in_order(events in prop::collection::vec(event(), 0..60)) {
        let quiet = Quiet { window: TimeDelta::seconds(2), cap: TimeDelta::seconds(8) };
        let mut now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let mut thread = thread(now);
        for (at, event) in events.into_iter().enumerate() {
            now += TimeDelta::seconds(1);
            let before = thread.clone();
            let id = Uuid::from_u128(at as u128 + 1);
            match event {
                Event::Customer(ago) => {
                    let at = now - TimeDelta::seconds(ago);
                    thread.next_arrival();
                    thread.customer_wrote(at);
                    thread.added(id, at);
                    if thread.assistant_answers(now) {
                        let due = thread.owe_reply(now, &quiet);
                        prop_assert!(due <= now + quiet.window);
                    }
                    prop_assert_eq!(thread.unread, before.unread + 1);
                    prop_assert!(thread.status != ConversationStatus::Closed, "who writes again is heard again");
                }
                Event::Person(ago) => {
                    let at = now - TimeDelta::seconds(ago);
                    let arrival = thread.next_arrival();
                    thread.person_wrote(arrival, at, TimeDelta::minutes(30), now);
                    thread.added(id, at);
                    if ago < 1800 {
                        prop_assert!(thread.ai.at(now) != AiMode::Active);
                        prop_assert!(thread.reply_due_at.is_none());
                    }
                }
                Event::Answered => thread.assistant_answered(thread.last_arrival, 0),
                Event::HandOver => thread.hand_over("asks_for_person"),
                Event::Close => {
                    thread.close();
                    prop_assert_eq!((thread.unread, thread.reply_due_at), (0, None));
                    prop_assert!(thread.human_arrival > before.last_arrival || thread.last_arrival == before.human_arrival);
                    prop_assert_eq!(&thread.ai, &before.ai);
                    let mut opened = thread.clone();
                    opened.reopen();
                    if before.ai.mode == AiMode::HandedOver {
                        prop_assert_eq!(opened.status, ConversationStatus::NeedsHuman);
                    }
                    let mut written = thread.clone();
                    written.next_arrival();
                    written.customer_wrote(now);
                    let off = before.ai.mode == AiMode::Off;
                    prop_assert_eq!(written.ai.at(now), if off { AiMode::Off } else { AiMode::Active });
                }
                Event::Switch(on) => {
                    thread.switch_ai(on, now);
                    prop_assert!(!thread.switch_ai(on, now), "switching twice changes nothing");
                }
            }
            prop_assert!(thread.last_opening_at >= before.last_opening_at, "the window never moves back");
            prop_assert!(thread.last_opening_at.is_none_or(|opened| opened <= now));
            prop_assert!(thread.last_message_at >= before.last_message_at || before.last_message_id.is_none());
            prop_assert_eq!(thread.reply_first_at.is_some(), thread.reply_due_at.is_some());
            prop_assert!(thread.answered_arrival <= thread.last_arrival);
        }
    }
}

#[test]
fn what_a_copy_of_ours_did_is_undone_but_not_what_a_person_did_before() {
    let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let pause = TimeDelta::minutes(30);
    let message = |id: u128, arrival| Message {
        id: Uuid::from_u128(id),
        arrival,
        platform_at: now,
        received_at: now,
        ..crate::model::message::tests::message()
    };
    let earlier = (1, now - TimeDelta::minutes(10));
    for (last, mode) in [(None, AiMode::Active), (Some(earlier), AiMode::Paused)] {
        let mut thread = thread(now);
        thread.last_arrival = 3;
        thread.person_wrote(3, now, pause, now);
        thread.added(Uuid::from_u128(3), now);
        assert_eq!(thread.ai.at(now), AiMode::Paused);
        thread.take_back(&message(3, 3), &message(2, 2), last, pause, now);
        assert_eq!(thread.ai.at(now), mode);
        assert_eq!(thread.ai.until, last.map(|(_, at)| at + pause));
        assert_eq!((thread.human_arrival, thread.answered_arrival), (last.map_or(0, |(at, _)| at), 2));
        assert_eq!(thread.last_message_id, Some(Uuid::from_u128(2)));
    }
}

#[test]
fn an_old_echo_answers_nothing() {
    let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let mut thread = thread(now);
    thread.next_arrival();
    thread.customer_wrote(now);
    thread.added(Uuid::from_u128(1), now);
    let arrival = thread.next_arrival();
    thread.person_wrote(arrival, now - TimeDelta::hours(25), TimeDelta::minutes(30), now);
    assert_eq!((thread.unread, thread.ai.at(now)), (1, AiMode::Active));
}
