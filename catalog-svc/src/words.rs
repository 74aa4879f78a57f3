//! Words as they are compared: without Vietnamese marks, in lower case, numbers in one spelling. One function makes them for
//! products and for questions, so that "ao thun do 150k" finds "Áo thun đỏ" at 150.000đ. Pure.

use std::collections::HashSet;
use std::sync::LazyLock;

use chatdesk_platform::fold;

/// Bounds on what one text can cost.
const MOST_OF_PRODUCT: usize = 600;
const MOST_OF_QUESTION: usize = 64;
const MOST_OF_FILTER: usize = 16;
/// A longer run of letters is no word; its beginning still tells it from others.
const LONGEST: usize = 40;

/// Where a word of a product stands.
const IN_NAME: f32 = 1.0;
const IN_EXTRA_INFO: f32 = 0.8;
const IN_DESCRIPTION: f32 = 0.5;

/// Words that say how one asks and not what for. "do" is missing on purpose: it is "đỏ" without marks.
const ASKING: &str = "a ad admin ah alo anh ben bn cac cai cho chi chiec chao co con cua di duoc dc em gi gia giup ha hang hello hi \
    hoi hok hom ib inbox k kh khong ko la loai mau minh mk mua muon nao nay nhe nha nhi nhieu nhu oi on ra rep roi san sao shop \
    sp tien the thi toi tu tuvan van ve va vs voi xem xin any are buy cost does for have how i in is it looking me much my \
    need of please price stock that there this to want what with you your and";

/// Words that without marks are both: bạn and bàn, bao nhiêu and bao, cảm ơn and cam, cần and cân, hông and hồng, tìm and tím, vậy and váy.
const PERHAPS: &[&str] = &["ban", "bao", "cam", "can", "hong", "tim", "vay"];

/// Together these only ask, whatever the first may be by itself.
const ASKING_TOGETHER: &[(&str, &str)] = &[("bao", "nhieu"), ("cam", "on")];

/// How customers shorten words, and what they mean.
const SHORT: &[(&str, &str)] = &[("sz", "size"), ("siz", "size"), ("aothun", "ao thun"), ("freesize", "free size")];

/// A word of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted {
    /// One folded word, or two with a space between.
    pub term: String,
    /// Above 0, at most 1.
    pub weight: f32,
}

/// A word of a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// One folded word, or two with a space between.
    pub term: String,
    /// 1, or half for a word that may only say how one asks, and a pair with such a word.
    pub weight: f32,
    /// Whether it counts even if no product has it. A pair, or a word that may only say how one asks, does not.
    pub is_certain: bool,
}

/// The words of a text in their order: folded, numbers in one spelling, short forms written out.
fn split(text: &str) -> Vec<String> {
    let chars: Vec<char> = fold(text).chars().collect();
    let mut raw = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        if c.is_alphanumeric() {
            if let Some(word) = raw.last_mut().filter(|word| word.chars().count() < LONGEST) {
                word.push(*c);
            }
        } else if !joins_thousands(&chars, at) && raw.last().is_some_and(|word| !word.is_empty()) {
            raw.push(String::new());
        }
    }
    raw.retain(|word| !word.is_empty());
    let mut words: Vec<String> = Vec::with_capacity(raw.len());
    for word in raw {
        let after_number = words.last().is_some_and(|last| is_number(last));
        if after_number && THOUSAND.contains(&word.as_str()) {
            if let Some(number) = words.last_mut().filter(|number| number.len() < 9) {
                number.push_str("000");
            }
        } else if let Some(number) = price(&word) {
            words.push(number);
        } else if let Some((_, long)) = SHORT.iter().find(|(short, _)| *short == word) {
            words.extend(long.split(' ').map(str::to_owned));
        } else {
            words.push(singular(&word).to_owned());
        }
    }
    words
}

/// An English word without the ending of its plural, so that "mugs" finds a mug. No Vietnamese syllable ends in s.
fn singular(word: &str) -> &str {
    let keeps = ["ss", "us", "is", "as"].iter().any(|end| word.ends_with(end));
    if word.len() < 4 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) || keeps || asks(word) {
        return word;
    }
    let hissing = ["sses", "shes", "ches", "xes"].iter().any(|end| word.ends_with(end));
    word.strip_suffix(if hissing { "es" } else { "s" }).unwrap_or(word)
}

