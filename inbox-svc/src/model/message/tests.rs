//! How messages' rules hold together.

use proptest::prelude::*;

use super::*;

/// A person's message that went out.
pub(crate) fn message() -> Message {
    let at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    Message {
        id: Uuid::nil(),
        conversation_id: Uuid::nil(),
        arrival: 1,
        mid: None,
        sender: SenderType::Business,
        content: String::new(),
        attachments: Vec::new(),
        status: MessageStatus::Sent,
        failure: None,
        provenance: None,
        platform_at: at,
        received_at: at,
        turn: None,
        part_no: 0,
        answers_after: 0,
        due_at: None,
        send_after: None,
        author: None,
        client_id: None,
        attachment_id: None,
        rich: None,
        sending: Sending::default(),
        origin: MessageOrigin::Live,
        context: None,
        reply_to: None,
        reactions: Vec::new(),
        edited_at: None,
        num_edit: 0,
        deleted_at: None,
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop::sample::select(Step::ALL)
}

proptest! {
    /// Whatever happens, in whatever order: it is handed to Meta again only after it certainly was not sent.
    #[test]
    fn at_most_one_copy_unless_proven_absent(steps in prop::collection::vec(step(), 0..60)) {
        let mut status = MessageStatus::Queued;
        let mut may_be_out = false;
        for step in steps {
            let Some(next) = status.step(step) else { continue };
            match step {
                Step::Dispatch => {
                    prop_assert!(!may_be_out, "a second copy");
                    may_be_out = true;
                }
                Step::PutBack | Step::Refuse => may_be_out = false,
                // Proven by Meta's own record, or said by the person who decides.
                Step::Absent | Step::Dismiss => may_be_out = false,
                Step::Prove => may_be_out = true,
                Step::Accept | Step::Lose | Step::Retry | Step::Confirm | Step::Doubt => {}
            }
            status = next;
        }
    }

    #[test]
    fn what_was_received_or_sent_stays_so_until_its_proof_is_doubted(steps in prop::collection::vec(step(), 0..20)) {
        for start in [MessageStatus::Received, MessageStatus::Sent, MessageStatus::Read] {
            let steps = steps.iter().filter(|step| start == MessageStatus::Received || **step != Step::Doubt);
            let end = steps.fold(start, |status, step| status.step(*step).unwrap_or(status));
            prop_assert_eq!(end, start);
        }
    }
}

#[test]
fn an_unknown_message_is_settled_by_proof_or_by_a_person_and_nothing_else_happens_to_it() {
    for step in Step::ALL {
        let next = match step {
            Step::Prove | Step::Confirm => Some(MessageStatus::Sent),
            Step::Absent => Some(MessageStatus::Queued),
            Step::Dismiss => Some(MessageStatus::Failed),
            _ => None,
        };
        assert_eq!(MessageStatus::Unknown.step(*step), next, "{step:?}");
    }
}

#[test]
fn what_is_doubted_is_looked_for_again() {
    for status in MessageStatus::ALL {
        let was_out = [MessageStatus::Sent, MessageStatus::Delivered, MessageStatus::Read].contains(status);
        assert_eq!(status.step(Step::Doubt), was_out.then_some(MessageStatus::Unknown), "{status:?}");
    }
}

#[test]
fn proof_of_absence_and_a_person_s_word_are_about_unknown_messages_only() {
    for status in MessageStatus::ALL.iter().filter(|status| **status != MessageStatus::Unknown) {
        for step in [Step::Absent, Step::Confirm, Step::Dismiss] {
            assert_eq!(status.step(step), None, "{status:?} {step:?}");
        }
    }
}

#[test]
fn attachments_shown_again_get_the_address_of_their_kind_and_leftovers_pair_up() {
    let file = |kind: &str, url: &str| Attachment { kind: kind.into(), url: url.into(), title: String::new() };
    let after = |ours: &[&str], shown: &[(&str, &str)]| {
        let attachments = ours.iter().map(|kind| file(kind, "old")).collect();
        let mut message = Message { attachments, ..message() };
        let shown: Vec<_> = shown.iter().map(|(kind, url)| file(kind, url)).collect();
        let any = message.show_again(&shown);
        (any, message.attachments.into_iter().map(|one| one.url).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(after(&["image", "video"], &[("video", "v"), ("image", "i")]), (true, "i v".into()));
    assert_eq!(after(&["image", "ig_reel"], &[("image", "i"), ("video", "v")]), (true, "i v".into()));
    assert_eq!(after(&["image", "video"], &[("image", "i")]), (true, "i old".into()));
    assert_eq!(after(&["image"], &[("image", "")]), (false, "old".into()));
}
