//! What Meta's own record of a conversation says of a message of which nobody knows whether it went out.
//!
//! Meta's record names no metadata, so a message is known by what it says and when. What that proves:
//! a business's message with the same words (blanks and Unicode's composed forms aside) or the same kinds of files, made within the time
//! of our sending, whose id no other message has, is taken for ours. That a person wrote the very same words in Meta's own apps in that
//! time, and that ours did not go out, cannot be told apart; then ours counts as sent, and the customer has the words once, not twice.
//! Of two of ours with the same words either may be found. Should Meta name the other one (in its answer, or in an echo's metadata), that one
//! has the id, and what was found is looked for again.
//! That it did *not* go out is proven when a record that reaches back before our sending, or to the beginning of the conversation (one that
//! just ends proves nothing: Meta need not keep everything), and has a message that we know, has no
//! business's message of that time that nobody here knows, whatever its words (Meta may show ours with others), twice. A record that lags
//! behind for longer than the wait before it and the pause between would disprove that; nothing Meta says rules it out.
//! What looks like ours and does not fit, because of its time or because an echo that was not known for ours has it, proves neither.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use unicode_normalization::UnicodeNormalization as _;

use super::{Attachment, Message};

/// How far Meta's time of a message may be before ours of its sending: clocks differ, and Meta counts whole seconds.
const BEFORE: TimeDelta = TimeDelta::seconds(5);
/// And after.
const AFTER: TimeDelta = TimeDelta::minutes(10);

/// A message as Meta keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Meta's id.
    pub mid: String,
    /// The business wrote it, not the customer.
    pub is_from_business: bool,
    /// Maybe empty.
    pub text: String,
    /// Meta's time.
    pub at: DateTime<Utc>,
    /// In Meta's order.
    pub attachments: Vec<Attachment>,
}

/// Which of our messages has one of Meta's ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// One that was sent from here, or the customer's.
    Certain,
    /// One that only an echo told us of, and that was taken for somebody else's.
    Echo,
}

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding<'a> {
    /// This is ours: it went out.
    Found(&'a Kept),
    /// There is nothing like it.
    Absent,
    /// Something looks like it and may be it, or not.
    Doubtful,
    /// The record ends too early to say, or has what nobody here knows yet.
    Short,
}

