//! Whether a sentence of the shop's own says what a clause promises: the same subject, the same numbers with their conditions, the same yes
//! or no, and mostly the same words or words of their meaning.

use super::super::gloss;
use super::super::negation::negated;
use super::super::numbers::{Figure, Unit};
use super::super::reading::{Phrases, Reading, WordList, is_filler};
use super::super::{Evidence, Rule, amount};
use super::kinds::{KINDS, Kind, STRONG};
use crate::text::Token;
use std::ops::Range;
use std::sync::LazyLock;

/// What an amount or a span of time depends on.
static CONDITION: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "từ|trên|dưới|hơn|tối thiểu|ít nhất|trước|sau|over|from|above|under|below|at least|minimum|before|more than|mua",
    )
});

/// Words around what is promised that promise nothing.
static AROUND: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "cộng từ đến tới lúc khoảng chỉ mới thôi nha nữa giúp là về việc quá thông tin áp dụng hỗ trợ do trên tổng điều kiện \
        đủ nên vì since so only just currently takes take get gets up if also each between as do does did not don't give gives giving made is \
        when offer offers need needs usually please via through day sir",
    )
});

/// What is followed by what is given.
pub(in crate::guard) static GIVES: LazyLock<WordList> =
    LazyLock::new(|| WordList::new("tặng biếu kèm quà gift free bonus"));

/// A promise in a reply.
pub(super) struct Claim<'a> {
    pub reply: &'a Reading,
    pub clause: &'a Range<usize>,
    pub sentence: &'a Range<usize>,
    pub kind: &'a Kind,
    /// Where the word stands that tells it, within the clause, and how many words.
    pub at: usize,
    pub length: usize,
    pub denied: bool,
}

