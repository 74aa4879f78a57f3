//! Reading what people and models write: one legible form of a text, and its tokens.
//!
//! Guard, answerer and prompt read through this one module, so that a price in fullwidth digits or Arabic ones is the same price to all of
//! them. It judges nothing.

mod shorts;

pub use shorts::written_out;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters.
    Word,
    /// Digits with the separators between them.
    Number,
    /// One other character; a line end is `\n`.
    Symbol,
}

/// A piece of a legible text.
#[derive(Debug, Clone)]
pub struct Token {
    pub kind: Kind,
    /// Lower case, NFC.
    pub text: String,
    /// Without marks, đ as d.
    pub fold: String,
    /// Nothing stands between it and the token before.
    pub glued: bool,
    /// Only ASCII in a text that otherwise has Vietnamese marks, or an English verb, so its missing marks mean something.
    pub bare: bool,
    /// Of an English text, which leaves out no marks: "so the" is no "số thẻ".
    pub foreign: bool,
    /// The base letters and then the tone, so that "hoà" and "hòa" are equal.
    toned: String,
}

impl Token {
    /// Whether this is the symbol.
    #[must_use]
    pub fn is(&self, symbol: char) -> bool {
        self.kind == Kind::Symbol && self.text.starts_with(symbol)
    }

    /// Whether a word of a catalogue and a word of a message are the same: exactly, or where one of the texts has no
    /// marks at all.
    #[must_use]
    pub fn same_word(&self, other: &Self) -> bool {
        let unmarked = |t: &Self| t.text.is_ascii() && !t.bare;
        self.toned == other.toned
            || (self.fold == other.fold && (unmarked(self) || unmarked(other)))
            || (self.text.is_ascii() && other.text.is_ascii() && singular(&self.text) == singular(&other.text))
    }

    /// Whether this word of a message is the pattern's word. A pattern without marks takes any marks ("mien phi" also takes the misspelt
    /// "miển phí"); one with marks takes these, or none where the message has none or the pattern has more words.
    #[must_use]
    pub fn reads(&self, pattern: &Self, alone: bool) -> bool {
        if pattern.text.is_ascii() {
            return self.fold == pattern.fold;
        }
        let unmarked = self.text.is_ascii() && !self.foreign && (!self.bare || !alone);
        self.toned == pattern.toned || (unmarked && self.fold == pattern.fold)
    }

    /// As [`Token::reads`], of a pattern that is written with its marks: it takes these, or none where the message has none.
    #[must_use]
    pub fn is_exactly(&self, pattern: &Self) -> bool {
        let unmarked = !pattern.text.is_ascii() && self.text.is_ascii() && !self.bare && !self.foreign;
        self.toned == pattern.toned || (unmarked && self.fold == pattern.fold)
    }
}

/// Zeros of the scripts with decimal digits that compatibility normalisation leaves as they are (Unicode 16, category Nd).
const ZEROS: &[u32] = &[
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0,
    0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60,
    0x16B50, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0,
];

/// The text with compatibility forms unfolded, digits of every script as ASCII, keycaps opened and invisible selectors dropped.
#[must_use]
pub fn legible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkc() {
        match c {
            '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}' => {}
            '。' | '｡' | '․' => out.push('.'),
            '，' | '、' | '٫' => out.push(','),
            '٬' | '’' | 'ʼ' | '´' => out.push('\''),
            '🔟' => out.push_str("10"),
            '⁄' | '∕' => out.push('/'),
            '‐' | '‑' | '‒' | '–' | '—' | '−' => out.push('-'),
            '\r' => out.push('\n'),
            _ => out.push(digit(c).unwrap_or(c)),
        }
    }
    out
}

