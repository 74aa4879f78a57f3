//! A text as the guard sees it: tokens, figures, sentences and clauses, and the phrases looked for in them.

use super::gloss;
use super::negation::{denies, negated};
use super::numbers::{Figure, figures};
use crate::language::{Language, language_of};
pub(super) use crate::text::Phrases;
use crate::text::{Kind, Token, fold, tokens};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// A text taken apart.
pub(super) struct Reading {
    pub tokens: Vec<Token>,
    pub figures: Vec<Figure>,
    /// Token ranges, each with its closing mark.
    pub sentences: Vec<Range<usize>>,
    /// Parts of sentences, with the index of the sentence.
    pub clauses: Vec<(Range<usize>, usize)>,
    /// For each clause of a source the words it may also be told with; of a reply none.
    meanings: Vec<Vec<&'static Token>>,
    /// What a source says, one thing each; of a reply nothing.
    pub lines: Vec<Line>,
}

/// A part of a source that says one thing: "nội thành 20k" of "Phí giao hàng: nội thành 20k, tỉnh khác 30k."
pub(super) struct Line {
    pub range: Range<usize>,
    /// The index of its sentence.
    pub sentence: usize,
    /// The words it may also be told with.
    meanings: Vec<&'static Token>,
}

impl Reading {
    pub fn of(text: &str) -> Self {
        let mut tokens = tokens(text);
        // English has no marks to leave out: "Lan" is no "lần".
        if language_of(&tokens) == Some(Language::English) {
            tokens.iter_mut().filter(|t| t.text.is_ascii()).for_each(|t| (t.bare, t.foreign) = (true, true));
        }
        Self::of_tokens(tokens, false)
    }

    /// `edited` texts have a space after each sentence, so that "TP.HCM" is one word.
    pub fn of_tokens(tokens: Vec<Token>, edited: bool) -> Self {
        let figures = figures(&tokens);
        let inside = |at: usize| figures.iter().any(|f| f.first <= at && at < f.last);
        let mut sentences: Vec<Range<usize>> = Vec::new();
        let mut clauses = Vec::new();
        let (mut sentence, mut clause) = (0, 0);
        for (at, token) in tokens.iter().enumerate() {
            let inner = edited && token.is('.') && tokens.get(at + 1).is_some_and(|t| t.glued && t.kind == Kind::Word);
            let closes = !inner
                && token.kind == Kind::Symbol
                && matches!(token.text.as_str(), "." | "!" | "?" | "…" | "\n" | ";" | "•");
            let parts = token.is(',') || (token.is('-') && !token.glued && !inside(at)) || token.is('|');
            let turns = matches!(token.fold.as_str(), "nhung" | "but" | "while" | "however") && token.text != "những";
            if closes {
                clauses.push((clause..at + 1, sentences.len()));
                sentences.push(sentence..at + 1);
                (sentence, clause) = (at + 1, at + 1);
            } else if (parts || turns) && at > clause {
                clauses.push((clause..at, sentences.len()));
                clause = at;
            }
        }
        if clause < tokens.len() {
            clauses.push((clause..tokens.len(), sentences.len()));
        }
        if sentence < tokens.len() {
            sentences.push(sentence..tokens.len());
        }
        Self { tokens, figures, sentences, clauses, meanings: Vec::new(), lines: Vec::new() }
    }

    /// A text that a reply may rest on, also in other words.
    pub fn source(text: &str) -> Self {
        let mut out = Self::of_tokens(tokens(text), true);
        out.meanings = out.clauses.iter().map(|(clause, _)| gloss::meanings(out.slice(clause))).collect();
        let line = |range: Range<usize>, sentence: usize| {
            let meanings = gloss::meanings(out.slice(&range));
            Line { range, sentence, meanings }
        };
        let clauses = out.clauses.iter();
        let lines = clauses.flat_map(|(clause, n)| out.parts(clause).into_iter().map(move |part| (part, *n)));
        out.lines = lines.map(|(part, n)| line(part, n)).collect();
        out
    }

    /// The parts of a stretch that say one thing each.
    pub fn parts(&self, clause: &Range<usize>) -> Vec<Range<usize>> {
        let counted = |at: usize| self.figures.iter().any(|f| f.first <= at && at <= f.last);
        let joins = |at: usize| {
            let Some(token) = self.tokens.get(at) else { return false };
            // "Loa 30k còn tai nghe 50k", but "hàng còn tem".
            let before = at.checked_sub(1);
            let turns = before.is_some_and(|i| {
                counted(i)
                    || self
                        .tokens
                        .get(i)
                        .is_some_and(|t| t.kind == Kind::Symbol || super::numbers::currency(t).is_some())
            });
            let word = (token.text == "còn" && turns)
                || matches!(
                    token.text.as_str(),
                    "và" | "hoặc" | "hay" | "nên" | "and" | "or" | "so" | "plus" | "cộng" | "kèm" | "but" | "nhưng"
                );
            // "1 or 2 days" is one number.
            let ranged = counted(at + 1) && at.checked_sub(1).is_some_and(counted);
            // "Tỉnh 30k (2-4 ngày)" is one line.
            let mark = [',', ';', '|'].into_iter().any(|mark| token.is(mark));
            (word || mark) && !counted(at) && !ranged
        };
        let mut out = Vec::new();
        let mut from = clause.start;
        for at in clause.clone().filter(|at| joins(*at)) {
            if at > from {
                out.push(from..at);
            }
            from = at;
        }
        if from < clause.end {
            out.push(from..clause.end);
        }
        out
    }

