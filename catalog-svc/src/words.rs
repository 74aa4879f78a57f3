//! Words as they are compared: without Vietnamese marks, in lower case, numbers in one spelling. One function makes them for
//! products and for questions, so that "ao thun do 150k" finds "Áo thun đỏ" at 150.000đ. Pure.

use std::collections::HashSet;
use std::sync::LazyLock;

use chatdesk_platform::fold;

use crate::query::{Marks, toned};

/// Of the rules by which products' words are made here and in `Content::terms`: who changes them counts it up, and the sweep makes the
/// words of the products that are there anew.
pub const VERSION: i16 = 1;

/// Bounds on what one text can cost.
pub const MOST_OF_PRODUCT: usize = 600;
const MOST_OF_FILTER: usize = 16;
/// A longer run of letters is no word; its beginning still tells it from others.
const LONGEST: usize = 40;

/// Where a word of a product stands.
const IN_NAME: f32 = 1.0;
const IN_EXTRA_INFO: f32 = 0.8;
const IN_DESCRIPTION: f32 = 0.5;

/// Things that are like such words but for their marks.
const OTHER_WORDS: &str = "ảnh ánh bền cài cải chảo cháo chì chó cọ cổ cơ cồn êm hôi hơi lá lạ máu mẫu mè mẹ mùa mưa mỳ nhí nhĩ nhũ ổi rá rối sàn \
    sân sáo thẻ thể tỏi tối tô tủ túi vá vé vẽ";

/// Words that say how one asks and not what for. "do" is missing on purpose: it is "đỏ" without marks.
const ASKING: &str = "a ad admin ah alo anh ben bn cac cai cho chi chiec chao co con cua di duoc dc em gi gia giup ha hang hello hi \
    hoi hok hom ib inbox k kh khong ko la loai mau minh mk mua muon nao nay nhe nha nhi nhieu nhu oi on ra rep roi san sao shop \
    sp tien the thi toi tu tuvan van ve va vs voi xem xin any are buy cost does for have how i in is it looking me much my \
    need of please price stock that there this to want what with you your and";

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

/// The words of a text in their order: folded, numbers in one spelling, short forms written out.
pub fn split(text: &str) -> Vec<String> {
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

/// Whether it has digits and nothing else.
pub fn is_number(word: &str) -> bool {
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
pub fn pairs(words: &[String]) -> impl Iterator<Item = (&str, &str)> {
    words.iter().zip(words.iter().skip(1)).map(|(a, b)| (a.as_str(), b.as_str()))
}

/// Whether a word says only how one asks, and so is not among the words of products.
pub fn asks(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| ASKING.split_whitespace().collect());
    WORDS.contains(word)
}

/// Whether a word that without its marks only asks has marks that tell a thing.
fn is_other_word(word: &str, marks: &Marks) -> bool {
    static THINGS: LazyLock<Vec<(String, String)>> =
        LazyLock::new(|| OTHER_WORDS.split_whitespace().map(|word| (fold(word), toned(word))).collect());
    marks.is_marked(word) && THINGS.iter().any(|(folded, toned)| folded == word && marks.fits(word, toned))
}

/// The words a product is found by. A word counts by the best place it stands in; of a very long text only the beginning counts.
pub fn of_product(name: &str, extra_info: &str, description: &str, price: Option<i64>) -> Vec<Weighted> {
    let price = price.filter(|price| *price > 0).map(|price| price.to_string()).unwrap_or_default();
    let places = [(name, IN_NAME), (&price, IN_EXTRA_INFO), (extra_info, IN_EXTRA_INFO), (description, IN_DESCRIPTION)];
    let mut seen = HashSet::new();
    let mut terms = Vec::new();
    for (text, weight) in places {
        let words = split(text);
        let marks = Marks::of(text);
        // A word that nobody asks for by itself is not worth a row; with a neighbour it may be ("cổ tròn"). "Chảo" is none such, which
        // its marks tell.
        let is_worth = |word: &&String| !asks(word) || is_other_word(word, &marks);
        let singles = words.iter().filter(is_worth).cloned();
        let doubles = pairs(&words).filter(|(a, b)| !(asks(a) && asks(b))).map(|(a, b)| format!("{a} {b}"));
        for term in singles.chain(doubles) {
            if terms.len() < MOST_OF_PRODUCT && seen.insert(term.clone()) {
                terms.push(Weighted { term, weight });
            }
        }
    }
    terms
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
    fn a_thing_whose_marks_tell_it_is_a_word() {
        let has = |name: &str, term: &str| of_product(name, "", "", None).iter().any(|one| one.term == term);
        assert!(has("Chảo chống dính", "chao") && has("Áo mưa", "mua") && has("Áo cổ tròn", "co"));
        assert!(!has("Chào bạn", "chao") && !has("chao chong dinh", "chao") && has("chao chong dinh", "chao chong"));
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
        let run = "đ".repeat(8_000);
        assert!(of_product(&run, "", "", None).iter().all(|term| term.term.len() <= LONGEST * 4 * 2 + 1));
    }

    proptest! {
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
    }
}
