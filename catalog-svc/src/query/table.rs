//! Tables of phrases and of what they stand for: needs and English words that every shop shares, and a shop's own synonyms. Pure.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::marks::toned;
use crate::words;

/// Phrases of one synonym of a shop's.
pub const MOST_PHRASES: usize = 10;
/// Terms that one phrase looks for, and so rules that it can have.
const MOST_TERMS: usize = 24;
/// Words of one phrase.
const LONGEST_PHRASE: usize = 8;
/// Ways to put marks on the same letters.
const MOST_MARKED: usize = 16;
/// Phrases that are found in one question.
const MOST_MATCHES: usize = 64;

/// A phrase as it is written with its marks, word by word, and the rules that it has.
#[derive(Debug, Clone, PartialEq)]
struct Phrase {
    toned: Vec<String>,
    rules: Vec<usize>,
}

/// Phrases by their words without marks, and what each stands for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    phrases: HashMap<String, Vec<Phrase>>,
    rules: Vec<Vec<String>>,
}

/// A phrase that stands in a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match<'t> {
    /// Its first word.
    pub at: usize,
    /// How many words it has.
    pub len: usize,
    /// What to look for, the most telling first: words, or pairs of words.
    pub terms: Vec<&'t str>,
}

/// What people need.
pub static NEEDS: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("needs.txt")));
/// Words for the same thing.
pub static SAME: LazyLock<Table> = LazyLock::new(|| Table::alike(include_str!("same.txt")));
/// Shop words in English.
pub static ENGLISH: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("english.txt")));

/// As they are in the index: a word by itself, more words as their pairs.
fn terms(text: &str) -> Vec<String> {
    let words = words::split(text);
    if let [word] = words.as_slice() {
        return vec![word.clone()];
    }
    words::pairs(&words).map(|(a, b)| format!("{a} {b}")).collect()
}