    /// Whether some line says the word, or one of its meaning, and denies it or does not.
    pub fn tells(&self, word: &Token, denied: bool) -> bool {
        (0..self.lines.len()).any(|n| {
            let Some(line) = self.lines.get(n) else { return false };
            self.line_says(line, word) && self.denies(n, word) == denied
        })
    }

    /// Whether a line denies what it says with the word. "Không chứa cồn, hương liệu" denies both.
    fn denies(&self, n: usize, word: &Token) -> bool {
        let Some(line) = self.lines.get(n) else { return false };
        let own = self.slice(&line.range);
        let stands = own.iter().position(|t| t.same_word(word));
        let at = stands.or_else(|| gloss::meant_at(own, std::slice::from_ref(word)).first().copied());
        let here = match at {
            Some(at) => negated(own, at),
            None => (0..own.len()).any(|at| denies(own, at)),
        };
        let counts = self.figures_in(&line.range).next().is_some();
        let words = own.iter().filter(|t| t.kind == Kind::Word).count();
        let listed = || {
            let before =
                n.checked_sub(1).filter(|before| self.lines.get(*before).is_some_and(|l| l.sentence == line.sentence));
            before.and_then(|before| self.lines.get(before)).is_some_and(|l| LACKS.find(self.slice(&l.range)).is_some())
        };
        here || (!counts && words <= LISTED_WORDS && !(0..own.len()).any(|at| denies(own, at)) && listed())
    }

    /// Whether a line says a word or one of its meaning.
    pub fn line_says(&self, line: &Line, word: &Token) -> bool {
        let told = |t: &Token| t.same_word(word) && (!t.text.is_ascii() || word.text.is_ascii());
        self.slice(&line.range).iter().any(|t| t.same_word(word)) || line.meanings.iter().any(|t| told(t))
    }

    /// Whether a stretch of a source says a word or one of its meaning.
    pub fn says(&self, range: &Range<usize>, word: &Token) -> bool {
        let first = self.clauses.partition_point(|(clause, _)| clause.start < range.start);
        let last = self.clauses.partition_point(|(clause, _)| clause.end <= range.end);
        let meant = self.meanings.get(first..last).unwrap_or_default();
        // "No charge" does not tell "nổ".
        let told = |t: &Token| t.same_word(word) && (!t.text.is_ascii() || word.text.is_ascii());
        self.slice(range).iter().any(|t| t.same_word(word)) || meant.iter().flatten().any(|t| told(t))
    }

    /// What stands before the colon of the line that a sentence is on: "Phí giao hàng" of "Phí giao hàng: nội thành 20k. Tỉnh 30k."
    pub fn heading(&self, sentence: &Range<usize>) -> Option<Range<usize>> {
        let before = self.tokens.get(..sentence.start).unwrap_or_default();
        let start = before.iter().rposition(|t| t.is('\n')).map_or(0, |at| at + 1);
        let line = self.tokens.get(start..sentence.end).unwrap_or_default();
        let clock = |at: usize| self.figures.iter().any(|f| f.first < at && at < f.last);
        let digits = |at: usize| self.tokens.get(at + 1).is_some_and(|t| t.glued && t.kind == Kind::Number);
        let colon = line.iter().enumerate().position(|(n, t)| t.is(':') && !clock(start + n) && !digits(start + n))?;
        Some(start..start + colon)
    }

    pub fn slice(&self, range: &Range<usize>) -> &[Token] {
        self.tokens.get(range.clone()).unwrap_or_default()
    }

    pub fn figures_in(&self, range: &Range<usize>) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(move |f| range.contains(&f.first))
    }

    pub fn has(&self, range: &Range<usize>, phrases: &Phrases) -> bool {
        phrases.find(self.slice(range)).is_some()
    }

    /// Whether the text has this number as one of its figures.
    pub fn counts(&self, value: i128) -> bool {
        self.figures.iter().any(|f| f.value == Some(value))
    }

    /// Whether the text has the number beside the same word, which tells what is counted.
    pub fn pairs(&self, value: i128, before: Option<&Token>, after: Option<&Token>) -> bool {
        self.figures.iter().filter(|f| f.value == Some(value)).any(|f| {
            let left = f.first.checked_sub(1).and_then(|i| self.tokens.get(i));
            let right = self.tokens.get(f.last + 1);
            let equal = |a: Option<&Token>, b: Option<&Token>| {
                a.zip(b).is_some_and(|(a, b)| a.kind == Kind::Word && telling(a) && gloss::same_meaning(a, b))
            };
            equal(left, before) || equal(right, after)
        })
    }
}

