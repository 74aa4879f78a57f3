//! Lines around a handover: a question back after the first search that found nothing, and when somebody will be there.

use crate::guard::{asks_only, names_nothing};
use crate::hours::is_open;
use crate::intent::handover;
use crate::language::{Language, language};
use crate::model::{Business, Reason, Reply, Speaker, Turn};
use crate::text::{Kind, Token, plain, tokens};
use crate::topic;
use chrono::{DateTime, Utc};

/// What is said when nothing was found. A question that hardly says what is looked for is asked back once; the second one in a row, like one
/// that names goods which are not there, goes to a person.
#[must_use]
pub fn nothing_found(question: &str, history: &[Turn], language: Language) -> Reply {
    let asked_back = history
        .iter()
        .rev()
        .find(|t| t.speaker == Speaker::Assistant)
        .is_some_and(|t| [Language::Vietnamese, Language::English].iter().any(|l| t.text.trim() == ask_back(*l)));
    let said = tokens(question);
    let points = |t: &Token| {
        matches!(t.fold.as_str(), "kia" | "do" | "day" | "ay" | "no" | "hoi" | "nay" | "that" | "one" | "thing")
    };
    let tells = |t: &Token| t.kind != Kind::Symbol && !points(t) && !asks_only(t) && !names_nothing(t);
    let vague =
        (said.iter().any(points) && !said.iter().any(tells)) || topic::names_no_goods(&topic::Asked::alone(question));
    if vague && !asked_back {
        return Reply::Answered { text: ask_back(language).to_owned(), product_ids: Vec::new() };
    }
    handover(Reason::NothingFound, language)
}

fn ask_back(language: Language) -> &'static str {
    match language {
        Language::Vietnamese => "Dạ bạn cho mình biết rõ hơn tên hoặc loại sản phẩm bạn cần nhé ạ?",
        Language::English => "Could you tell me a little more about the product that you are looking for?",
    }
}

/// A handover's line with the opening hours when nobody is there now. It names no time at which somebody answers: that nobody can promise.
#[must_use]
pub fn with_hours(reply: Reply, business: &Business, now: DateTime<Utc>) -> Reply {
    let Reply::Handover { text, reason } = reply else { return reply };
    if reason == Reason::SelfHarm || is_open(&business.opening_hours, now) != Some(false) {
        return Reply::Handover { text, reason };
    }
    let hours = plain(&business.opening_hours, 200);
    let hours = hours.trim_end_matches('.');
    let notice = match language(&text) {
        Some(Language::English) => format!("The shop is closed right now (opening hours: {hours})."),
        _ => format!("Hiện đang ngoài giờ làm việc của shop ({hours}) ạ."),
    };
    Reply::Handover { text: format!("{text} {notice}"), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(speaker: Speaker, text: &str) -> Turn {
        Turn { speaker, text: text.to_owned() }
    }

    #[test]
    fn the_second_vague_question_in_a_row_goes_to_a_person() {
        let first = nothing_found("cái kia", &[], Language::Vietnamese);
        let Reply::Answered { text, product_ids } = &first else { panic!("{first:?}") };
        assert!(product_ids.is_empty());
        let history = [said(Speaker::Customer, "cái kia"), said(Speaker::Assistant, text)];
        let second = nothing_found("cái đó", &history, Language::Vietnamese);
        assert!(matches!(second, Reply::Handover { reason: Reason::NothingFound, .. }), "{second:?}");
        let named = nothing_found("có bán máy giặt cửa trước không", &[], Language::Vietnamese);
        assert!(matches!(named, Reply::Handover { reason: Reason::NothingFound, .. }), "{named:?}");
    }

    #[test]
    fn outside_the_opening_hours_the_line_says_so_once() {
        let business = Business { opening_hours: "8h-21h hằng ngày".into(), ..Business::default() };
        let night = "2026-11-02T23:00:00+07:00".parse().unwrap();
        let day = "2026-11-02T10:00:00+07:00".parse().unwrap();
        for (language, expected) in [
            (Language::Vietnamese, "ngoài giờ làm việc của shop (8h-21h hằng ngày)"),
            (Language::English, "opening hours: 8h-21h"),
        ] {
            let at_night = with_hours(handover(Reason::AsksForPerson, language), &business, night);
            assert!(at_night.text().contains(expected), "{at_night:?}");
            let by_day = handover(Reason::AsksForPerson, language);
            assert_eq!(with_hours(by_day.clone(), &business, day), by_day);
        }
        let grave = handover(Reason::SelfHarm, Language::English);
        assert_eq!(with_hours(grave.clone(), &business, night), grave);
    }
}