impl Table {
    fn parse(text: &str) -> Self {
        let mut table = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((phrases, meant)) = line.split_once("=>") {
                table.insert(phrases.split('|'), meant);
            }
        }
        table
    }

    /// Each phrase of a line stands for all of it.
    fn alike(text: &str) -> Self {
        let mut table = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            table.insert(line.split('|'), &line.replace('|', ","));
        }
        table
    }

    /// Adds a shop's synonym: each of the first phrases stands for the comma-separated words.
    pub fn add<'p>(&mut self, phrases: impl Iterator<Item = &'p str>, meant: &str) {
        let told = phrases.filter(|phrase| phrase.contains(char::is_alphanumeric));
        self.insert(told.take(MOST_PHRASES), meant);
    }

    fn insert<'p>(&mut self, phrases: impl Iterator<Item = &'p str>, meant: &str) {
        let mut rule: Vec<String> = Vec::new();
        for term in meant.split(',').flat_map(terms) {
            if rule.len() < MOST_TERMS && !rule.contains(&term) {
                rule.push(term);
            }
        }
        if rule.is_empty() {
            return;
        }
        let number = self.rules.len();
        for phrase in phrases {
            let (folded, toned): (Vec<String>, Vec<String>) = phrase
                .split_whitespace()
                .flat_map(|word| words::split(word).into_iter().map(|folded| (folded, toned(word))))
                .take(LONGEST_PHRASE)
                .unzip();
            if folded.is_empty() {
                continue;
            }
            let known = self.phrases.entry(folded.join(" ")).or_default();
            // A phrase that stands there already has one rule more.
            if let Some(phrase) = known.iter_mut().find(|phrase| phrase.toned == toned) {
                if phrase.rules.len() < MOST_TERMS && phrase.rules.last() != Some(&number) {
                    phrase.rules.push(number);
                }
            } else if known.len() < MOST_MARKED {
                known.push(Phrase { toned, rules: vec![number] });
            }
        }
        self.rules.push(rule);
    }

    /// Whether it has no rule.
    #[cfg(test)]
    fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether the word is a phrase by itself.
    pub fn knows(&self, word: &str) -> bool {
        self.phrases.contains_key(word)
    }

    /// Words and terms it holds, for whoever bounds what is kept.
    pub fn size(&self) -> usize {
        let of = |phrase: &Phrase| phrase.toned.len() + phrase.rules.len();
        self.rules.iter().map(Vec::len).sum::<usize>() + self.phrases.values().flatten().map(of).sum::<usize>()
    }

    /// The phrases that stand in the words, the longest at each place; `fits` tells whether a word with its marks is that of the
    /// question at a place. Two that differ in marks only, of which both fit, are one: it stands for what either stands for.
    pub fn matches(&self, words: &[&str], fits: impl Fn(usize, &str) -> bool) -> Vec<Match<'_>> {
        let mut found: Vec<Match<'_>> = Vec::new();
        let mut end = 0;
        for at in 0..words.len() {
            let longest = (1..=LONGEST_PHRASE).rev().find_map(|len| {
                let terms = self.terms(words.get(at..at + len)?, |n, toned| fits(at + n, toned));
                (!terms.is_empty()).then_some(Match { at, len, terms })
            });
            // A phrase within a longer one says nothing of its own; that one began before.
            if let Some(longest) = longest.filter(|one| one.at + one.len > end) {
                end = longest.at + longest.len;
                found.push(longest);
            }
            if found.len() >= MOST_MATCHES {
                break;
            }
        }
        found
    }

    /// What the words together stand for, if they are a phrase.
    fn terms(&self, words: &[&str], fits: impl Fn(usize, &str) -> bool) -> Vec<&str> {
        let stands = |phrase: &&Phrase| phrase.toned.iter().enumerate().all(|(n, toned)| fits(n, toned));
        let mut terms: Vec<&str> = Vec::new();
        for phrase in self.phrases.get(&words.join(" ")).into_iter().flatten().filter(stands) {
            for term in phrase.rules.iter().filter_map(|rule| self.rules.get(*rule)).flatten() {
                if terms.len() < MOST_TERMS && !terms.contains(&term.as_str()) {
                    terms.push(term);
                }
            }
        }
        terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(table: &Table, text: &str) -> Vec<(usize, usize)> {
        let words = words::split(text);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        table.matches(&words, |_, _| true).iter().map(|one| (one.at, one.len)).collect()
    }

    #[test]
    fn the_longest_phrase_stands_for_its_words() {
        let mut table = Table::default();
        table.add(["áo", "áo phông", "tee"].into_iter(), "áo thun, thun");
        assert_eq!(stands(&table, "cho xem áo phông đỏ"), [(2, 2)]);
        assert_eq!(stands(&table, "ao tee"), [(0, 1), (1, 1)]);
        assert_eq!(stands(&table, "quần"), []);
        let words = ["ao", "phong"];
        assert_eq!(table.matches(&words, |_, _| true)[0].terms, ["ao thun", "thun"]);
        assert_eq!(
            table.matches(&words, |at, toned| at == 0 || toned != "phông").len(),
            1,
            "the other marks do not fit"
        );
    }

    #[test]
    fn one_phrase_in_two_rules_is_found_once() {
        let mut table = Table::default();
        table.add(["áo phông"].into_iter(), "áo thun");
        table.add(["áo phông", "Áo Phông"].into_iter(), "tee, áo thun");
        table.add(["ảo phông"].into_iter(), "khác");
        let words = ["ao", "phong"];
        let of = |marks: &str| -> Vec<Vec<&str>> {
            let typed = toned(marks);
            table.matches(&words, |at, toned| at > 0 || typed == toned).into_iter().map(|one| one.terms).collect()
        };
        assert_eq!(of("áo"), [["ao thun", "tee"]]);
        assert_eq!(of("ảo"), [["khac"]]);
        assert_eq!(table.matches(&words, |_, _| true)[0].terms, ["ao thun", "tee", "khac"]);
    }

    /// What an owner can enter at worst, and what a stranger can ask of it, cost no more than this.
    #[test]
    fn a_hostile_table_is_bounded() {
        const SYNONYMS: usize = 2_000;
        let mut table = Table::default();
        for number in 0..SYNONYMS {
            table.add("áo,".repeat(166).split(','), &format!("x{number}"));
            let long: Vec<String> = (0..166).map(|n| format!("áo m{number} n{n}")).collect();
            table.add(long.iter().map(String::as_str), &(0..100).map(|n| format!("y{n},")).collect::<String>());
        }
        let most = SYNONYMS * (1 + MOST_TERMS + MOST_PHRASES * (3 + 1)) + 1 + MOST_TERMS;
        assert!(table.size() <= most, "{} instead of {most}", table.size());
        for flood in ["áo ".repeat(100), "áo m7 n3 ".repeat(100), "áo m7 n3 áo ".repeat(100)] {
            let words = words::split(&flood);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let found = table.matches(&words, |_, _| true);
            assert!(!found.is_empty() && found.len() <= MOST_MATCHES, "{}", found.len());
            assert!(found.iter().all(|one| one.terms.len() <= MOST_TERMS));
        }
        assert_eq!(table.matches(&["ao", "m7", "n10"], |_, _| true)[0].len, 1, "the eleventh phrase is not read");
    }

    #[test]
    fn ways_to_mark_the_same_letters_are_bounded() {
        let mut table = Table::default();
        let marked: Vec<String> =
            "aáàảãạâấầẩẫậăắằẳẵặ".chars().flat_map(|a| "oóòỏõọ".chars().map(move |o| format!("{a} {o}"))).collect();
        for phrase in &marked {
            table.add([phrase.as_str()].into_iter(), phrase);
        }
        assert!(marked.len() > MOST_MARKED && table.phrases.values().all(|known| known.len() == MOST_MARKED));
    }

    #[test]
    fn a_rule_without_words_is_none() {
        let mut table = Table::default();
        table.add(["a"].into_iter(), " , !");
        assert!(table.is_empty());
    }

    /// How names of goods begin.
    const GOODS: &str = "áo|quần|váy|đầm|giày|dép|túi|ví|balo|vali|nón|khăn|găng|tủ|kệ|ghế|bàn|giường|nệm|gối|chăn|mền|thảm|rèm|\
        tranh|gương|đèn|quạt|máy|lò|nồi|chảo|bếp|xoong|bình|chai|lọ|hũ|ly|cốc|chén|bát|đĩa|khay|rổ|chậu|bồn|thùng|hộp|giỏ|dao|thớt|\
        tivi|tv|loa|camera|laptop|macbook|sofa|pc|pin|cáp|son|kem|bánh|kẹo|mứt|bún|phở|mì|gạo|bia|rượu|trà|sữa|chả|nem|xe máy|xe hơi|\
        xe đạp|ô tô|điện thoại|màn hình|ốp lưng|tai nghe|ấm trà";
    /// What says after such a word that it does not do any more, or what was done with it.
    const TELLS: &str = "cứng|dính|bừa|chật|ướt|xong|bụi|dơ|bẩn|nhăn|nhiều|cũ|trống|đắp|yếu|tụt|chết|chai|sập|tắt|trầy|nóng|đầy|lỏng|\
        rộng|dư";

    #[test]
    fn a_thing_that_shops_sell_is_no_need_by_itself() {
        let list = |text: &str| -> Vec<Vec<String>> {
            text.split('|').map(|phrase| phrase.split_whitespace().map(toned).collect()).collect()
        };
        let (goods, tells) = (list(GOODS), list(TELLS));
        for (folded, phrase) in NEEDS.phrases.iter().flat_map(|(folded, all)| all.iter().map(move |one| (folded, one)))
        {
            let Some(thing) = goods.iter().find(|thing| phrase.toned.starts_with(thing)) else { continue };
            // Whoever names a kind of goods may well be shown what is of that kind.
            let terms: Vec<&String> = phrase.rules.iter().flat_map(|rule| &NEEDS.rules[*rule]).collect();
            let begins = |len: usize| folded.split(' ').take(len).collect::<Vec<_>>().join(" ");
            let is_itself = [1, 2].into_iter().any(|len| terms.contains(&&begins(len)));
            let rest = &phrase.toned[thing.len()..];
            assert!(is_itself || tells.iter().any(|told| rest.contains(&told[0])), "{:?}", phrase.toned);
        }
        for thing in ["ghế sofa", "bồn rửa", "kệ bếp", "chén đĩa", "máy giặt", "xe máy", "tivi"] {
            assert_eq!(stands(&NEEDS, thing), [], "{thing}");
        }
        assert_eq!(stands(&NEEDS, "đi xe máy"), [(0, 3)]);
    }

    #[test]
    fn the_tables_that_all_shops_share_are_read() {
        assert!(NEEDS.rules.len() > 80 && ENGLISH.rules.len() > 250);
        for table in [&*NEEDS, &*ENGLISH] {
            assert!(table.rules.iter().flatten().all(|term| term.split(' ').count() <= 2));
            assert!(table.rules.iter().all(|terms| terms.len() < MOST_TERMS), "a rule is cut short");
            for phrase in table.phrases.values().flatten() {
                assert_eq!(phrase.rules.len(), 1, "{:?} stands twice", phrase.toned);
            }
        }
    }
}