const THOUSAND: &[&str] = &["k", "ngan", "nghin"];

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the character stands between the groups of `1.250.000` or `150,000`.
fn joins_thousands(chars: &[char], at: usize) -> bool {
    let digit = |place: Option<usize>| place.and_then(|p| chars.get(p)).is_some_and(char::is_ascii_digit);
    matches!(chars[at], '.' | ',')
        && digit(at.checked_sub(1))
        && (1..=3).all(|ahead| digit(Some(at + ahead)))
        && !digit(Some(at + 4))
}

/// `150k` and `150000d` are both 150000.
fn price(word: &str) -> Option<String> {
    let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = word.split_at(digits);
    if !is_number(number) || number.len() > 12 {
        return None;
    }
    match unit {
        "d" | "vnd" | "dong" => Some(number.to_owned()),
        unit if THOUSAND.contains(&unit) => Some(format!("{number}000")),
        _ => None,
    }
}

/// Neighbours: most Vietnamese words are two syllables.
fn pairs(words: &[String]) -> impl Iterator<Item = (&str, &str)> {
    words.iter().zip(words.iter().skip(1)).map(|(a, b)| (a.as_str(), b.as_str()))
}

fn asks(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| ASKING.split_whitespace().collect());
    WORDS.contains(word)
}

/// The words a product is found by. A word counts by the best place it stands in; of a very long text only the beginning counts.
pub fn of_product(name: &str, extra_info: &str, description: &str, price: Option<i64>) -> Vec<Weighted> {
    let price = price.filter(|price| *price > 0).map(|price| price.to_string()).unwrap_or_default();
    let places = [(name, IN_NAME), (&price, IN_EXTRA_INFO), (extra_info, IN_EXTRA_INFO), (description, IN_DESCRIPTION)];
    let mut seen = HashSet::new();
    let mut terms = Vec::new();
    for (text, weight) in places {
        let words = split(text);
        // A word that nobody asks for by itself is not worth a row; with a neighbour it may be ("cổ tròn").
        let singles = words.iter().filter(|word| !asks(word)).cloned();
        let doubles = pairs(&words).filter(|(a, b)| !(asks(a) && asks(b))).map(|(a, b)| format!("{a} {b}"));
        for term in singles.chain(doubles) {
            if terms.len() < MOST_OF_PRODUCT && seen.insert(term.clone()) {
                terms.push(Weighted { term, weight });
            }
        }
    }
    terms
}

fn without_phrases(words: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        if kept.last().is_some_and(|last| ASKING_TOGETHER.contains(&(last.as_str(), word.as_str()))) {
            kept.pop();
        } else {
            kept.push(word);
        }
    }
    kept
}

/// The words a question asks for.
pub fn of_question(text: &str) -> Vec<Asked> {
    let words = without_phrases(split(text));
    let singles = words.iter().filter(|word| !asks(word));
    let singles = singles.map(|word| {
        let is_certain = !PERHAPS.contains(&word.as_str());
        Asked { term: word.clone(), weight: if is_certain { 1.0 } else { 0.5 }, is_certain }
    });
    let doubles = pairs(&words).filter_map(|(a, b)| {
        let weight = match (asks(a), asks(b)) {
            (true, true) => return None,
            (false, false) => 1.0,
            _ => 0.5,
        };
        Some(Asked { term: format!("{a} {b}"), weight, is_certain: false })
    });
    let mut seen = HashSet::new();
    singles.chain(doubles).filter(|asked| seen.insert(asked.term.clone())).take(MOST_OF_QUESTION).collect()
}

/// Where the words of a list may begin: terms from `low` on and before `high`. Ranges of one word have its number; one of them is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// Which word of the text, from 0.
    pub word: i32,
    /// The first term that begins so.
    pub low: String,
    /// Above every term that begins so.
    pub high: String,
}

