//! Answers from the shop's policies: its own sentences, quoted.

use super::{Draft, Ground, named, price_line};
use crate::guard::Evidence;
use crate::intent::{Topic, bargain_words, promotion_words, topic_words};
use crate::language::language;
use crate::text::{Kind, Phrases, plain, tokens};
use std::cmp::Reverse;
use std::sync::LazyLock;

static HOURS: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("h|:|thứ|chủ nhật|hàng ngày|monday|sunday|daily|am|pm|mở cửa|open"));
static PLACE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("ở|tại|địa chỉ|đường|quận|at|in|street|district"));
static ASKS_TIME: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("bao lâu|khi nào|mấy ngày|bao lau|may ngay|how long|when"));
static ASKS_FEE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("phí|phi|bao nhiêu|tiền|cost|fee|how much"));
static TIME: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("ngày|giờ|days|hours"));
static FEE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("phí|fee|₫|đ|k"));

/// Drafts that quote the policy on a topic; none when it says nothing.
pub(super) fn policy(ground: &Ground<'_>, topic: Topic, vietnamese: bool) -> Vec<Draft> {
    let business = ground.business;
    let words = topic_words(topic);
    let found = match topic {
        Topic::Hours => {
            let hours = plain(&business.opening_hours, 300);
            if !vietnamese && !hours.is_empty() {
                let first = hours.split(". ").next().unwrap_or_default();
                let hours = in_english(first.trim_end_matches('.'));
                return vec![(format!("{hours}."), Vec::new())];
            }
            let own = sentences(ground, &hours, &HOURS, 1);
            if own.is_empty() { sentences(ground, &business.policies, words, 1) } else { own }
        }
        Topic::Phone => {
            let phone = plain(&business.phone, 40);
            let text = if vietnamese {
                format!("Dạ số điện thoại của shop là {phone} ạ.")
            } else {
                format!("Our phone number is {phone}.")
            };
            return if phone.is_empty() { Vec::new() } else { vec![(text, Vec::new())] };
        }
        Topic::Place => {
            let named = sentences(ground, &format!("{}. {}", business.policies, business.description), words, 1);
            if named.is_empty() { sentences(ground, &business.description, &PLACE, 1) } else { named }
        }
        Topic::Delivery | Topic::Returns | Topic::Payment | Topic::Wrapping => {
            sentences(ground, &business.policies, words, 2)
        }
    };
    quoted(&found, vietnamese)
}

/// Drafts about discounts: what the policies give, or that there is none.
pub(super) fn promotion(ground: &Ground<'_>, evidence: &Evidence<'_>, vietnamese: bool) -> Vec<Draft> {
    let mut out: Vec<Draft> = Vec::new();
    let bargain = bargain_words(&tokens(&ground.asked.question));
    let found = sentences(ground, &ground.business.policies, bargain.unwrap_or(promotion_words()), 2);
    out.extend(quoted(&found, vietnamese));
    let none = if vietnamese {
        "Dạ hiện shop chưa có chương trình khuyến mãi nào ạ."
    } else {
        "There is no discount at the moment."
    };
    if found.is_empty() {
        if let [one] = named(ground, evidence).as_slice() {
            out.push((format!("{none} {}", price_line(one, vietnamese)), vec![one.id]));
        }
        out.push((none.to_owned(), Vec::new()));
    }
    out
}

/// Drafts that quote all of these sentences, then fewer.
fn quoted(found: &[String], vietnamese: bool) -> Vec<Draft> {
    let said = |text: &str| if vietnamese { format!("Dạ, {} ạ.", lower_first(text)) } else { format!("{text}.") };
    (1..=found.len()).rev().filter_map(|n| found.get(..n)).map(|part| (said(&part.join(". ")), Vec::new())).collect()
}

/// Sentences in the customer's language that hold one of the words; those most like the question first.
fn sentences(ground: &Ground<'_>, text: &str, words: &Phrases, limit: usize) -> Vec<String> {
    let asked = tokens(&ground.asked.text());
    let wants_time = ASKS_TIME.find(&asked).is_some();
    let wants_fee = ASKS_FEE.find(&asked).is_some();
    let parts = text.split(['\n', ';']).flat_map(|line| line.split(". "));
    let parts = parts.map(|s| plain(s, 300).trim_end_matches('.').to_owned()).filter(|s| !s.is_empty());
    let parts: Vec<String> = parts.collect();
    // A shop that wrote a policy in one language only is quoted in that one.
    let fits = |s: &String| language(s).is_none_or(|l| l == ground.language);
    let known = parts.iter().any(|s| fits(s) && words.find(&tokens(s)).is_some());
    let mut found: Vec<(usize, String)> = parts
        .into_iter()
        .filter(|s| !known || fits(s))
        .filter_map(|s| {
            let said = tokens(&s);
            words.find(&said)?;
            let shared = asked.iter().filter(|t| t.kind == Kind::Word && said.iter().any(|w| w.same_word(t))).count();
            let timed = wants_time && TIME.find(&said).is_some();
            let priced = wants_fee && FEE.find(&said).is_some();
            Some((shared + 3 * usize::from(timed) + 3 * usize::from(priced), s))
        })
        .collect();
    found.sort_by_key(|(score, _)| Reverse(*score));
    found.into_iter().take(limit).map(|(_, s)| s).collect()
}

/// Days and the words between them, as English says them; an answer that keeps too much Vietnamese does not pass the guard.
const DAYS: &[(&str, &str)] = &[
    ("thứ hai", "Monday"),
    ("thứ ba", "Tuesday"),
    ("thứ tư", "Wednesday"),
    ("thứ năm", "Thursday"),
    ("thứ sáu", "Friday"),
    ("thứ bảy", "Saturday"),
    ("chủ nhật", "Sunday"),
    ("hàng ngày", "every day"),
    ("hằng ngày", "every day"),
    ("mở cửa ", ""),
    (" đến ", " to "),
    (" và ", " and "),
];

fn in_english(hours: &str) -> String {
    DAYS.iter().fold(hours.to_lowercase(), |text, (vietnamese, english)| text.replace(vietnamese, english))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