fn digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return None;
    }
    let code = u32::from(c);
    let zero = ZEROS.iter().find(|z| (**z..**z + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// Lower case, no marks, đ as d: how customers type.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

/// An English word without the ending of its plural; shorter words and "dress" or "canvas" keep theirs.
fn singular(word: &str) -> &str {
    if word.len() < 4 || !word.is_ascii() || ["ss", "us", "is", "as", "'s"].iter().any(|end| word.ends_with(end)) {
        return word;
    }
    let hissing = ["sses", "shes", "ches", "xes"].iter().any(|end| word.ends_with(end));
    let ending = if hissing { "es" } else { "s" };
    word.strip_suffix(ending).unwrap_or(word)
}

fn toned(word: &str) -> String {
    let is_tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
    let base: String = word.nfd().filter(|c| !is_tone(c)).nfc().collect();
    let tone: String = word.nfd().filter(is_tone).collect();
    base + &tone
}

/// Whether a text has letters that only marked Vietnamese (or another marked script) has.
#[must_use]
pub fn has_marks(text: &str) -> bool {
    text.nfc().any(|c| c.is_alphabetic() && !c.is_ascii())
}

/// The tokens of a text, which is made legible first.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let text = legible(text);
    let marked = has_marks(&text);
    let chars: Vec<char> = text.nfc().flat_map(char::to_lowercase).collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or(' ');
    let is_letter = |c: char| c.is_alphabetic() || is_combining_mark(c);
    let mut out: Vec<Token> = Vec::new();
    let (mut i, mut glued) = (0, false);
    while i < chars.len() {
        let c = at(i);
        let from = i;
        i += 1;
        if c.is_whitespace() && c != '\n' {
            glued = false;
            continue;
        }
        let kind = if c.is_ascii_digit() {
            while at(i).is_ascii_digit()
                || (matches!(at(i), '.' | ',' | '\'' | '_' | '·') && at(i + 1).is_ascii_digit())
            {
                i += 1;
            }
            Kind::Number
        } else if is_letter(c) {
            while is_letter(at(i)) || (at(i) == '\'' && is_letter(at(i + 1))) {
                i += 1;
            }
            Kind::Word
        } else {
            Kind::Symbol
        };
        let text: String = chars.get(from..i).unwrap_or_default().iter().collect();
        let fold = if kind == Kind::Word { fold(&text) } else { text.clone() };
        let toned = if kind == Kind::Word { toned(&text) } else { text.clone() };
        let bare = marked && text.is_ascii();
        out.push(Token { kind, text, fold, glued, bare, foreign: false, toned });
        glued = c != '\n';
    }
    mark_verbs(&mut out);
    out
}

/// The English verb "do" is no "đỏ", "đó" or "đồ" without its marks: a neighbour tells it.
fn mark_verbs(tokens: &mut [Token]) {
    let word = |t: Option<&Token>, list: &[&str]| t.is_some_and(|t| list.contains(&t.text.as_str()));
    for at in 0..tokens.len() {
        let before = at.checked_sub(1).and_then(|i| tokens.get(i));
        let verb = word(tokens.get(at + 1), &["you", "u", "i", "we", "they", "y'all"])
            || word(before, &["what", "how", "where", "when", "which", "you", "i", "we", "they"]);
        if let Some(token) = tokens.get_mut(at).filter(|t| verb && t.text == "do") {
            token.bare = true;
        }
    }
}

/// Phrases to look for, each a sequence of words; written as one text with `|` between them.
pub struct Phrases {
    list: Vec<Vec<Token>>,
    is_exact: bool,
}

impl Phrases {
    /// Words without marks take any.
    #[must_use]
    pub fn new(list: &str) -> Self {
        Self { list: list.split('|').map(tokens).filter(|phrase| !phrase.is_empty()).collect(), is_exact: false }
    }

    /// All is written with its marks, and what has none is meant without.
    #[must_use]
    pub fn exactly(list: &str) -> Self {
        Self { is_exact: true, ..Self::new(list) }
    }

    /// The first place where one stands: index and length.
    #[must_use]
    pub fn find(&self, tokens: &[Token]) -> Option<(usize, usize)> {
        self.all(tokens).next()
    }

    /// Every place where one stands.
    pub fn all<'a>(&'a self, tokens: &'a [Token]) -> impl Iterator<Item = (usize, usize)> + 'a {
        (0..tokens.len()).flat_map(move |at| {
            self.list.iter().filter_map(move |phrase| {
                let window = tokens.get(at..at + phrase.len())?;
                let alone = phrase.len() == 1;
                let reads = |(t, p): (&Token, &Token)| if self.is_exact { t.is_exactly(p) } else { t.reads(p, alone) };
                window.iter().zip(phrase).all(reads).then_some((at, phrase.len()))
            })
        })
    }
}

/// A text from outside as it may stand quoted in a prompt or be shown: no markup, control, bidi or invisible characters, one space between
/// words, at most `limit` characters.
#[must_use]
pub fn plain(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut in_tag = false;
    let mut rest = text.nfc().peekable();
    let mut space = false;
    while let Some(c) = rest.next() {
        match c {
            // A tag needs a letter, '/' or '!' after '<'; "size < 40" is no tag.
            '<' if rest.peek().is_some_and(|n| n.is_alphabetic() || matches!(n, '/' | '!')) => in_tag = true,
            '>' if in_tag => (in_tag, space) = (false, true),
            _ if in_tag => {}
            c if c.is_whitespace() || c.is_control() => space = true,
            c if is_invisible(c) => {}
            '<' | '>' | '`' | '{' | '}' => space = true,
            c => {
                if space && !out.is_empty() {
                    out.push(' ');
                }
                space = false;
                out.push(c);
            }
        }
    }
    out.chars().take(limit).collect()
}

/// Characters that are not seen and change what is: zero-width, bidi, tags, soft hyphen, private use.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E
        | 0x2060..=0x206F | 0x3164 | 0xE000..=0xF8FF | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFF | 0xE0000..=0xE0FFF | 0xF0000..=0x10FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_are_digits() {
        assert_eq!(legible("１５０.000 ١٥٠ १५० 𝟙𝟝𝟘 1️⃣5️⃣0️⃣ ①"), "150.000 150 150 150 150 1");
    }

    #[test]
    fn folding_is_how_customers_type() {
        assert_eq!(fold("Áo THUN Đỏ"), "ao thun do");
        assert_eq!(fold("A\u{301}o"), "ao");
    }

    #[test]
    fn words_are_the_same_by_tone_or_where_marks_are_missing() {
        let word = |text: &str| tokens(text).remove(0);
        assert!(word("hoà").same_word(&word("hòa")));
        assert!(word("do").same_word(&word("đỏ")));
        assert!(!word("đó").same_word(&word("đỏ")));
        assert!(!word("năm").same_word(&word("nam này đẹp")), "a text with marks means the words that have none");
    }

    #[test]
    fn tokens_keep_separators_inside_numbers_only() {
        let texts: Vec<String> = tokens("Giá 150.000đ. 1tr2!").into_iter().map(|t| t.text).collect();
        assert_eq!(texts, ["giá", "150.000", "đ", ".", "1", "tr", "2", "!"]);
    }

    #[test]
    fn plain_text_has_no_markup_and_nothing_invisible() {
        assert_eq!(
            plain("<b>Áo</b>\u{202E} thun\u{200B}\n\n{x} <script>alert(1)</script> a < b", 100),
            "Áo thun x alert(1) a b"
        );
        assert_eq!(plain("abcdef", 3), "abc");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = (tokens(&text), crate::language::language(&text), plain(&text, 50), fold(&text));
        }
    }
}