impl Claim<'_> {
    /// Whether the policies, or the product's facts where they may, say the same.
    pub fn is_supported(&self, facts: &[&Reading], evidence: &Evidence<'_>) -> bool {
        let mut sources = vec![&evidence.policies, &evidence.business];
        if self.kind.facts {
            sources.extend(facts.iter().copied());
        }
        sources.iter().any(|source| (0..source.sentences.len()).any(|n| self.is_said(source, n, evidence)))
    }

    fn is_said(&self, source: &Reading, n: usize, evidence: &Evidence<'_>) -> bool {
        let Some(range) = source.sentences.get(n) else { return false };
        let place = self.kind.rule == Rule::Place;
        let clauses: Vec<&Range<usize>> = source.clauses.iter().filter(|(_, s)| *s == n).map(|(c, _)| c).collect();
        let inherited = self.kind.triggers.find(source.slice(range)).is_none();
        let Some(telling) = self.telling(source, n, range, &clauses) else { return false };
        // A total with the fee in it is judged with the amounts.
        let total = self.reply.has(self.sentence, &amount::TOTAL)
            && self.reply.figures_in(self.clause).all(|f| f.unit == Unit::Money)
            && self.kind.rule == Rule::Delivery;
        let own = |f: &&Figure| !is_price(f, evidence) && !evidence.is_named(self.reply, f);
        let said: Vec<i128> = self.reply.figures_in(self.clause).filter(own).filter_map(|f| f.value).collect();
        let near: Vec<i128> = self.reply.figures_in(self.sentence).filter_map(|f| f.value).collect();
        let holds = |clause: &&Range<usize>, v: i128| source.figures_in(clause).any(|f| f.value == Some(v));
        let chosen: Vec<&Range<usize>> = if said.is_empty() || total || place {
            telling
        } else {
            clauses.iter().copied().filter(|c| said.iter().any(|v| holds(c, *v))).collect()
        };
        if !total && !said.iter().all(|v| source.figures_in(range).any(|f| f.value == Some(*v))) {
            return false;
        }
        let binding = |f: &&Figure| self.kind.rule != Rule::Delivery || depends(source, f);
        // What is said without a number rests on all that the sentence demands.
        let binding_clauses = if said.is_empty() { &clauses } else { &chosen };
        let conditions = binding_clauses
            .iter()
            .all(|c| source.figures_in(c).filter(binding).all(|f| f.value.is_none_or(|v| near.contains(&v))));
        if !(place || total || conditions) {
            return false;
        }
        let tokens = self.reply.slice(self.clause);
        // "Không cần tem": a denial of something else, where the shop denies nothing.
        let denials = |tokens: &[Token]| {
            let no =
                |t: &Token| matches!(t.text.as_str(), "không" | "khong" | "ko" | "no" | "not" | "without" | "don't");
            tokens.iter().any(no)
        };
        if !self.denied && !total && !place && denials(tokens) && !chosen.iter().any(|c| denials(source.slice(c))) {
            return false;
        }
        // What holds for the cookies holds for no tea.
        let of = evidence.groups(self.reply.slice(self.clause), None);
        let theirs = evidence.groups(source.slice(range), None);
        let in_both = |p: &usize| theirs.iter().any(|g| g.products.contains(p));
        if !place && !of.is_empty() && !theirs.is_empty() && !of.iter().flat_map(|g| &g.products).any(in_both) {
            return false;
        }
        // What is given must be what the shop gives, also where it is one of its own products.
        let gives = tokens.get(self.at).is_some_and(|t| GIVES.has(t));
        let given = tokens.get(self.at + self.length..).unwrap_or_default();
        if gives && given.iter().any(|t| evidence.names.has(t) && !source.says(range, t)) {
            return false;
        }
        // To exchange a size is not to exchange a colour.
        let object =
            tokens.get(self.at + self.length).filter(|t| matches!(t.text.as_str(), "màu" | "mẫu" | "hàng" | "size"));
        if self.kind.rule == Rule::Returns && object.is_some_and(|t| !source.says(range, t)) {
            return false;
        }
        let content: Vec<&Token> = tokens
            .iter()
            .filter(|t| !is_filler(t) && !AROUND.has(t) && !evidence.names.has(t) && !is_unit(t))
            .collect();
        if !said.is_empty() && !total && !place && self.strays(source, &clauses, &chosen, &content) {
            return false;
        }
        let strong = STRONG
            .all(tokens)
            .all(|(at, length)| tokens.get(at..at + length).unwrap_or_default().iter().all(|t| source.says(range, t)));
        let shared = content.iter().filter(|t| source.says(range, t) || (inherited && self.tells(t))).count();
        strong && shared * 5 >= content.len() * if place { 4 } else { 3 }
    }

    /// The clauses of a policy sentence that speak of the same with the same yes or no.
    fn telling<'c>(
        &self,
        source: &Reading,
        n: usize,
        range: &Range<usize>,
        clauses: &[&'c Range<usize>],
    ) -> Option<Vec<&'c Range<usize>>> {
        let policy = source.slice(range);
        let said = self.reply.slice(self.clause).get(self.at..self.at + self.length).unwrap_or_default();
        let polar = |at: usize| {
            let inner = clauses.iter().copied().find(|c| c.contains(&(range.start + at)))?;
            Some((inner, negated(source.slice(inner), range.start + at - inner.start)))
        };
        // What is said of this very thing decides; other words of its kind only where it is not named.
        let stands = |at: &usize| {
            policy.get(*at..at + said.len()).is_some_and(|w| w.iter().zip(said).all(|(a, b)| a.same_word(b)))
        };
        let mut verbatim: Vec<usize> = (0..policy.len()).filter(stands).collect();
        verbatim.extend(gloss::meant_at(policy, said));
        let places: Vec<usize> =
            if verbatim.is_empty() { self.kind.triggers.all(policy).map(|(at, _)| at).collect() } else { verbatim };
        if places.is_empty() {
            let inherits = source.figures_in(range).next().is_some()
                && n.checked_sub(1).and_then(|n| source.sentences.get(n)).is_some_and(|before| {
                    let told = |stretch: &[Token]| KINDS.iter().any(|k| k.triggers.find(stretch).is_some());
                    !told(policy)
                        && !source.slice(before).last().is_some_and(|t| t.is('\n'))
                        && source.has(before, &self.kind.triggers)
                });
            let whole = self.kind.rule == Rule::Place || inherits;
            return whole.then(|| clauses.to_vec());
        }
        let same: Vec<&Range<usize>> =
            places.into_iter().filter_map(polar).filter(|(_, denied)| *denied == self.denied).map(|(c, _)| c).collect();
        (!same.is_empty()).then_some(same)
    }

    /// Whether a word belongs to another number than the one said: "tỉnh khác 25k" where 25k is the fee within the city.
    fn strays(&self, source: &Reading, all: &[&Range<usize>], chosen: &[&Range<usize>], content: &[&Token]) -> bool {
        let others: Vec<&&Range<usize>> =
            all.iter().filter(|c| !chosen.contains(*c) && source.figures_in(c).next().is_some()).collect();
        content
            .iter()
            .filter(|t| !self.tells(t) && !is_fee(t))
            .any(|word| others.iter().any(|c| source.says(c, word)) && !chosen.iter().any(|c| source.says(c, word)))
    }

    /// Whether the word is one that tells this kind of promise.
    fn tells(&self, word: &Token) -> bool {
        self.kind.triggers.find(std::slice::from_ref(word)).is_some()
    }
}

/// Whether a number is what something depends on.
fn depends(source: &Reading, figure: &Figure) -> bool {
    let before = source.tokens.get(figure.first.saturating_sub(3)..figure.first).unwrap_or_default();
    CONDITION.find(before).is_some()
}

fn is_unit(token: &Token) -> bool {
    super::super::numbers::currency(token).is_some()
        || matches!(token.fold.as_str(), "k" | "nghin" | "ngan" | "trieu" | "tr" | "dong" | "h" | "am" | "pm")
        || token.text == "đ"
}

pub(in crate::guard) fn is_fee(token: &Token) -> bool {
    matches!(token.fold.as_str(), "phi" | "fee" | "cost" | "costs" | "tien" | "gia" | "ship" | "shipping")
}

fn is_price(figure: &Figure, evidence: &Evidence<'_>) -> bool {
    figure.unit == Unit::Money && evidence.is_price(figure)
}