/// The words that each product of a filtered list must have, or have the longer form of. A word that nobody asks for by itself stands
/// in pairs only, so each is also looked for behind the one before it.
pub fn beginnings(text: &str) -> Vec<Beginning> {
    let words = split(text);
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    let mut former: Option<&str> = None;
    let distinct = words.iter().filter(|word| seen.insert(word.as_str())).take(MOST_OF_FILTER);
    for (number, word) in (0..).zip(distinct) {
        for low in [Some(word.clone()), former.map(|former| format!("{former} {word}"))].into_iter().flatten() {
            // Nothing sorts behind the last character there is, byte by byte.
            let high = format!("{low}{}", char::MAX);
            all.push(Beginning { word: number, low, high });
        }
        former = Some(word);
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn singles(text: &str) -> Vec<String> {
        of_question(text).into_iter().filter(|asked| !asked.term.contains(' ')).map(|asked| asked.term).collect()
    }

    #[test]
    fn numbers_have_one_spelling() {
        for text in ["150k", "150 k", "150.000đ", "150,000 VND", "150000", "150 nghìn", "150.000", "150000 đồng"] {
            assert_eq!(split(text).first().map(String::as_str), Some("150000"), "{text}");
        }
        assert_eq!(split("1.250.000đ"), ["1250000"]);
        assert_eq!(split("1.5 12.34 1.2345"), ["1", "5", "12", "34", "1", "2345"]);
        assert_eq!(split("size 38-39/XL, 2XL"), ["size", "38", "39", "xl", "2xl"]);
    }

    #[test]
    fn a_plural_is_found_by_its_singular() {
        assert_eq!(split("backpacks, dresses, mugs and boxes"), split("backpack, dress, mug and box"));
        assert_eq!(split("dress canvas this does"), ["dress", "canvas", "this", "does"]);
    }

    #[test]
    fn what_only_asks_is_left_out() {
        assert_eq!(singles("Shop ơi cho mình hỏi áo thun đỏ giá bao nhiêu ạ?"), ["ao", "thun", "do"]);
        assert_eq!(singles("có size M không shop"), ["size", "m"]);
        assert!(of_question("shop ơi có gì không ạ").is_empty());
        assert!(of_question("?!. ,").is_empty());
    }

    #[test]
    fn pairs_keep_words_that_only_ask_by_themselves() {
        let asked = of_question("áo cổ tròn");
        let round = asked.iter().find(|asked| asked.term == "co tron").unwrap();
        assert!(!round.is_certain && round.weight < 1.0);
        assert!(of_product("Áo cổ tròn", "", "", None).iter().any(|term| term.term == "co tron"));
    }

    /// Whether a product of this name is in a list filtered by this text.
    fn is_listed(name: &str, text: &str) -> bool {
        let terms = of_product(name, "", "", None);
        let all = beginnings(text);
        let has = |number| {
            let mut ranges = all.iter().filter(|one| one.word == number);
            ranges.any(|one| terms.iter().any(|term| term.term >= one.low && term.term < one.high))
        };
        all.iter().all(|one| has(one.word))
    }

    #[test]
    fn a_list_is_filtered_while_one_types() {
        for text in ["á", "ao", "AO TH", "do ao", "đỏ", "thun ao thun", "cổ tr", "co", "", "?!"] {
            assert!(is_listed("Áo thun đỏ cổ tròn", text), "{text}");
        }
        for text in ["quần", "hun", "ao len", "aot", "đỏỏ"] {
            assert!(!is_listed("Áo thun đỏ cổ tròn", text), "{text}");
        }
        let flood: String = (0..500).map(|n| format!("w{n} ")).collect();
        assert!(beginnings(&flood).len() < 2 * MOST_OF_FILTER);
    }

    #[test]
    fn a_colour_that_sounds_like_asking_still_counts() {
        for (text, word) in [
            ("đầm hồng", "hong"),
            ("áo màu tím", "tim"),
            ("áo cam", "cam"),
            ("có váy không", "vay"),
            ("shop có bàn không", "ban"),
        ] {
            let asked = of_question(text);
            let colour = asked.iter().find(|asked| asked.term == word).unwrap();
            assert!(!colour.is_certain && colour.weight > 0.0);
        }
    }

    #[test]
    fn the_best_place_counts() {
        let terms = of_product("Áo thun", "màu đỏ", "áo thun đỏ cotton", Some(150_000));
        let weight = |term: &str| terms.iter().find(|t| t.term == term).map(|t| t.weight);
        assert_eq!(weight("ao thun"), Some(IN_NAME));
        assert_eq!(weight("do"), Some(IN_EXTRA_INFO));
        assert_eq!(weight("cotton"), Some(IN_DESCRIPTION));
        assert_eq!(weight("150000"), Some(IN_EXTRA_INFO));
        assert_eq!(terms.iter().filter(|t| t.term == "ao").count(), 1);
    }

    #[test]
    fn a_flood_of_words_is_bounded() {
        let flood: String = (0..5_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(of_product("x", &flood, &flood, None).len(), MOST_OF_PRODUCT);
        assert_eq!(of_question(&flood).len(), MOST_OF_QUESTION);
        let run = "đ".repeat(8_000);
        assert!(of_product(&run, "", "", None).iter().all(|term| term.term.len() <= LONGEST * 4 * 2 + 1));
    }

    /// Takes marks off by a table, unlike `fold`.
    fn bare(text: &str) -> String {
        const TABLE: &[(&str, char)] = &[
            ("àáạảãâầấậẩẫăằắặẳẵ", 'a'),
            ("èéẹẻẽêềếệểễ", 'e'),
            ("ìíịỉĩ", 'i'),
            ("òóọỏõôồốộổỗơờớợởỡ", 'o'),
            ("ùúụủũưừứựửữ", 'u'),
            ("ỳýỵỷỹ", 'y'),
            ("đ", 'd'),
        ];
        let plain = |c| TABLE.iter().find(|(marked, _)| marked.contains(c)).map_or(c, |(_, plain)| *plain);
        text.chars().map(plain).collect()
    }

    proptest! {
        #[test]
        fn words_without_marks_are_the_same_words(text in "[a-zàáạảãâầấậẩẫăằắặẳẵèéẹẻẽêềếệểễìíịỉĩòóọỏõôồốộổỗơờớợởỡùúụủũưừứựửữỳýỵỷỹđ0-9 .,k-]{0,60}") {
            prop_assert_eq!(of_question(&text), of_question(&bare(&text)));
            prop_assert_eq!(of_question(&text), of_question(&text.to_uppercase()));
        }

        #[test]
        fn any_text_gives_bounded_plain_words(text in "\\PC{0,300}") {
            for asked in of_question(&text) {
                prop_assert_eq!(fold(&asked.term), asked.term.clone());
                prop_assert!(!asked.term.contains('\0') && !asked.term.is_empty());
                prop_assert!(!(asked.term.contains(' ') && asked.is_certain));
            }
        }

        #[test]
        fn a_product_is_listed_by_the_beginnings_of_its_words(words in proptest::collection::vec(("[a-zà-ỹđ]{3,9}", 1_usize..9), 1..5)) {
            let name: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
            let name = name.join(" ");
            let cut: String = words.iter().map(|(word, chars)| word.chars().take(*chars).collect::<String>() + " ").collect();
            let plain = split(&cut).iter().zip(split(&name)).all(|(cut, whole)| whole.starts_with(cut.as_str()));
            let told = split(&name).iter().all(|word| !asks(word));
            prop_assume!(plain && told && split(&cut).len() == split(&name).len());
            prop_assert!(is_listed(&name, &cut), "{} {}", name, cut);
        }

        #[test]
        fn a_product_is_found_by_its_own_name(name in "[a-zà-ỹđ]{3,9}( [a-zà-ỹđ]{3,9}){0,4}") {
            let terms: HashSet<String> = of_product(&name, "", "", None).into_iter().map(|term| term.term).collect();
            for asked in of_question(&name) {
                prop_assert!(terms.contains(&asked.term), "{}", asked.term);
            }
        }
    }
}
