//! What a customer's message is about: which words name a product, and so whether it can be understood without the one before it. Pure.
//!
//! "Còn màu trắng không?" names nothing, although a white shirt may be called so; "bình giữ nhiệt giá sao" begins something new.

use crate::attribute::{MATERIALS, tells_property};
use crate::guard::{asks_only, names_nothing};
use crate::model::Product;
use crate::text::{Kind, Phrases, Token, tokens};
use std::sync::LazyLock;

/// A longer question says itself what it is about.
const FOLLOW_UP_WORDS: usize = 14;

/// A customer's question as it is looked up and judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The customer's earlier message that the question follows, when it makes sense only with it.
    pub topic: Option<String>,
    /// The question itself.
    pub question: String,
}

impl Asked {
    /// A question that stands for itself.
    #[must_use]
    pub fn alone(question: &str) -> Self {
        Self { topic: None, question: question.to_owned() }
    }

    /// Both, as one text.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.topic {
            Some(topic) => format!("{topic}\n{}", self.question),
            None => self.question.clone(),
        }
    }
}

/// Words that point back. "do" is missing: without marks it is "đỏ" as well as "đó", and an English verb.
const REFERS: &[&str] = &["đó", "này", "ấy", "đấy", "kia", "nay", "it", "them", "that", "this"];
static LOOKS_FOR: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("bán|tìm|mua|sell|sells|looking for|buy|do you have any|got any"));
/// Words that join, soften or point, and are about nothing.
static PARTICLES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "vẫn|chứ|nữa|thôi|đi|á|à|ừ|uh|ok|oke|okay|mấy|lắm|ấy|đấy|kia|nó|rồi|xong|nhỉ|giờ|phải|đúng|thật|quá|chốt|hơn|nhiều|\
        kiểu|mặc|được|ship|giao|gửi|nhận|tính|đâu|hay|trong|ngoài|người|kg|ký|cm|cao|nặng|vừa|nam|nữ|they|them|still|left|right|\
        now|just|really|too|then|got|ones|one|else|more|what's|it's|in|not|but|he|she|wear|comes|come|nice|take|get|s",
    )
});

/// Whether the word at a place is about something: no small word, no asking, no size, colour or the like.
fn is_content(message: &[Token], at: usize) -> bool {
    message.get(at).is_some_and(|word| {
        let pointing = PARTICLES.find(std::slice::from_ref(word)).is_some();
        // The "k" of "350k" and the "kg" of "60kg".
        let measure =
            word.glued && at.checked_sub(1).and_then(|i| message.get(i)).is_some_and(|t| t.kind == Kind::Number);
        // "do" is an English verb, and without marks "đỏ", "đó" and "đồ": it tells nothing.
        word.text != "do"
            && !names_nothing(word)
            && !asks_only(word)
            && !pointing
            && !measure
            && !tells_property(message, at)
    })
}

/// The words of a message that are about something, each with its place.
pub fn content_at(message: &[Token]) -> impl Iterator<Item = (usize, &Token)> {
    message.iter().enumerate().filter(|(at, _)| is_content(message, *at))
}

fn content(message: &[Token]) -> impl Iterator<Item = &Token> {
    content_at(message).map(|(_, word)| word)
}

/// Words for one thing that are used in one part of the country and in another, and by the catalogue's search.
static SAME_THING: LazyLock<Vec<Vec<Token>>> = LazyLock::new(|| {
    let lines = include_str!("../../catalog-svc/src/query/same.txt").lines().filter(|line| !line.starts_with('#'));
    let single = |line: &str| line.split('|').map(tokens).filter(|w| w.len() == 1).flatten().collect();
    lines.map(single).collect()
});

/// Whether two words are the same or name the same thing: "ly" and "cốc".
#[must_use]
pub fn same_thing(a: &Token, b: &Token) -> bool {
    let stands = |group: &[Token], word: &Token| group.iter().any(|w| w.same_word(word));
    a.same_word(b) || SAME_THING.iter().any(|group| stands(group, a) && stands(group, b))
}

/// The words of a message that may be of a product's name. Colours, sizes and materials name nothing by themselves.
fn naming(message: &[Token]) -> impl Iterator<Item = &Token> {
    content(message).filter(|word| !MATERIALS.contains(&word.text.as_str()))
}

/// Whether the words can name any product.
#[must_use]
pub fn is_about_goods(words: &[Token]) -> bool {
    naming(words).next().is_some()
}

