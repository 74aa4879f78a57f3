//! What can be refused by the look of the text alone: length, invisible characters, letters and numbers the guard cannot read, links,
//! addresses, phone and account numbers, and the prompt's own words.

use super::numbers::Unit;
use super::reading::{Phrases, Reading};
use super::{Blocked, Evidence, Rule, block};
use crate::text::{Kind, Token, fold, is_invisible, legible};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters of an answer. Instagram takes 1,000 bytes a message and Messenger 2,000 characters; a longer answer is
/// no chat message.
pub const MAX_REPLY_CHARS: usize = 1000;
/// Words of the prompt in a row that make a leak.
const LEAK_WORDS: usize = 8;

static CHANNELS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "zalo|telegram|whatsapp|viber|wechat|tiktok|shopee|lazada|tiki|sendo|facebook|fanpage|instagram|youtube|\
        website|web site|link|url|qr|http|https|www|dot com|chấm com|gmail|email|e - mail|số tài khoản|stk|\
        bank account|account number|iban|bitcoin|usdt|paypal|otp|mật khẩu|password|etsy|amazon|ebay|venmo|zelle|\
        cash app|cashapp|hxxp|hxxps|signal|skype|discord|messenger|twitter|threads|snapchat|pinterest|linktree|wise|swift code|\
        routing number|wire the money|tài khoản|trang web|insta|fb|on x|dot net|dot org|dot shop|dot vn|chấm vn|chấm net|chấm shop|\
        chấm store|chấm org|dot co|dot io|chấm top|chấm xyz|at gmail|chấm cơm|web site",
    )
});

static LEAKS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "bạn là trợ lý|you are a sales|you are the assistant|you are an assistant|you are the sales|system prompt|my prompt|the prompt|my instructions|prompt của|câu lệnh hệ thống|chỉ dẫn hệ thống|json|\
        product _ ids|api key|gsk _|gsk|language model|my rules|quy tắc của mình|quy tắc của tôi|i was told to|\
        được lập trình|i was instructed|instructed to|system message|trained by|được huấn luyện|claude|gemini|chatgpt|mistral|\
        another customer|a customer named|customer named|a customer|other buyers|khách khác|khách tên|chỉ thị|lời nhắc hệ thống|trong dữ liệu sản phẩm|mô hình ngôn ngữ|openai|gpt|groq|llama|handover|developer mode|\
        khách hàng khác|other customers",
    )
});

/// What nobody may be asked for in a chat.
static SECRETS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "số thẻ|mã thẻ|hình thẻ|ảnh thẻ|cvv|cvc|cccd|căn cước|cmnd|chứng minh nhân dân|chứng minh thư|hộ chiếu|mã pin|mã xác nhận|mã xác thực|mã bảo mật|\
        card number|card details|card info|your card|security code|passport number|social security|ssn|verification code|pin code|login|\
        mật khẩu|password|otp",
    )
});

/// The first rule of form that the reply breaks.
pub(super) fn check(raw: &str, reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    if raw.trim().is_empty() {
        return block(Rule::Empty, "no text");
    }
    if raw.chars().count() > MAX_REPLY_CHARS {
        return block(Rule::TooLong, "more than a chat message holds");
    }
    characters(raw)
        .or_else(|| letters(raw, reply, evidence))
        .or_else(|| links(raw, reply, evidence))
        .or_else(|| contacts(raw, reply, evidence))
        .or_else(|| leaks(raw, reply, evidence))
}

fn characters(raw: &str) -> Option<Blocked> {
    let chars: Vec<char> = raw.nfc().collect();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or(' ');
        let after = chars.get(i + 1).copied().unwrap_or(' ');
        // The joiner and the selector stand inside emoji; anywhere else they hide something.
        let pictorial = |c: char| u32::from(c) >= 0x2190 && !c.is_alphanumeric();
        if *c == '\u{200D}' && pictorial(before) && pictorial(after) {
            continue;
        }
        if (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || is_invisible(*c) {
            return block(Rule::Characters, "invisible or control characters");
        }
        // A mark that does not merge with a letter strikes through or covers what stands below it.
        if is_combining_mark(*c)
            && *c != '\u{FE0F}'
            && *c != '\u{20E3}'
            && !(before.is_alphabetic() && matches!(u32::from(*c), 0x300..=0x323))
        {
            return block(Rule::Characters, "stray combining marks");
        }
    }
    None
}

