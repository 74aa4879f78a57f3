//! A text as the guard sees it: tokens, figures, sentences and clauses, and the phrases looked for in them.

use super::gloss;
use super::numbers::{Figure, figures};
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
}

impl Reading {
    pub fn of(text: &str) -> Self {
        Self::of_tokens(tokens(text), false)
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
        Self { tokens, figures, sentences, clauses, meanings: Vec::new() }
    }

    /// A text that a reply may rest on, also in other words.
    pub fn source(text: &str) -> Self {
        let mut out = Self::of_tokens(tokens(text), true);
        out.meanings = out.clauses.iter().map(|(clause, _)| gloss::meanings(out.slice(clause))).collect();
        out
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