/// Whether the message can name any product.
#[must_use]
pub fn can_name(message: &str) -> bool {
    is_about_goods(&tokens(message))
}

/// Behind these an English name tells what else there is: "mug with bamboo lid".
const BESIDE: &[&str] = &["with", "for", "without", "in"];

/// The words for the kind of thing that a product is: the first of its name, and the last of its English one.
fn kinds(product: &Product) -> Vec<Token> {
    let (name, english) = (tokens(&product.name), product.english_name().map(tokens).unwrap_or_default());
    let telling = |t: &&Token| !names_nothing(t) && !asks_only(t);
    // A "chân váy" is a skirt.
    let first =
        name.iter().filter(telling).find(|t| t.text != "chân").or_else(|| name.iter().find(|t| !names_nothing(t)));
    let thing = english.iter().take_while(|t| !BESIDE.contains(&t.text.as_str()));
    first.into_iter().chain(thing.filter(telling).last()).cloned().collect()
}

/// Whether the words say what kind of thing the product is.
#[must_use]
pub fn says_kind(words: &[Token], product: &Product) -> bool {
    kinds(product).iter().any(|kind| words.iter().any(|word| same_thing(word, kind)))
}

/// Whether the message has a word of a product's name.
#[must_use]
pub fn names(message: &str, product: &Product) -> bool {
    let message = tokens(message);
    let mut name = tokens(&product.name);
    name.extend(product.english_name().map(tokens).unwrap_or_default());
    naming(&message).any(|word| name.iter().any(|n| n.kind == Kind::Word && word.same_word(n)))
}

/// Whether the words name the product by a word that is not of the others that they speak of.
#[must_use]
pub fn names_beside(words: &[Token], product: &Product, others: &[&Product]) -> bool {
    let name = tokens(&product.name);
    let told: Vec<Token> = others.iter().flat_map(|other| tokens(&other.facts())).collect();
    let stands = |list: &[Token], word: &Token| list.iter().any(|t| t.same_word(word));
    naming(words).any(|word| stands(&name, word) && !stands(&told, word))
}

/// Whether the question, for which these products were found, may be about what was spoken of before.
#[must_use]
pub fn may_follow(question: &str, found: &[Product]) -> bool {
    let asked = tokens(question);
    let words = asked.iter().filter(|t| t.kind != Kind::Symbol).count();
    let refers = asked.iter().any(|t| REFERS.contains(&t.text.as_str()));
    let looks = LOOKS_FOR.find(&asked).is_some_and(|(at, n)| (at + n..asked.len()).any(|at| is_content(&asked, at)));
    words <= FOLLOW_UP_WORDS && (refers || (!looks && !found.iter().any(|product| names(question, product))))
}

/// Whether a question that may follow goes on about the earlier message, which named one of these products: what it names itself, if
/// anything, stands there too ("áo đó").
#[must_use]
pub fn continues(question: &str, found: &[Product], earlier: &str) -> bool {
    let (asked, said) = (tokens(question), tokens(earlier));
    !found.iter().any(|product| names(question, product))
        || content(&asked).all(|word| said.iter().any(|t| t.same_word(word)))
}

/// Whether the question speaks of something that none of these products is known for: "máy giặt giá sao" after a question about a shirt.
#[must_use]
pub fn leaves(question: &str, products: &[&Product]) -> bool {
    is_unknown(&tokens(question), products)
}

/// Whether these words are about something of which the products' rows have no word.
#[must_use]
pub fn is_unknown(words: &[Token], products: &[&Product]) -> bool {
    let facts: Vec<Token> = products.iter().flat_map(|p| tokens(&p.facts())).collect();
    content(words).any(|word| !facts.iter().any(|t| t.same_word(word)))
}

/// Words with which something else of the kind is asked for.
static OTHERS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "tương tự|giống vậy|giống thế|giống mẫu|mẫu khác|loại khác|cái khác|kiểu khác|similar|like this|like that|other ones|\
        others|another one|something else|alternative|alternatives",
    )
});

/// Whether something like what was spoken of is asked for.
#[must_use]
pub fn asks_for_others(question: &[Token]) -> bool {
    OTHERS.find(question).is_some()
}

/// What one asks of one thing, or of all that one takes.
static OF_ONE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "tổng|bao nhiêu|giá|tính tiền|còn|lấy|chốt|đặt|total|how much|price|in stock|available|still|take|order",
    )
});
/// What one asks of whatever there is.
static OF_ANY: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "gì|nào|mẫu|loại|rẻ|dưới|trên|tầm|khoảng|bán|what|which|any|anything|everything|cheap|cheapest|under|over|sell",
    )
});