/// The guard reads Vietnamese and English. A word in other letters must stand in the sources; a number must be one it can read.
fn letters(raw: &str, reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    if legible(raw).chars().any(|c| c.is_numeric() && !c.is_ascii()) {
        return block(Rule::Unreadable, "a number in signs that cannot be read");
    }
    for token in reply.tokens.iter().filter(|t| t.kind == Kind::Word) {
        if !token.fold.chars().all(|c| c.is_ascii_alphabetic() || c == '\'')
            && !evidence.sources().iter().any(|s| s.tokens.iter().any(|t| t.text == token.text))
        {
            return block(Rule::Unreadable, "letters that stand in no source");
        }
    }
    // Digits taken apart by marks, as in 1*50k.
    for window in reply.tokens.windows(3) {
        if let [a, b, c] = window
            && a.kind == Kind::Number
            && c.kind == Kind::Number
            && b.kind == Kind::Symbol
            && b.glued
            && c.glued
            && !matches!(b.text.as_str(), "-" | "/" | "x" | "×" | "+" | "~" | ":" | "(" | ")" | "=" | "," | "." | "\n")
        {
            return block(Rule::Unreadable, "digits taken apart by signs");
        }
    }
    None
}

fn links(raw: &str, reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let text = legible(raw).to_lowercase();
    if text.contains("://")
        || text.contains("](")
        || text.contains("[.]")
        || text.contains("(.)")
        || text.contains("```")
        || text.contains("&#")
        || text.contains("&lt")
    {
        return block(Rule::Link, "a link or markup");
    }
    if text.contains(['{', '}', '\\']) {
        return block(Rule::Markup, "not plain text");
    }
    let chars: Vec<char> = text.chars().collect();
    if chars
        .windows(2)
        .any(|w| w.first() == Some(&'<') && w.last().is_some_and(|c| c.is_alphabetic() || matches!(c, '/' | '!')))
    {
        return block(Rule::Markup, "markup");
    }
    for word in text.split_whitespace() {
        if word.starts_with('@') && word.chars().nth(1).is_some_and(char::is_alphanumeric) {
            return block(Rule::Link, "an account that is not the shop's");
        }
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let dotted = word.split('.').collect::<Vec<_>>();
        let labels = dotted.windows(2).any(|w| {
            let (Some(left), Some(right)) = (w.first(), w.last()) else { return false };
            left.chars().last().is_some_and(char::is_alphanumeric)
                && right.chars().next().is_some_and(char::is_alphabetic)
                && right.chars().take_while(|c| c.is_alphanumeric()).count() >= 2
        });
        if (labels || word.contains('@')) && !evidence.trusted_text.contains(word) && !sentence_without_space(raw, word)
        {
            return block(Rule::Link, "an address that is not the shop's");
        }
    }
    // "nhalua . com"
    let spaced = |w: &[Token]| {
        matches!(w, [name, dot, end] if name.kind == Kind::Word && dot.is('.')
            && matches!(end.text.as_str(), "com" | "net" | "org" | "vn" | "xyz" | "io"))
    };
    let own = |w: &[Token]| w.iter().filter(|t| !t.is('.')).all(|t| evidence.trusted_text.contains(&t.text));
    if reply.tokens.windows(3).any(|w| spaced(w) && !own(w)) {
        return block(Rule::Link, "an address that is not the shop's");
    }
    let foreign = |(at, length): &(usize, usize)| {
        let Some(found) = reply.tokens.get(*at..at + length) else { return false };
        let stands = |s: &&Reading| {
            s.tokens.windows(*length).any(|w| w.iter().zip(found).all(|(a, b)| a.fold == b.fold))
                || found.iter().all(|t| s.sentences.iter().any(|range| s.says(range, t)))
        };
        !evidence.trusted().iter().any(stands) && !super::negation::negated(&reply.tokens, *at)
    };
    if SECRETS.all(&reply.tokens).any(|(at, _)| !super::negation::negated(&reply.tokens, at)) {
        return block(Rule::Contact, "asks for what nobody may be asked for");
    }
    if CHANNELS.all(&reply.tokens).any(|place| foreign(&place)) {
        return block(Rule::Link, "another channel or an account that is not the shop's");
    }
    None
}

/// "…hàng ạ.Bạn cần…": a forgotten space, told by the capital and by letters no domain label has.
fn sentence_without_space(raw: &str, word: &str) -> bool {
    const DOMAINS: &[&str] = &[
        "com", "net", "vn", "org", "shop", "store", "info", "online", "site", "link", "app", "me", "io", "co", "tld",
        "xyz",
    ];
    let Some((left, right)) = word.split_once('.') else { return false };
    let label: String = right.chars().take_while(|c| c.is_alphanumeric()).collect();
    let capital = legible(raw)
        .split('.')
        .any(|part| part.chars().next().is_some_and(char::is_uppercase) && part.to_lowercase().starts_with(&label));
    capital
        && !right.contains('.')
        && !right.contains('/')
        && !DOMAINS.contains(&fold(&label).as_str())
        && !left.is_ascii()
}

