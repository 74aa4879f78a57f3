//! Whether a part of a reply says no other than a line does: the same words, the same place, from the same number on, paid by the same.

use super::Part;
use super::line::{Told, is_led, is_money_word};
use super::words::{BOUNDS, BUYER, FREE, LEAVES, SELLER};
use crate::guard::money::is_counter;
use crate::guard::negation::{denies, negated};
use crate::guard::numbers::{Figure, Unit};
use crate::guard::reading::{Phrases, WordList};
use crate::guard::{gloss, places, promises};
use crate::text::{Kind, Token};
use std::ops::Range;

impl Part<'_> {
    pub(super) fn fits(&self, line: Told<'_>, tokens: &[Token], lines: &[Told<'_>]) -> bool {
        let places = places::named(tokens);
        let placed = |at: usize| places.iter().any(|place| place.contains(&at));
        let told = |(at, word): (usize, &Token)| {
            placed(at) || self.is_aside(at, word, tokens) || self.is_told(line, word, negated(tokens, at), lines)
        };
        // What holds for the cookies holds for no tea.
        let of = self.evidence.groups(self.reply.slice(self.sentence), None);
        let theirs = self.evidence.groups(line.source.slice(&line.line.range), None);
        let in_both = |p: &usize| theirs.iter().any(|g| g.products.contains(p));
        let other =
            !line.of_goods && !of.is_empty() && !theirs.is_empty() && !of.iter().flat_map(|g| &g.products).any(in_both);
        let excepted = !line.of_goods && self.is_excepted(tokens);
        if other || excepted || self.pays_another(line, tokens) || self.is_of_each(line) {
            return false;
        }
        self.same_bounds(line)
            && (line.of_goods || (self.holds_there(line, tokens, &places) && self.is_told_apart(line, lines)))
            && tokens.iter().enumerate().all(told)
    }

    /// Whether the line says the word, or what it belongs to does.
    pub(super) fn is_told(&self, line: Told<'_>, word: &Token, denied: bool, lines: &[Told<'_>]) -> bool {
        if line.says(word) {
            return !denied || line.denies();
        }
        let source = line.source;
        let of_source = |other: &&Told<'_>| std::ptr::eq(other.source, source) && !std::ptr::eq(other.line, line.line);
        if line.of_goods {
            // Of the goods a word may stand anywhere but beside another number.
            return line.is_headed(word)
                || FREE.has(word)
                || !lines.iter().filter(of_source).any(|other| other.counts() && other.says(word));
        }
        let in_sentence = |other: &&Told<'_>| of_source(other) && other.line.sentence == line.line.sentence;
        let others = lines.iter().filter(in_sentence).any(|other| other.counts() && other.says(word));
        // Where a number counts from was compared; what a threshold leaves is its other side.
        let bound = BOUNDS.iter().any(|kind| kind.find(std::slice::from_ref(word)).is_some());
        let led =
            || line.source.figures_in(&line.line.range).any(|f| BOUNDS.iter().any(|kind| is_led(line.source, f, kind)));
        self.is_of(line, word, lines)
            || (FREE.has(word) && !(others && word.text.chars().count() > 4))
            || (bound && led())
            || (LEAVES.has(word) && self.leaves())
    }

    /// Whether what the line of a policy belongs to says the word: its heading, its sentence's topic, what it depends on.
    pub(super) fn is_of(&self, line: Told<'_>, word: &Token, lines: &[Told<'_>]) -> bool {
        let source = line.source;
        let of_source = |other: &&Told<'_>| std::ptr::eq(other.source, source) && !std::ptr::eq(other.line, line.line);
        let sentence = source.sentences.get(line.line.sentence);
        let in_sentence = |other: &&Told<'_>| of_source(other) && other.line.sentence == line.line.sentence;
        // "Tỉnh khác 35k" is of the fee that its sentence begins with; a line with a topic of its own is of that.
        let topicless = !source.slice(&line.line.range).iter().any(promises::tells_promise);
        let topic =
            topicless && promises::is_topic(word) && sentence.is_some_and(|sentence| source.says(sentence, word));
        topic
            || line.is_headed(word)
            || lines.iter().filter(in_sentence).any(|other| !other.counts() && !other.denies() && other.says(word))
            || line.goes_on(word)
    }

    /// Whether the places of the part, or of the question where it names none, are those of the line.
    pub(super) fn holds_there(&self, line: Told<'_>, tokens: &[Token], named: &[Range<usize>]) -> bool {
        let source = line.source;
        let holds = |stretch: &[Token], place: &Range<usize>| {
            let place = stretch.get(place.clone()).unwrap_or_default();
            places::holds_for(source, &line.line.range, place)
        };
        let of_a_place = places::is_of_a_place(source.slice(&line.line.range));
        let sentence = source.sentences.get(line.line.sentence).map_or(&[][..], |range| source.slice(range));
        if !named.is_empty() {
            // A line without a place holds where its sentence says, and everywhere where that says nothing.
            let inherited = !of_a_place
                && named.iter().all(|place| {
                    let place = tokens.get(place.clone()).unwrap_or_default();
                    !places::is_of_a_place(sentence) || places::names(sentence, place)
                });
            return inherited || named.iter().all(|place| holds(tokens, place));
        }
        let asked = &self.evidence.asked.tokens;
        let theirs = places::named(asked);
        // "Các tỉnh khác 30k" tells itself where it holds.
        let says_where = places::is_of_a_place(self.reply.slice(self.sentence));
        !of_a_place || theirs.is_empty() || says_where || theirs.iter().any(|place| holds(asked, place))
    }

    /// Of several lines with numbers of a kind, whether the reply or the question says which it is.
    pub(super) fn is_told_apart(&self, line: Told<'_>, lines: &[Told<'_>]) -> bool {
        let rival = |other: &&Told<'_>| {
            std::ptr::eq(other.source, line.source)
                && other.line.sentence == line.line.sentence
                && !std::ptr::eq(other.line, line.line)
                && other.unit().is_some()
                && other.unit() == line.unit()
        };
        let rivals: Vec<&Told<'_>> = lines.iter().filter(rival).collect();
        let telling = |t: &&Token| {
            t.kind == Kind::Word
                && !FREE.has(t)
                && !promises::is_topic(t)
                && !is_money_word(t)
                && !rivals.iter().any(|other| other.says(t))
        };
        let own: Vec<&Token> = line.source.slice(&line.line.range).iter().filter(telling).collect();
        let said = |stretch: &[Token]| {
            let word = |own: &&Token| stretch.iter().any(|t| t.same_word(own) || gloss::same_meaning(t, own));
            let place = |at: Range<usize>| {
                places::holds_for(line.source, &line.line.range, stretch.get(at).unwrap_or_default())
            };
            own.iter().any(word) || places::named(stretch).into_iter().any(place) || line.is_glossed(stretch, &own)
        };
        rivals.is_empty() || own.is_empty() || said(&self.reply.tokens) || said(&self.evidence.asked.tokens)
    }

    /// Whether "from", "under", "after" beside a number are the line's too.
    pub(super) fn same_bounds(&self, line: Told<'_>) -> bool {
        self.bounds(line, |figure| self.needs_a_line(figure) && line.has(figure))
    }

    /// The same of the numbers that the line has.
    pub(super) fn same_bounds_of(&self, line: Told<'_>) -> bool {
        self.bounds(line, |figure| line.has(figure))
    }

    pub(super) fn bounds(&self, line: Told<'_>, of: impl Fn(&Figure) -> bool) -> bool {
        self.reply.figures_in(&self.range).filter(|f| of(f)).all(|figure| {
            let mut theirs = line.source.figures_in(&line.line.range).filter(|f| f.value == figure.value);
            let led = |kind: &&Phrases| is_led(self.reply, figure, kind);
            let kinds: Vec<&Phrases> = BOUNDS.iter().filter(led).collect();
            theirs.any(|f| kinds.iter().all(|kind| is_led(line.source, f, kind)))
        })
    }

    /// Whether the policies say no of these very goods: "đồ ngủ và vớ không đổi".
    pub(super) fn is_excepted(&self, tokens: &[Token]) -> bool {
        if (0..tokens.len()).any(|at| denies(tokens, at)) {
            return false;
        }
        let policies = &self.evidence.policies;
        policies.sentences.iter().any(|range| {
            let own = policies.slice(range);
            let denied = own.iter().enumerate().any(|(at, t)| {
                promises::tells_kind(t)
                    && negated(own, at)
                    && tokens.iter().any(|said| said.same_word(t) || gloss::same_meaning(said, t))
            });
            denied
                && policies.parts(range).iter().any(|part| {
                    let things: Vec<&Token> = policies
                        .slice(part)
                        .iter()
                        .filter(|t| t.kind == Kind::Word && !FREE.has(t) && !promises::is_topic(t))
                        .collect();
                    let said = |t: &&Token| {
                        [tokens, &self.evidence.asked.tokens[..]]
                            .iter()
                            .any(|stretch| stretch.iter().any(|s| s.same_word(t)))
                    };
                    !things.is_empty()
                        && (things.iter().all(said)
                            || self.subject.iter().any(|p| things.iter().all(|t| self.evidence.in_title_of(*p, t))))
                })
        })
    }

    /// Whether somebody else pays than the line says: "tiệm trả phí" for "khách trả phí".
    pub(super) fn pays_another(&self, line: Told<'_>, tokens: &[Token]) -> bool {
        let payer = |stretch: &[Token], list: &WordList| {
            let pays = |t: &Token| {
                matches!(t.text.as_str(), "trả" | "chịu" | "tra" | "chiu" | "pay" | "pays" | "cover" | "covers")
            };
            let before = stretch.iter().position(pays).and_then(|at| at.checked_sub(1)).and_then(|at| stretch.get(at));
            before.is_some_and(|t| list.has(t))
        };
        let own = line.source.slice(&line.line.range);
        (payer(tokens, &SELLER) && payer(own, &BUYER)) || (payer(tokens, &BUYER) && payer(own, &SELLER))
    }

    /// Whether the part tells of several what the line says of each: "gói quà 2 món 15k" for "15k một món".
    pub(super) fn is_of_each(&self, line: Told<'_>) -> bool {
        let own = line.source.slice(&line.line.range);
        let each = own.windows(2).any(
            |w| matches!(w, [a, b] if matches!(a.text.as_str(), "một" | "mỗi" | "per" | "each" | "a") && is_counter(b)),
        );
        let several = |f: &&Figure| {
            f.unit == Unit::Plain
                && f.value.is_some_and(|v| v >= 2000)
                && self.reply.tokens.get(f.last + 1).is_some_and(is_counter)
        };
        each && self.reply.figures_in(&self.range).any(|f| several(&f) && !line.has(f))
    }
}