/// A text for comparing: composed, with single blanks and none around it.
#[must_use]
pub fn plain(text: &str) -> String {
    let composed: String = text.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How far back a record must reach for a message that was handed over then.
#[must_use]
pub fn reach(sending_at: DateTime<Utc>) -> DateTime<Utc> {
    sending_at - BEFORE
}

/// Whether a message was made when one that was handed over then would have been.
#[must_use]
pub fn is_in_time(kept: &Kept, sending_at: DateTime<Utc>) -> bool {
    reach(sending_at) <= kept.at && kept.at <= sending_at + AFTER
}

/// Looks for our message, handed over at `sending_at`, in what Meta keeps. `holders` says which of the ids are known. `is_whole` when
/// the record has everything since [`reach`], or the conversation's first message.
#[must_use]
pub fn search<'a>(
    ours: &Message,
    sending_at: DateTime<Utc>,
    record: &'a [Kept],
    holders: &HashMap<String, Holder>,
    is_whole: bool,
) -> Finding<'a> {
    let words = plain(&ours.content);
    let (mut is_doubtful, mut is_unclear) = (false, false);
    let mut found: Option<&Kept> = None;
    for kept in record.iter().filter(|kept| kept.is_from_business) {
        let in_time = is_in_time(kept, sending_at);
        if plain(&kept.text) != words {
            // A colleague's whose echo is under way, or ours as Meta shows it: nothing is proven before it is known.
            is_unclear |= in_time && !holders.contains_key(&kept.mid);
            continue;
        }
        match holders.get(&kept.mid) {
            Some(Holder::Certain) => {}
            None if in_time && ours.is_shown_as(&kept.attachments) => {
                // Of two that fit, the first is likelier.
                if found.is_none_or(|best| kept.at < best.at) {
                    found = Some(kept);
                }
            }
            // Long ago somebody else said the same.
            Some(Holder::Echo) if !in_time => {}
            // Also when only its time does not fit: a clock may have jumped.
            None | Some(Holder::Echo) => is_doubtful = true,
        }
    }
    // A record of which we know nothing is not the conversation's, or not all of it.
    let is_familiar = record.iter().any(|kept| holders.contains_key(&kept.mid));
    match found {
        Some(kept) => Finding::Found(kept),
        None if is_doubtful => Finding::Doubtful,
        None if is_whole && is_familiar && !is_unclear => Finding::Absent,
        None => Finding::Short,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Rich;
    use crate::model::message::tests::message;

    fn sent() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap()
    }

    fn kept(mid: &str, text: &str, seconds: i64) -> Kept {
        Kept {
            mid: mid.to_owned(),
            is_from_business: true,
            text: text.to_owned(),
            at: sent() + TimeDelta::seconds(seconds),
            attachments: Vec::new(),
        }
    }

    fn file(kind: &str) -> Attachment {
        Attachment { kind: kind.to_owned(), url: String::new(), title: String::new() }
    }

    fn ours(text: &str) -> Message {
        Message { content: text.to_owned(), ..message() }
    }

    fn held(mids: &[(&str, Holder)]) -> HashMap<String, Holder> {
        mids.iter().map(|(mid, holder)| ((*mid).to_owned(), *holder)).collect()
    }

    fn mid(finding: Finding<'_>) -> Option<String> {
        match finding {
            Finding::Found(kept) => Some(kept.mid.clone()),
            _ => None,
        }
    }

    #[test]
    fn the_same_words_at_that_time_are_ours_however_they_are_composed() {
        let record = [kept("m2", " Da\u{323}  chào\nanh ", 1), kept("m1", "Dạ chào", 0)];
        assert_eq!(mid(search(&ours("Dạ chào anh"), sent(), &record, &HashMap::new(), true)), Some("m2".to_owned()));
        let mut customer = kept("m3", "Dạ chào anh", 1);
        customer.is_from_business = false;
        let customer = [customer];
        let find = |holders| search(&ours("Dạ chào anh"), sent(), &customer, &holders, true);
        assert_eq!(find(held(&[("m3", Holder::Certain)])), Finding::Absent);
        assert_eq!(find(HashMap::new()), Finding::Short, "a record of which we know nothing");
    }

    #[test]
    fn what_another_message_has_is_not_ours_and_an_echo_nobody_knew_leaves_it_open() {
        let record = [kept("m1", "ok", 1)];
        let find = |holder| search(&ours("ok"), sent(), &record, &held(&[("m1", holder)]), true);
        assert_eq!((find(Holder::Certain), find(Holder::Echo)), (Finding::Absent, Finding::Doubtful));
        let old = [kept("m1", "ok", -3600)];
        let find = |holders| search(&ours("ok"), sent(), &old, &holders, true);
        assert_eq!(find(held(&[("m1", Holder::Echo)])), Finding::Absent);
        assert_eq!(find(HashMap::new()), Finding::Doubtful, "a clock may have jumped");
    }

    #[test]
    fn files_and_cards_are_known_by_their_kinds() {
        let mut picture = ours("");
        picture.attachments = vec![file("image")];
        let mut record = [kept("m1", "", 1)];
        assert_eq!(search(&picture, sent(), &record, &HashMap::new(), true), Finding::Doubtful);
        record[0].attachments = vec![file("image")];
        assert_eq!(mid(search(&picture, sent(), &record, &HashMap::new(), true)), Some("m1".to_owned()));
        let cards = vec![crate::model::Card { title: "Áo".into(), subtitle: String::new(), image_url: String::new() }];
        let shelf = Message { rich: Some(Rich { cards, quick_replies: Vec::new() }), ..ours("") };
        assert_eq!(search(&shelf, sent(), &record, &HashMap::new(), true), Finding::Doubtful);
        record[0].attachments = vec![file("template")];
        assert_eq!(mid(search(&shelf, sent(), &record, &HashMap::new(), true)), Some("m1".to_owned()));
    }

    #[test]
    fn a_record_that_ends_too_early_says_nothing() {
        assert_eq!(search(&ours("ok"), sent(), &[], &HashMap::new(), true), Finding::Short);
        let record = [kept("m1", "no", 1)];
        let find = |is_whole| search(&ours("ok"), sent(), &record, &held(&[("m1", Holder::Certain)]), is_whole);
        assert_eq!((find(false), find(true)), (Finding::Short, Finding::Absent));
    }

    proptest! {
        /// Meta may show ours with other words: while nobody here knows a message of that time, nothing is absent.
        #[test]
        fn what_nobody_knows_is_never_proof_whatever_it_says(text in ".{0,12}", seconds in -5_i64..=600, is_whole in any::<bool>()) {
            let record = [kept("m1", "before", -60), kept("ours", &text, seconds)];
            let finding = search(&ours("ok"), sent(), &record, &held(&[("m1", Holder::Certain)]), is_whole);
            prop_assert!(finding != Finding::Absent, "{finding:?}");
            let known = held(&[("m1", Holder::Certain), ("ours", Holder::Certain)]);
            let finding = search(&ours("ok"), sent(), &record, &known, true);
            prop_assert!(finding == Finding::Absent, "{finding:?}");
        }

        /// Whatever else is kept: what is there is never called absent, and what another message has is never taken.
        #[test]
        fn what_is_there_is_never_called_absent(
            others in prop::collection::vec((0_usize..4, 0_usize..3, -900_i64..900, 0_usize..3), 0..8),
            place in 0_usize..9, seconds in -4_i64..590, is_there in any::<bool>(), jump in -7200_i64..7200, is_whole in any::<bool>(),
        ) {
            let mids = ["a", "b", "c", "d"];
            let texts = ["ok", "Dạ  ok", "không"];
            let mut holders = HashMap::new();
            let mut record: Vec<Kept> = Vec::new();
            for (mid, text, at, holder) in others {
                record.push(kept(mids[mid], texts[text], at));
                match holder {
                    0 => { holders.insert(mids[mid].to_owned(), Holder::Certain); }
                    1 => { holders.insert(mids[mid].to_owned(), Holder::Echo); }
                    _ => {}
                }
            }
            if is_there {
                record.insert(place.min(record.len()), kept("ours", "ok ", seconds));
            }
            // With a clock that jumped between, too.
            let finding = search(&ours("ok"), sent() + TimeDelta::seconds(jump), &record, &holders, is_whole);
            prop_assert!(!is_there || !matches!(finding, Finding::Absent | Finding::Short), "{finding:?}");
            if let Finding::Found(kept) = finding {
                prop_assert!(!holders.contains_key(&kept.mid) && plain(&kept.text) == "ok");
            }
            if finding == Finding::Absent {
                prop_assert!(is_whole);
            }
        }
    }
}