/// A run of eight digits or more that is no grouped amount is a phone or account number and must be the shop's own.
fn contacts(raw: &str, reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let own = national(&evidence.trusted_text);
    let mut text = legible(raw);
    // Amounts with their marks are judged as amounts and stand in no number.
    let is_amount = |f: &&super::numbers::Figure| f.unit == Unit::Money && f.value.is_some();
    for figure in reply.figures.iter().filter(is_amount) {
        let marked = reply.tokens.get(figure.first).filter(|t| t.text.contains(['.', ',']));
        text = marked.map_or(text.clone(), |t| text.replacen(t.text.as_str(), "#", 1));
    }
    let mut run = String::new();
    let mut runs: Vec<String> = Vec::new();
    let mut gap = 0;
    for c in text.chars().chain(['#']) {
        if c.is_ascii_digit() {
            run.push(c);
            gap = 0;
        } else if matches!(c, ' ' | '.' | '-' | '(' | ')' | '+' | '/' | '_') && !run.is_empty() && gap < 3 {
            run.push(c);
            gap += 1;
        } else {
            runs.push(std::mem::take(&mut run));
            gap = 0;
        }
    }
    for run in runs {
        let digits: String = run.chars().filter(char::is_ascii_digit).collect();
        let run = run.trim_matches(|c: char| !c.is_ascii_digit());
        let amount = reply.figures.iter().any(|f| {
            f.first == f.last
                && f.value.is_some()
                && reply.tokens.get(f.first).is_some_and(|t| t.text == run && t.text.contains(['.', ',']))
        });
        // Dates, ranges and lists of sizes have short parts; a phone number has few and long ones.
        let parts: Vec<&str> = run.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).collect();
        let spelled_out = parts.len() >= 6 && parts.iter().all(|p| p.len() == 1);
        let long = digits.len() >= 8 && (parts.iter().any(|p| p.len() >= 3) || parts.len() == 1);
        let pays = (long || spelled_out)
            && PAYS_TO.find(&reply.tokens).is_some()
            && !evidence.policies.lines.iter().any(|line| {
                let said: String = evidence.policies.slice(&line.range).iter().map(|t| t.text.as_str()).collect();
                national(&said).contains(&national(&digits))
                    && PAYS_TO.find(evidence.policies.slice(&line.range)).is_some()
            });
        if pays && !amount {
            return block(Rule::Contact, "money to a number that takes none");
        }
        if (long || spelled_out) && !amount && !own.contains(&national(&digits)) && !evidence.is_sum_of_known(run) {
            return block(Rule::Contact, "a phone or account number that is not the shop's");
        }
    }
    let words: Vec<bool> = reply
        .tokens
        .iter()
        .map(|t| {
            matches!(
                t.fold.as_str(),
                "khong"
                    | "mot"
                    | "hai"
                    | "ba"
                    | "bon"
                    | "nam"
                    | "sau"
                    | "bay"
                    | "tam"
                    | "chin"
                    | "zero"
                    | "oh"
                    | "one"
                    | "two"
                    | "three"
                    | "four"
                    | "five"
                    | "six"
                    | "seven"
                    | "eight"
                    | "nine"
            )
        })
        .collect();
    if words.windows(6).any(|w| w.iter().all(|d| *d)) {
        return block(Rule::Contact, "a number spelled digit by digit");
    }
    None
}

/// Asks for money to a number: the shop's own is one to call.
static PAYS_TO: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "chuyển khoản|chuyển tiền|ck|gửi tiền|nạp|bank|transfer|send the money|send money|pay to|payment to|deposit to|wire|momo|zalopay",
    )
});

/// Digits only, with the country code as a zero.
fn national(text: &str) -> String {
    let digits: String = legible(text).chars().filter(char::is_ascii_digit).collect();
    digits.strip_prefix("84").map(|rest| format!("0{rest}")).unwrap_or(digits)
}

fn leaks(raw: &str, reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    if LEAKS.find(&reply.tokens).is_some() {
        return block(Rule::PromptLeak, "speaks of its own workings");
    }
    let longest = legible(raw).split(|c: char| !(c.is_ascii_hexdigit() || c == '-')).map(str::len).max().unwrap_or(0);
    if longest >= 32 {
        return block(Rule::PromptLeak, "an internal identifier");
    }
    let words = |text: &str| -> Vec<String> {
        fold(&legible(text))
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (prompt, said) = (words(evidence.house_rules), words(raw));
    if prompt.windows(LEAK_WORDS).any(|w| said.windows(LEAK_WORDS).any(|s| s == w)) {
        return block(Rule::PromptLeak, "repeats its instructions");
    }
    None
}
