//! What a number belongs to. The net asks whether each word stands somewhere; here a number, what is said beside it and what it depends on
//! must stand together in one line of the shop's: "1–2 ngày" in the line of the city is no word on the provinces.

mod fits;
mod given;
mod line;
mod words;

use super::money::{is_counter, is_kind};
use super::negation::negated;
use super::numbers::{Figure, Unit};
use super::reading::{Phrases, Reading};
use super::{Blocked, Evidence, Rule, amount, block, gloss, promises, speech, stock};
use crate::text::{Kind, Token};
use line::{Told, is_money_word};
use std::ops::Range;
use words::FREE;

/// The first number that stands with other words than the shop's.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    for ((clause, sentence), subject) in reply.clauses.iter().zip(evidence.subjects(reply)) {
        let sentence = reply.sentences.get(*sentence).cloned().unwrap_or_else(|| clause.clone());
        for range in reply.parts(clause) {
            let part = Part { reply, clause, sentence: &sentence, range, subject: &subject, evidence };
            if part.is_loose() {
                return block(Rule::Unsourced, "a number beside words that the shop does not say with it");
            }
            if part.is_put_together() {
                return block(Rule::Unsourced, "words that no one line of the shop's has");
            }
        }
    }
    None
}

/// Whether the shop's policies say in one line what the part of a reply around a word says: for the same place, from the same number on, and
/// with what it depends on said or given.
pub(super) fn is_borne(
    reply: &Reading,
    clause: &Range<usize>,
    sentence: &Range<usize>,
    told: Range<usize>,
    subject: &[usize],
    evidence: &Evidence<'_>,
    rule: Rule,
) -> bool {
    let range = reply.parts(clause).into_iter().find(|part| part.contains(&(clause.start + told.start)));
    let Some(range) = range else { return false };
    let words = reply.slice(&(clause.start + told.start..clause.start + told.end));
    let part = Part { reply, clause, sentence, range, subject, evidence };
    let tokens = reply.slice(&part.range);
    let lines = part.lines();
    let figures: Vec<&Figure> = reply.figures_in(&part.range).filter(|f| !part.is_aside_figure(f)).collect();
    let policy = |line: &&Told<'_>| !line.of_goods && figures.iter().all(|f| line.has(f));
    let strong = |line: &Told<'_>| {
        let must = |list: &Phrases| {
            list.all(tokens)
                .all(|(at, n)| tokens.iter().skip(at).take(n).all(|t| line.says(t) || part.is_of(*line, t, &lines)))
        };
        // "Nhận được" after days is of what is sent.
        let delivers = rule == Rule::Delivery && promises::speaks_of_delivery(line.source, line.line.sentence);
        let told = |t: &Token| delivers || t.kind != Kind::Word || line.says(t) || part.is_of(*line, t, &lines);
        let telling = rule == Rule::Place && words.iter().any(|t| t.kind == Kind::Word && !FREE.has(t));
        must(&promises::STRONG) && words.iter().all(|t| told(t) || (telling && FREE.has(t)))
    };
    let gives = tokens.iter().any(|t| promises::GIVES.has(t));
    let given = |line: &Told<'_>| !gives || tokens.iter().filter(|t| evidence.names.has(t)).all(|t| line.says(t));
    // "Kem chống nắng giá 30k" is of the goods, whatever else costs 30k.
    let named = !evidence.groups(tokens, None).is_empty();
    let topic = |line: &Told<'_>| {
        !named || tokens.iter().any(|t| promises::tells_kind(t) && (line.says(t) || part.is_of(*line, t, &lines)))
    };
    let fits =
        |line: &&Told<'_>| strong(line) && given(line) && topic(line) && line.says_something(tokens, &part, &lines);
    lines.iter().filter(policy).filter(fits).any(|line| part.is_line(*line, tokens, &lines))
        || part.is_told_by_several(tokens, &lines)
}

/// Whether one line about the goods says all that the part of a reply around a word says, with the same yes or no.
pub(super) fn is_said_of_goods(
    reply: &Reading,
    clause: &Range<usize>,
    of: Range<usize>,
    subject: &[usize],
    evidence: &Evidence<'_>,
) -> bool {
    let range = reply.parts(clause).into_iter().find(|part| part.contains(&(clause.start + of.start)));
    let Some(range) = range else { return false };
    let telling = reply.slice(&(clause.start + of.start..clause.start + of.end));
    let part = Part { reply, clause, sentence: clause, range, subject, evidence };
    let tokens = reply.slice(&part.range);
    let lines = part.lines();
    let goods = |line: &&Told<'_>| line.of_goods && !std::ptr::eq(line.source, &evidence.business);
    let told = |line: &Told<'_>, (at, word): (usize, &Token)| {
        let own = line.source.tells(word, negated(tokens, at)) && line.says(word);
        part.is_aside(at, word, tokens)
            || FREE.has(word)
            || own
            || line.is_headed(word)
            || super::sourced::is_plain(word)
    };
    let whole = |line: &Told<'_>| {
        telling.iter().all(|t| t.kind != Kind::Word || line.says(t) || line.is_headed(t))
            && tokens.iter().enumerate().all(|word| told(line, word))
            && line.says_what(tokens)
            && reply.figures_in(&part.range).all(|f| part.is_aside_figure(f) || line.has(f))
    };
    lines.iter().filter(goods).any(whole)
}

