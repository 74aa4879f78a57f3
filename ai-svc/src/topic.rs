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
#[derive(Debug, Clone, PartialEq, Eq)]
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
        "vẫn|chứ|nữa|thôi|đi|á|à|ừ|uh|ok|oke|okay|mấy|hok|hem|lắm|ấy|đấy|kia|nó|rồi|xong|nhỉ|vs|giờ|phải|đúng|thật|\
        kiểu|mặc|ship|giao|gửi|nhận|tính|đâu|hay|trong|ngoài|người|kg|ký|cm|cao|nặng|they|them|still|left|right|now|\
        just|really|too|then|got|ones|one|else|more|what's|it's|in|not|but|he|she|wear|comes|come",
    )
});

/// Whether the word at a place is about something: no small word, no asking, no size, colour or the like.
fn is_content(message: &[Token], at: usize) -> bool {
    message.get(at).is_some_and(|word| {
        let pointing = PARTICLES.find(std::slice::from_ref(word)).is_some();
        // "do" is an English verb, and without marks "đỏ", "đó" and "đồ": it tells nothing.
        word.text != "do" && !names_nothing(word) && !asks_only(word) && !pointing && !tells_property(message, at)
    })
}

fn content(message: &[Token]) -> impl Iterator<Item = &Token> {
    message.iter().enumerate().filter(|(at, _)| is_content(message, *at)).map(|(_, word)| word)
}

/// Whether the message has a word of a product's name. Colours, sizes and materials name nothing by themselves.
#[must_use]
pub fn names(message: &str, product: &Product) -> bool {
    let message = tokens(message);
    let mut name = tokens(&product.name);
    name.extend(product.english_name().map(tokens).unwrap_or_default());
    content(&message)
        .filter(|word| !MATERIALS.contains(&word.text.as_str()))
        .any(|word| name.iter().any(|n| n.kind == Kind::Word && word.same_word(n)))
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
    let asked = tokens(question);
    let facts: Vec<Token> = products.iter().flat_map(|p| tokens(&p.facts())).collect();
    content(&asked).any(|word| !facts.iter().any(|t| t.same_word(word)))
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
            score: 0.0,
            vector_score: 0.0,
            lexical_score: 0.0,
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