/// Whether the question is about a thing that nobody has named: "tổng bao nhiêu", "giá".
#[must_use]
pub fn names_no_goods(asked: &Asked) -> bool {
    let words = tokens(&asked.question);
    asked.topic.is_none()
        && content(&words).next().is_none()
        && OF_ONE.find(&words).is_some()
        && OF_ANY.find(&words).is_none()
}

/// Whether a word tells anything by itself.
#[must_use]
pub fn is_telling(word: &Token) -> bool {
    word.kind != Kind::Symbol && !names_nothing(word) && !asks_only(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(name: &str, english: &str, colours: &str) -> Product {
        Product {
            id: uuid::Uuid::nil(),
            name: name.to_owned(),
            description: String::new(),
            price_minor: 159_000,
            currency: "VND".to_owned(),
            in_stock: true,
            extra: vec![("Tên tiếng Anh".to_owned(), english.to_owned()), ("Màu".to_owned(), colours.to_owned())],
            ..Product::default()
        }
    }

    fn shop() -> Vec<Product> {
        vec![
            product("Áo thun trơn cổ tròn", "plain round-neck T-shirt", "trắng, đen, đỏ đô"),
            product("Áo sơ mi trắng công sở nữ", "women's white office shirt", "trắng"),
            product("Đèn ngủ mây tre", "bamboo night lamp", ""),
            product("Nồi gốm kho cá có nắp", "clay braising pot", ""),
            product("Đầm bầu cotton cho con bú", "nursing maternity dress", "hồng đất"),
            product("Túi tote vải canvas", "canvas tote bag", "đen"),
            product("Bộ đồ ngủ lụa tay dài", "silk long-sleeve pyjamas", "đen"),
            product("Bình giữ nhiệt inox", "stainless steel thermos bottle", "trắng, hồng"),
        ]
    }

    #[test]
    fn questions_about_what_was_spoken_of() {
        for question in [
            "còn màu đen size L không ạ?",
            "có màu trắng không",
            "con mau den size L khong",
            "mau trang con ko shop",
            "có size M không",
            "giá sao",
            "chất liệu cotton hả shop",
            "vải gì vậy",
            "cái đó còn không",
            "mua 2 cái tính bao nhiêu",
            "em ơi cho chị hỏi còn màu đen size L không em",
            "do you have it in white?",
            "áo đó có màu trắng không",
            "is it in stock?",
            "do you have it in black, size L?",
        ] {
            assert!(may_follow(question, &shop()), "{question}");
        }
    }

    #[test]
    fn questions_that_begin_something_new() {
        for question in [
            "bình giữ nhiệt giá sao",
            "binh giu nhiet gia sao",
            "áo thun trơn màu gì",
            "đèn ngủ còn không",
            "how much is the thermos bottle",
            "có bán máy giặt không",
            "do you sell washing machines?",
            "túi tote màu đen còn không",
        ] {
            assert!(!may_follow(question, &shop()), "{question}");
        }
    }

    #[test]
    fn what_is_pointed_at_must_have_been_named() {
        let shop = shop();
        assert!(continues("áo đó có màu trắng không", &shop, "Áo thun trơn giá bao nhiêu?"));
        assert!(continues("có màu trắng không", &shop, "Áo thun trơn giá bao nhiêu?"));
        assert!(continues("do you have it in black, size L?", &shop, "How much is the plain T-shirt?"));
        assert!(!continues("bình này giá sao", &shop, "Áo thun trơn giá bao nhiêu?"));
    }

    #[test]
    fn leaving_the_topic_is_noticed() {
        let shirt = &shop()[0];
        for question in ["còn không ạ", "còn màu tím size XL không", "vẫn còn chứ shop", "is it still available?"]
        {
            assert!(!leaves(question, &[shirt]), "{question}");
        }
        for question in ["máy giặt giá sao", "thế còn laptop thì sao", "what about laptops"] {
            assert!(leaves(question, &[shirt]), "{question}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_message_panics(question in "\\PC{0,80}", earlier in "\\PC{0,80}") {
            let shop = shop();
            let _ = (may_follow(&question, &shop), continues(&question, &shop, &earlier), leaves(&question, &[&shop[0]]));
        }
    }
}
