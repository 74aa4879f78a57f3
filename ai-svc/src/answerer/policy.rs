//! Answers from the shop's policies: its own sentences, quoted.

use super::choice::named;
use super::{Draft, Ground, price_line, priced};
use crate::guard::Evidence;
use crate::intent::{Intent, Topic, asks_total, bargain_words, is_abroad, promotion_words, topic_words};
use crate::language::{Language, language};
use crate::text::{Kind, Phrases, Token, plain, tokens};
use crate::topic::{is_telling, same_thing};
use std::cmp::Reverse;
use std::sync::LazyLock;

static HOURS: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("h|:|thứ|chủ nhật|hàng ngày|monday|sunday|daily|am|pm|mở cửa|open"));
static PLACE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("ở|tại|địa chỉ|đường|quận|at|in|street|district"));
static ASKS_TIME: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("bao lâu|khi nào|mấy ngày|bao lau|may ngay|how long|when"));
static ASKS_FEE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("phí|phi|bao nhiêu|tiền|cost|fee|how much"));
static NO: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("không|no|not|never|except"));
static TIME: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("ngày|giờ|tiếng|tháng|days|hours|months"));
static FEE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("phí|fee|₫|đ|k"));

/// Whether it is asked how long something takes or lasts.
pub(super) fn asks_time(asked: &[Token]) -> bool {
    ASKS_TIME.find(asked).is_some()
}

/// Whether some words tell how long.
pub(super) fn tells_time(words: &[Token]) -> bool {
    TIME.find(words).is_some()
}

/// Drafts that quote the policy on a topic; none when it says nothing.
pub(super) fn policy(ground: &Ground<'_>, topic: Topic, evidence: &Evidence<'_>, vietnamese: bool) -> Vec<Draft> {
    let business = ground.business;
    let words = topic_words(topic);
    // "Other provinces" are no other countries.
    if topic == Topic::Delivery && is_abroad(&tokens(&ground.asked.question), &tokens(&business.policies)) {
        return Vec::new();
    }
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
    let quoted = quoted(&found, vietnamese);
    let asked = tokens(&ground.asked.question);
    let bought = evidence.asked_quantity().is_some() || asks_total(&asked);
    match named(ground, evidence).as_slice() {
        [one] if topic == Topic::Delivery && one.in_stock && bought => {
            let goods = priced(one, evidence, vietnamese);
            let unbegun = |text: &str| text.strip_prefix("Dạ, ").unwrap_or(text).to_owned();
            let with_goods = |(text, _): &Draft| (format!("{goods} {}", unbegun(text)), vec![one.id]);
            quoted.iter().map(with_goods).chain(quoted.clone()).collect()
        }
        _ => quoted,
    }
}

/// Drafts that quote the line of the policies whose own heading stands in a question about goods: "mua sỉ" of "Mua sỉ: từ 10 món".
pub(super) fn headed(ground: &Ground<'_>) -> Vec<Draft> {
    if !matches!(ground.intent, Intent::Goods | Intent::Promotion) {
        return Vec::new();
    }
    let asked = tokens(&ground.asked.question);
    let is_asked = |line: &&str| {
        line.split_once(':').is_some_and(|(heading, rest)| {
            let heading: Vec<_> = tokens(heading).into_iter().filter(is_telling).collect();
            let said = heading.iter().all(|h| asked.iter().any(|t| same_thing(t, h)));
            !heading.is_empty() && said && language(rest).is_none_or(|l| l == ground.language)
        })
    };
    let lines = ground.business.policies.lines().flat_map(|line| line.split(". ")).filter(is_asked);
    let lines: Vec<String> = lines.map(|line| plain(line, 300).trim_end_matches('.').to_owned()).take(1).collect();
    quoted(&lines, ground.language == Language::Vietnamese)
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
            let price = price_line(one, vietnamese);
            out.push((format!("{none} {}", price.strip_prefix("Dạ ").unwrap_or(&price)), vec![one.id]));
        }
        out.push((none.to_owned(), Vec::new()));
    }
    out
}

/// Drafts that quote all of these sentences, then fewer.
fn quoted(found: &[String], vietnamese: bool) -> Vec<Draft> {
    let parts: Vec<&str> = found.iter().map(|text| if vietnamese { unmannered(text) } else { text }).collect();
    let parts = (1..=parts.len()).rev().filter_map(|n| parts.get(..n));
    parts.map(|part| (quote(&part.join(". "), vietnamese), Vec::new())).collect()
}

/// A text of the shop's as the assistant says it.
pub(super) fn quote(text: &str, vietnamese: bool) -> String {
    if vietnamese {
        format!("Dạ, {} ạ.", lower_first(unmannered(text)))
    } else {
        format!("{}.", text.trim().trim_end_matches('.'))
    }
}

/// A text of the shop's without the manners that stand around every quotation: "shop mở cửa 8h" of "Dạ shop mở cửa 8h ạ.".
pub(super) fn unmannered(text: &str) -> &str {
    let text = unended(text);
    let opened = ["Dạ", "dạ"].iter().find_map(|opening| text.strip_prefix(opening));
    // "Dạ quang", "dạ dày", "dạ hội" are things.
    let is_thing = |rest: &str| ["dày", "quang", "hội"].iter().any(|thing| rest.trim_start().starts_with(thing));
    let opened = opened.filter(|rest| rest.starts_with([' ', ',']) && !is_thing(rest));
    opened.map_or(text, |rest| rest.trim_start_matches([' ', ',']))
}

/// The text without its last mark and its last "ạ".
pub(super) fn unended(text: &str) -> &str {
    let text = text.trim().trim_end_matches(['.', '!']).trim_end();
    let before = text.strip_suffix('ạ').filter(|before| before.ends_with(char::is_whitespace));
    before.map_or(text, str::trim_end)
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
            let is_exception = excepts(&said, &asked);
            if !is_exception && words.find(&said).is_none() {
                return None;
            }
            let shared = asked.iter().filter(|t| t.kind == Kind::Word && said.iter().any(|w| w.same_word(t))).count();
            let timed = wants_time && TIME.find(&said).is_some();
            let priced = wants_fee && FEE.find(&said).is_some();
            Some((shared + 3 * usize::from(timed) + 3 * usize::from(priced) + 4 * usize::from(is_exception), s))
        })
        .collect();
    found.sort_by_key(|(score, _)| Reverse(*score));
    found.into_iter().take(limit).map(|(_, s)| s).collect()
}

/// Whether a sentence denies what is asked of the very thing that is asked about: "đồ ngủ và vớ không đổi".
fn excepts(said: &[Token], asked: &[Token]) -> bool {
    let in_question = |t: &Token| asked.iter().any(|a| a.kind == Kind::Word && a.same_word(t));
    let denied = said
        .windows(2)
        .any(|w| matches!(w, [no, what] if NO.find(std::slice::from_ref(no)).is_some() && in_question(what)));
    denied
        && said
            .iter()
            .take_while(|t| NO.find(std::slice::from_ref(t)).is_none())
            .any(|t| is_telling(t) && in_question(t))
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

pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