/// Words beside a number that say nothing about what is counted.
fn telling(token: &Token) -> bool {
    !matches!(
        token.fold.as_str(),
        "gia"
            | "la"
            | "chi"
            | "con"
            | "price"
            | "is"
            | "cost"
            | "costs"
            | "for"
            | "at"
            | "only"
            | "just"
            | "thoi"
            | "nhe"
            | "nha"
            | "a"
            | "ban"
            | "tinh"
            | "lay"
            | "tong"
            | "total"
            | "het"
            | "duoc"
            | "dc"
            | "the"
            | "of"
            | "to"
            | "va"
            | "and"
            | "or"
            | "hoac"
            | "den"
            | "tu"
            | "from"
            | "co"
            | "cho"
            | "ok"
            | "oke"
            | "shop"
            | "em"
            | "minh"
            | "it"
            | "pay"
            | "tra"
            | "voi"
            | "khoang"
            | "tam"
            | "muc"
            | "thanh"
            | "deal"
            | "chot"
            | "be"
            | "was"
            | "are"
            | "you"
            | "me"
            | "da"
            | "vang"
            | "nay"
            | "do"
            | "k"
            | "xuong"
            | "off"
            | "giam"
    )
}

/// Begins a list of what is not there.
static LACKS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "không chứa|không có|không dùng|không gồm|không bao gồm|không sử dụng|không nhận|không đổi|contains no|does not contain|free from|free of|without|no added",
    )
});
/// Words of a further member of such a list.
const LISTED_WORDS: usize = 4;

static FILLERS: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "dạ vâng ạ ah nhé nha nhen nè em anh chị bạn mình shop bên của thì là mà và với cho này đó được sẽ có \
        hiện tại đang các những một trong khi nếu hàng sản phẩm mua đơn khách qua cả ơi tất mọi rất ghé theo \
        hoặc cũng luôn xin chào cảm ơn vui lòng gồm mẫu size màu the an is are we our you your it its this that \
        for of to in with and or at be will can have has does yes hi hello there also from by as any all order \
        orders i my us if so please thank thanks on",
    )
});

/// Words that carry no content of their own.
pub(super) fn is_filler(token: &Token) -> bool {
    token.kind != Kind::Word || FILLERS.has(token) || (token.text == "do" && token.bare)
}

static ASKING: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "giá bao nhiêu còn không ko hong tiền loại hỏi muốn cần tìm xem lấy đặt nào gì sao thế vậy đẹp rẻ ad ib \
        bán tư vấn giúp dùm giùm với hả chưa thêm cái chiếc con đôi bộ tui tôi cháu bé thử chất liệu cỡ bảo hành \
        dưới trên tầm khoảng nhất tổng cộng hết bn nhiu stock how much what which price cost sell buy want need \
        looking show me available color colour colors material about like get one pieces under cheapest cheap \
        would could some tell am recommend warranty many sizes product products new",
    )
});

/// Words with which one asks, whatever one asks for.
#[must_use]
pub fn only_asks(token: &Token) -> bool {
    ASKING.has(token)
}

/// Small words, known with their marks and, in a text without any, without them.
pub(super) struct WordList {
    exact: HashSet<&'static str>,
    folded: HashSet<String>,
}

impl WordList {
    pub fn new(words: &'static str) -> Self {
        Self { exact: words.split_whitespace().collect(), folded: words.split_whitespace().map(fold).collect() }
    }

    /// "do" without marks is more often đỏ than a small word, and a wrong guess would leave a product unrecognised; "be" and the like are
    /// English words rather than bé.
    pub fn has(&self, token: &Token) -> bool {
        let unmarked = !token.bare
            && token.text.is_ascii()
            && !matches!(token.text.as_str(), "do" | "be" | "me" | "an" | "on" | "so" | "to" | "day");
        self.exact.contains(token.text.as_str()) || (unmarked && self.folded.contains(&token.fold))
    }
}

/// The tokens that belong to none of the phrases.
pub(super) fn without(tokens: &[Token], phrases: &Phrases) -> Vec<Token> {
    let taken: Vec<(usize, usize)> = phrases.all(tokens).collect();
    let kept = tokens.iter().enumerate().filter(|(i, _)| !taken.iter().any(|(at, n)| (*at..at + n).contains(i)));
    kept.map(|(_, token)| token.clone()).collect()
}
