//! Whether what a line depends on is given: said, asked for, or reached by the sums that the reply names.

use super::Part;
use super::line::{Told, is_led, is_money_word};
use super::words::{BOUNDS, FREE, FREELY, UNDER};
use crate::guard::negation::denies;
use crate::guard::numbers::{Figure, Unit};
use crate::guard::reading::Line;
use crate::guard::{gloss, places, promises};
use crate::text::{Kind, Token};

impl Part<'_> {
    /// Whether the line bears the whole part, with what it is about and what it depends on.
    pub(super) fn is_line(&self, line: Told<'_>, tokens: &[Token], lines: &[Told<'_>]) -> bool {
        let near: Vec<i128> = self.reply.figures_in(self.sentence).filter_map(|f| f.value).collect();
        let units: Vec<Unit> = self.reply.figures_in(&self.range).map(|f| f.unit).collect();
        let depends = |f: &&Figure| {
            let beside = promises::speaks_of_delivery(line.source, line.line.sentence) && !units.is_empty();
            (!beside || units.contains(&f.unit)) && (f.unit != Unit::Money || !is_led(line.source, f, &BOUNDS[0]))
        };
        let own = line.source.figures_in(&line.line.range).filter(depends);
        own.filter_map(|f| f.value).all(|v| near.contains(&v))
            && self.fits(line, tokens, lines)
            && self.is_given(line)
            && self.says_subject(line)
            && self.same_answer(line, tokens)
    }

    /// Whether the reply says no where the line does; "chưa được miễn phí" where the order does not reach what the line asks for.
    pub(super) fn same_answer(&self, line: Told<'_>, tokens: &[Token]) -> bool {
        let denied = (0..tokens.len()).any(|at| denies(tokens, at));
        denied == line.denies() || (denied && self.reaches(line) == Some(false))
    }

    /// Whether what the line asks an order to reach is said, or reached.
    pub(super) fn is_given(&self, line: Told<'_>) -> bool {
        let tokens = self.reply.slice(&self.range);
        let denied = (0..tokens.len()).any(|at| denies(tokens, at));
        match self.reaches(line) {
            None => true,
            Some(reached) => reached != denied,
        }
    }

    /// Whether the sums that the reply names reach what the line asks for; `None` where it asks for nothing or the reply says what.
    pub(super) fn reaches(&self, line: Told<'_>) -> Option<bool> {
        let limits = line.source.figures_in(&line.line.range).filter(|f| f.unit == Unit::Money);
        let mut limits = limits.filter(|f| is_led(line.source, f, &BOUNDS[0])).filter_map(|f| f.value);
        let limit = limits.next()?;
        let said = self.reply.figures_in(self.sentence).any(|f| f.value == Some(limit));
        let sums = || {
            self.reply
                .figures
                .iter()
                .filter(|f| f.unit == Unit::Money && f.value != Some(limit))
                .filter_map(|f| f.value)
        };
        if said && sums().next().is_none() {
            return None;
        }
        sums().max().map(|most| most >= limit).or(Some(false))
    }

    /// Whether what the line is about is said: "hàng lỗi do tiệm" of what "được trả lại".
    pub(super) fn says_subject(&self, line: Told<'_>) -> bool {
        let own = line.source.slice(&line.line.range);
        let until = own.iter().position(promises::is_topic).unwrap_or(0);
        let subject: Vec<&Token> = own
            .get(..until)
            .unwrap_or_default()
            .iter()
            .filter(|t| t.kind == Kind::Word && !FREE.has(t) && !is_money_word(t))
            .collect();
        let stretches = [self.reply.slice(self.sentence), &self.evidence.asked.tokens];
        let stands = |word: &&&Token| {
            stretches.iter().any(|stretch| stretch.iter().any(|t| word.same_word(t) || gloss::same_meaning(word, t)))
        };
        // English says it in other words, which the line is known by.
        let glossed = || {
            let other = |t: &&Token| t.kind == Kind::Word && !FREE.has(t) && !promises::is_topic(t) && line.says(t);
            stretches.iter().map(|stretch| stretch.iter().filter(other).count()).max().unwrap_or(0)
        };
        let said = subject.iter().filter(stands).count().max(glossed());
        places::is_of_a_place(own) || said * 2 >= subject.len()
    }

    /// Whether the part speaks of orders that do not reach what sends them for nothing.
    pub(super) fn leaves(&self) -> bool {
        let policies = &self.evidence.policies;
        let free = |line: &Line| {
            FREELY.find(policies.slice(&line.range)).is_some() && policies.figures_in(&line.range).next().is_some()
        };
        UNDER.find(self.reply.slice(&self.range)).is_some()
            && FREELY.find(self.reply.slice(&self.range)).is_none()
            && policies.lines.iter().any(free)
    }

    /// Whether it tells what a threshold leaves: "đơn dưới 500k" where 500k is free.
    pub(super) fn is_left(&self, figure: &Figure) -> bool {
        let policies = &self.evidence.policies;
        let from = || policies.figures.iter().filter(|f| f.value == figure.value);
        let lead = self.reply.slice(&(figure.first.saturating_sub(3).max(self.range.start)..figure.first));
        UNDER.find(lead).is_some()
            && FREELY.find(self.reply.slice(&self.range)).is_none()
            && from().any(|f| is_led(policies, f, &BOUNDS[0]))
    }
}
