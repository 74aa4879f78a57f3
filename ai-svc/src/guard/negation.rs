//! Whether a word is denied: by a "không" or "not" shortly before it, in the same thought.

use crate::text::Token;

/// Words of content between a denial and what it denies: "chưa có chương trình giảm giá".
const REACH: usize = 3;
/// Words of any kind between them.
const FAR: usize = 8;

/// What makes the pronoun before it the subject of another thought.
const VERBS: [&str; 14] =
    ["is", "are", "was", "will", "can", "may", "get", "have", "has", "do", "does", "pay", "still", "always"];

/// Whether what stands at `at` is denied by a word before it in the same clause. Two denials affirm.
pub(super) fn negated(clause: &[Token], at: usize) -> bool {
    let denials = (at.saturating_sub(FAR)..at).filter(|i| denies(clause, *i) && reaches(clause, *i, at));
    denials.count() % 2 == 1
}

/// Whether the word at `at` denies what follows it.
pub(super) fn denies(clause: &[Token], at: usize) -> bool {
    let Some(token) = clause.get(at) else { return false };
    let no = match token.fold.as_str() {
        "khong" | "ko" | "hong" | "chang" | "kh" | "no" | "not" | "don't" | "doesn't" | "isn't" | "aren't"
        | "without" | "can't" | "cannot" | "won't" | "never" | "dont" | "none" => true,
        "dung" => token.text == "đừng",
        "wouldn't" | "shouldn't" | "wasn't" | "weren't" | "haven't" | "hasn't" => true,
        "chua" => token.text == "chưa" || (token.text.is_ascii() && !token.bare),
        _ => false,
    };
    // "không sao", "chưa kể", "never mind", "not only" deny nothing of what follows.
    let hollow = clause.get(at + 1).is_some_and(|next| {
        matches!(
            next.fold.as_str(),
            "sao"
                | "van"
                | "lo"
                | "chi"
                | "nhung"
                | "ngai"
                | "can"
                | "thanh"
                | "ke"
                | "noi"
                | "problem"
                | "worries"
                | "worry"
                | "mind"
                | "only"
                | "just"
                | "doubt"
                | "wonder"
                | "day"
                | "khi"
                | "gian"
                | "dau"
                | "ai"
        )
    });
    no && !hollow
}

/// Whether nothing between a denial and a word begins another thought.
fn reaches(clause: &[Token], denial: usize, at: usize) -> bool {
    let content = (denial + 1..at).filter(|i| clause.get(*i).is_some_and(|t| !super::reading::is_filler(t))).count();
    content <= REACH && !(denial + 1..at).any(|i| begins(clause, i))
}

/// "Không thích thì …", "không vừa shop …", "not sure but you get …": what follows is said for itself.
fn begins(clause: &[Token], at: usize) -> bool {
    let Some(token) = clause.get(at) else { return false };
    let before = at.checked_sub(1).and_then(|i| clause.get(i)).map_or("", |t| t.fold.as_str());
    let next = clause.get(at + 1).map_or("", |t| t.text.as_str());
    // Written so, or without marks in a text that has none.
    let is = |marked: &[&str], folded: &[&str]| {
        marked.contains(&token.text.as_str())
            || (token.text.is_ascii() && !token.bare && folded.contains(&token.fold.as_str()))
    };
    let joins = is(&["thì", "vì", "nên", "mà", "because", "since", "that", ":"], &["thi", "vi", "nen"]);
    let so = is(&["là"], &["la"]) && before != "phai";
    let given = matches!(before, "cho" | "giup" | "voi" | "cua" | "gui" | "de" | "nho" | "moi" | "bao" | "tang" | "co");
    let person = is(&["bạn", "shop", "em", "mình", "chị"], &["ban", "minh", "chi"]) && !given;
    let subject = matches!(token.text.as_str(), "you" | "we" | "it" | "they" | "i") && VERBS.contains(&next);
    joins || so || person || subject
}