/// The stretches of a clause that lines of the policies bear: no word of them needs another source.
pub(super) fn borne(
    reply: &Reading,
    clause: &Range<usize>,
    sentence: &Range<usize>,
    subject: &[usize],
    evidence: &Evidence<'_>,
) -> Vec<Range<usize>> {
    let bears = |range: &Range<usize>| {
        let part = Part { reply, clause, sentence, range: range.clone(), subject, evidence };
        let (tokens, lines) = (reply.slice(range), part.lines());
        let figures: Vec<&Figure> = reply.figures_in(range).filter(|f| !part.is_aside_figure(f)).collect();
        let policy = |line: &&Told<'_>| !line.of_goods && !figures.is_empty() && figures.iter().all(|f| line.has(f));
        lines.iter().filter(policy).any(|line| part.is_line(*line, tokens, &lines))
            || part.is_told_by_several(tokens, &lines)
    };
    reply.parts(clause).into_iter().filter(bears).collect()
}

/// A part of a reply that says one thing.
struct Part<'a> {
    reply: &'a Reading,
    clause: &'a Range<usize>,
    sentence: &'a Range<usize>,
    range: Range<usize>,
    subject: &'a [usize],
    evidence: &'a Evidence<'a>,
}

impl Part<'_> {
    /// Whether some number of it stands in the sources, but in no line that says the rest.
    fn is_loose(&self) -> bool {
        let tokens = self.reply.slice(&self.range);
        let figures: Vec<&Figure> = self.reply.figures_in(&self.range).filter(|f| self.needs_a_line(f)).collect();
        if figures.is_empty() || speech::unknown(self.reply.slice(self.clause), self.evidence).is_some() {
            return false;
        }
        let lines = self.lines();
        let holding: Vec<Told<'_>> = lines.iter().copied().filter(|l| figures.iter().all(|f| l.has(f))).collect();
        // What stands nowhere is judged where numbers are.
        if self.is_told_by_several(tokens, &lines) {
            return false;
        }
        // Of the goods each number stands for itself.
        let goods = |f: &Figure| {
            let bears = |l: &Told<'_>| l.of_goods && l.has(f) && self.fits(*l, tokens, &lines);
            lines.iter().any(bears)
        };
        if figures.iter().all(|f| goods(f)) {
            return false;
        }
        if holding.is_empty() {
            return figures.len() > 1 && figures.iter().all(|f| lines.iter().any(|line| line.has(f)));
        }
        if holding.iter().any(|line| !line.of_goods && self.pays_another(*line, tokens)) {
            return true;
        }
        let bears =
            |line: &Told<'_>| self.fits(*line, tokens, &lines) && (line.of_goods || self.same_answer(*line, tokens));
        !holding.iter().any(bears)
    }

    /// Whether some lines of a policy, each of them told whole, bear the part together: what is shortened is of one line alone.
    fn is_told_by_several(&self, tokens: &[Token], lines: &[Told<'_>]) -> bool {
        if self.is_excepted(tokens) {
            return false;
        }
        let own = |line: &&Told<'_>| {
            let words = line
                .source
                .slice(&line.line.range)
                .iter()
                .filter(|t| t.kind == Kind::Word && !FREE.has(t) && !is_money_word(t));
            let said = |w: &Token| tokens.iter().any(|t| t.same_word(w) || gloss::same_meaning(t, w));
            let figures = line.source.figures_in(&line.line.range).filter_map(|f| f.value);
            let near: Vec<i128> = self.reply.figures_in(&self.range).filter_map(|f| f.value).collect();
            let words: Vec<&Token> = words.collect();
            !line.of_goods
                && !words.is_empty()
                && words.into_iter().all(said)
                && figures.into_iter().all(|v| near.contains(&v))
                && self.same_answer(**line, tokens)
                && self.same_bounds_of(**line)
        };
        let whole: Vec<&Told<'_>> = lines.iter().filter(own).collect();
        let told = |(at, word): (usize, &Token)| {
            let strong = promises::STRONG.all(tokens).any(|(from, n)| (from..from + n).contains(&at));
            self.is_aside(at, word, tokens)
                || (FREE.has(word) && !strong)
                || whole.iter().any(|line| line.says(word) || line.is_headed(word))
        };
        let borne = |f: &Figure| self.is_aside_figure(f) || whole.iter().any(|line| line.has(f));
        whole.len() > 1 && tokens.iter().enumerate().all(told) && self.reply.figures_in(&self.range).all(borne)
    }

    /// Whether it says words of the policies alone, and no one line has all of them.
    fn is_put_together(&self) -> bool {
        let tokens = self.reply.slice(&self.range);
        let open = speech::unknown(self.reply.slice(self.clause), self.evidence).is_some()
            || speech::asks(self.reply.slice(self.clause));
        let facts = self.evidence.facts_of(self.subject);
        let policies = &self.evidence.policies;
        let telling = |(at, word): (usize, &Token)| {
            let denied = negated(tokens, at) && promises::is_deniable(tokens, at);
            let aside = denied || FREE.has(word) || self.is_aside(at, word, tokens);
            !aside
                && !facts.iter().any(|s| s.tells(word, false) || s.tells(word, true))
                && (policies.tells(word, false) || policies.tells(word, true))
        };
        let told: Vec<&Token> =
            tokens.iter().enumerate().filter(|(at, word)| telling((*at, *word))).map(|(_, word)| word).collect();
        let tells = told.len() > 1 || told.iter().any(|word| promises::is_topic(word));
        if open || !tells || self.reply.figures_in(&self.range).any(|f| self.needs_a_line(f)) {
            return false;
        }
        let lines = self.lines();
        if self.is_told_by_several(tokens, &lines) {
            return false;
        }
        !lines
            .iter()
            .filter(|line| !line.of_goods || std::ptr::eq(line.source, &self.evidence.business))
            .any(|line| self.fits(*line, tokens, &lines) && line.says_what(tokens) && self.same_answer(*line, tokens))
    }

    fn lines(&self) -> Vec<Told<'_>> {
        let facts = self.evidence.facts_of(self.subject).into_iter().map(|source| (source, true));
        let all = facts.chain([(&self.evidence.policies, false), (&self.evidence.business, true)]);
        all.flat_map(|(source, of_goods)| source.lines.iter().map(move |line| Told { source, line, of_goods }))
            .collect()
    }

    /// Whether a number is one that a line of the shop's must bear: no price, no count of pieces, no part of a name.
    fn needs_a_line(&self, figure: &Figure) -> bool {
        let Some(value) = figure.value else { return false };
        let number = |at: usize| self.reply.tokens.get(at).is_some_and(|t| t.kind == Kind::Number);
        let spelled = self.reply.tokens.get(figure.first).is_some_and(|t| amount::small_word(&t.text).is_some());
        // Groups of digits are a phone number.
        let grouped = (figure.first > 0 && number(figure.first - 1)) || number(figure.last + 1);
        let written = number(figure.first) || figure.last > figure.first || spelled;
        let after = self.reply.tokens.get(figure.last + 1);
        let thing = after.is_some_and(|t| is_counter(t) || is_kind(t) || self.evidence.names.has(t));
        let sources = || self.evidence.facts_of(self.subject).into_iter().chain(self.evidence.trusted());
        let counts = figure.unit == Unit::Plain
            && ((thing && !sources().any(|source| source.pairs(value, None, after)))
                || stock::is_count(self.reply, self.clause, figure, self.evidence));
        written && !grouped && sources().any(|source| source.counts(value)) && !counts && !self.is_aside_figure(figure)
    }

    /// Whether a number needs no line: a price, what a threshold leaves, a part of a name.
    fn is_aside_figure(&self, figure: &Figure) -> bool {
        let own = |p: &usize| (1..=50).any(|quantity| self.evidence.is_multiple(figure, *p, quantity));
        let price = figure.unit == Unit::Money && (self.evidence.is_price(figure) || self.subject.iter().any(own));
        let asked = figure.unit == Unit::Money && figure.value.is_some_and(|v| self.evidence.asked.counts(v));
        price || asked || self.is_left(figure) || self.evidence.is_named(self.reply, figure)
    }

    /// Symbols, numbers, names, courtesies.
    fn is_aside(&self, at: usize, word: &Token, tokens: &[Token]) -> bool {
        let here = self.range.start + at;
        let counted = self.reply.figures.iter().any(|f| (f.first..=f.last).contains(&here));
        let polite = speech::COURTESY.all(tokens).any(|(from, n)| n > 1 && (from..from + n).contains(&at));
        let named = self.evidence.names.has(word) || self.evidence.in_title(std::slice::from_ref(word));
        word.kind != Kind::Word || counted || polite || named || is_money_word(word)
    }
}
