//! Questions as customers type them.

use proptest::prelude::*;

use super::*;
use crate::words;

fn read(text: &str) -> Question {
    Question::read(text, &Table::default())
}

fn singles(text: &str) -> Vec<String> {
    read(text).asked().into_iter().map(|asked| asked.term).filter(|term| !term.contains(' ')).collect()
}

/// The terms of the group that has this one.
fn beside(text: &str, term: &str) -> Vec<String> {
    let asked = read(text).asked();
    let group = asked.iter().find(|asked| asked.term == term).map(|asked| asked.group);
    asked.into_iter().filter(|asked| Some(asked.group) == group).map(|asked| asked.term).collect()
}

#[test]
fn what_only_asks_is_left_out() {
    assert_eq!(singles("Shop ơi cho mình hỏi áo thun đỏ giá bao nhiêu ạ?"), ["ao", "thun", "do"]);
    assert_eq!(singles("có size M không shop"), ["size", "m"]);
    for text in ["shop ơi có gì không ạ", "?!. ,", "", "bn v shop", "ib giá e vs"] {
        let certain: Vec<Asked> = read(text).asked().into_iter().filter(|asked| asked.is_certain).collect();
        assert!(certain.is_empty(), "{text}: {certain:?}");
    }
}

#[test]
fn words_for_the_same_thing_are_looked_for_beside_each_other() {
    assert_eq!(beside("có ly gốm không", "ly"), ["ly", "coc", "tach"]);
    assert_eq!(beside("nón rộng vành", "non"), ["non", "mu"]);
    // Without its marks "vậy" is no "váy".
    assert_eq!(beside("ao nay dep vay", "vay"), ["vay"]);
    assert_eq!(beside("dây nịt da", "that lung"), ["that lung"]);
}

#[test]
fn marks_tell_a_thing_from_a_way_of_asking() {
    let is_certain = |text: &str, term: &str| {
        read(text).asked().into_iter().find(|asked| asked.term == term).map(|asked| asked.is_certain)
    };
    assert_eq!(is_certain("bàn học gỗ", "ban"), Some(true));
    assert_eq!(is_certain("cho bạn mình xem áo", "ban"), None);
    assert_eq!(is_certain("đầm hồng", "hong"), Some(true));
    for (text, word) in
        [("dam hong", "hong"), ("ao mau tim", "tim"), ("co vay khong", "vay"), ("shop co ban khong", "ban")]
    {
        assert_eq!(is_certain(text, word), Some(false), "{text}");
    }
    assert_eq!(read("màu đen").written("den"), [["đen"]]);
    assert!(read("mau den").written("den").is_empty());
}

#[test]
fn short_forms_are_written_out() {
    for (short, word) in [
        ("sz 39", "size"),
        ("ip14 tím", "iphone"),
        ("kcn cho da dầu", "chong"),
        ("tai nghe tws", "wireless"),
        ("đt samsung", "thoai"),
    ] {
        assert!(singles(short).contains(&word.to_owned()), "{short}: {:?}", singles(short));
    }
    assert!(singles("ip14 tím").contains(&"14".to_owned()));
}

#[test]
fn a_measure_is_found_in_any_spelling() {
    assert!(beside("nồi 5l", "5l").contains(&"5 lit".to_owned()));
    assert!(beside("bình 500 ml", "500 ml").contains(&"500ml".to_owned()));
    assert!(beside("áo 2xl", "2xl").contains(&"xxl".to_owned()));
    assert!(beside("mã tt001", "tt001").contains(&"tt 001".to_owned()));
}

#[test]
fn english_is_read_as_vietnamese_shops_write() {
    let terms = |text: &str| -> Vec<String> { read(text).asked().into_iter().map(|asked| asked.term).collect() };
    assert!(terms("do you have a frying pan").contains(&"chao".to_owned()));
    assert!(terms("red dress please").contains(&"do".to_owned()));
    assert!(terms("áo màu black").contains(&"den".to_owned()));
    // "pan" is no pan in a Vietnamese question, nor "hat" a hat.
    assert!(!terms("hạt điều còn không shop").contains(&"non".to_owned()));
}

#[test]
fn needs_are_told_without_the_products_word() {
    let terms = |text: &str| -> Vec<String> { read(text).asked().into_iter().map(|asked| asked.term).collect() };
    assert!(terms("trời lạnh mặc gì").contains(&"ao khoac".to_owned()));
    assert!(terms("troi lanh mac gi").contains(&"ao khoac".to_owned()));
    assert!(!terms("cho mình xem áo").contains(&"pate".to_owned()), "cho is no dog");
    assert!(terms("thức ăn chó con").contains(&"pate".to_owned()));
    assert!(terms("tóc của mình bị rụng").contains(&"rung toc".to_owned()), "words that only ask stand between");
    assert!(!terms("tóc dài áo rụng").contains(&"rung toc".to_owned()));
    assert!(terms("có gì cho mèo").contains(&"pate".to_owned()));
    assert!(!terms("hop bi meo").contains(&"pate".to_owned()), "one word without marks may be any");
    assert!(!terms("hộp bị méo").contains(&"pate".to_owned()), "typed with marks, méo is no cat");
    assert!(!terms("áo này giặt máy được không").contains(&"nuoc giat".to_owned()), "how it is washed, not with what");
    let fridge = terms("bên mình có tủ lạnh không");
    assert!(fridge.contains(&"tu lanh".to_owned()) && !fridge.contains(&"ao khoac".to_owned()), "{fridge:?}");
}

#[test]
fn beside_a_need_what_one_has_counts_less() {
    let weight = |text: &str, term: &str| {
        read(text).asked().into_iter().find(|asked| asked.term == term).map(|asked| asked.weight)
    };
    assert_eq!(weight("điện thoại samsung", "thoai"), Some(1.0));
    assert_eq!(weight("điện thoại hay hết pin", "thoai"), Some(BESIDE_NEED));
    assert_eq!(weight("điện thoại hay hết pin", "sac du"), Some(NEED));
}

#[test]
fn a_shops_synonyms_stand_for_its_words() {
    let mut own = Table::default();
    own.add("áo phông, tee".split(','), "áo thun");
    let question = Question::read("ao phong trang", &own);
    assert!(question.asked().iter().any(|asked| asked.term == "ao thun" && asked.is_certain));
    assert!(!read("ao phong trang").asked().iter().any(|asked| asked.term == "ao thun"));
}

#[test]
fn a_slip_is_looked_up_and_corrected() {
    let known = |word: &str| matches!(word, "ao" | "do" | "thun" | "quan");
    let slips = |text: &str| -> Vec<String> { read(text).doubtful(known).into_iter().map(|(word, _)| word).collect() };
    assert_eq!(slips("aso thnu đỏ"), ["aso", "thnu"]);
    assert!(slips("áo thun đỏ 150k tt001").is_empty());
    let mut question = read("ao thnu");
    let correction = Correction { term: "thun".to_owned(), factor: 0.8 };
    question.correct(&HashMap::from([("thnu".to_owned(), vec![correction])]));
    let terms: Vec<String> = question.asked().into_iter().map(|asked| asked.term).collect();
    assert!(terms.contains(&"thun".to_owned()) && terms.contains(&"ao thun".to_owned()));
}

#[test]
fn slips_of_fingers_keyboards_and_chats() {
    for (typed, meant) in [
        ("thnu", "thun"),
        ("aso", "ao"),
        ("ddor", "do"),
        ("quaanf", "quan"),
        ("butt", "but"),
        ("suoots", "suot"),
        ("fim", "phim"),
        ("qan", "quan"),
        ("wan", "quan"),
        ("hag", "hang"),
        ("bluetoth", "bluetooth"),
        ("tieecj", "tiec"),
        ("choogn", "chong"),
        ("lighning", "lightning"),
        ("zay", "giay"),
        ("kan", "can"),
        ("sua1", "sua"),
    ] {
        let found: Vec<(String, String)> = keys(typed)
            .into_iter()
            .filter(|key| spelling::spellings(meant).contains(key))
            .map(|key| (key, meant.to_owned()))
            .collect();
        let corrected = corrections(typed, &found, |_| true);
        assert!(corrected.iter().any(|correction| correction.term == meant), "{typed}: {corrected:?}");
    }
    let halves = [("quan".to_owned(), "quan".to_owned()), ("jean".to_owned(), "jean".to_owned())];
    assert_eq!(corrections("quanjean", &halves, |_| true)[0].term, "quan jean");
    assert!(corrections("abc", &[("x".to_owned(), "xyz".to_owned())], |_| true).is_empty());
}

#[test]
fn words_of_asking_count_among_questions_and_answers() {
    let asked = read("ship bao nhiêu").asked_of_entries();
    assert!(asked.iter().any(|asked| asked.term == "ship") && asked.iter().any(|asked| asked.term == "bao nhieu"));
}

#[test]
fn a_flood_of_words_is_bounded() {
    let flood: String = (0..5_000).map(|n| format!("w{n} trời lạnh ")).collect();
    assert!(read(&flood).asked().len() <= MOST_TERMS);
    assert!(read(&flood).doubtful(|_| false).len() <= MOST_WORDS);
    let run = "đ".repeat(8_000);
    assert!(read(&run).asked().iter().all(|asked| asked.term.len() <= 81));
}

proptest! {
    #[test]
    fn any_text_gives_bounded_plain_terms(text in "\\PC{0,300}") {
        let asked = read(&text).asked();
        prop_assert!(asked.len() <= MOST_TERMS);
        for asked in &asked {
            prop_assert_eq!(chatdesk_platform::fold(&asked.term), asked.term.clone());
            prop_assert!(!asked.term.contains('\0') && !asked.term.is_empty());
            prop_assert!(asked.weight > 0.0 && asked.weight <= 1.0);
        }
        prop_assert!(asked.windows(2).all(|pair| pair[1].group == pair[0].group || pair[1].group == pair[0].group + 1));
    }

    #[test]
    fn case_does_not_count(text in "[a-zàáạảãâầấậẩẫăằắặẳẵèéẹẻẽêềếệểễìíịỉĩòóọỏõôồốộổỗơờớợởỡùúụủũưừứựửữỳýỵỷỹđ0-9 .,k-]{0,60}") {
        prop_assert_eq!(read(&text).asked(), read(&text.to_uppercase()).asked());
    }

    #[test]
    fn any_word_has_bounded_keys(word in "[a-z]{0,40}") {
        prop_assert!(keys(&word).len() < 1_000);
        for correction in corrections(&word, &[(word.clone(), word.clone())], |_| true) {
            prop_assert!(correction.factor > 0.0 && correction.factor <= 1.0);
        }
    }

    #[test]
    fn slips_are_a_distance(a in "[a-c]{0,6}", b in "[a-c]{0,6}") {
        prop_assert_eq!(spelling::slips(&a, &b), spelling::slips(&b, &a));
        prop_assert_eq!(spelling::slips(&a, &b) == 0, a == b);
    }

    #[test]
    fn one_letter_off_shares_a_spelling(word in "[a-z]{3,10}", at in 0_usize..10, letter in "[a-z]") {
        let at = at % word.len();
        let changed = format!("{}{letter}{}", &word[..at], &word[at + 1..]);
        let (one, other) = (spelling::spellings(&word), spelling::spellings(&changed));
        prop_assert!(one.iter().any(|key| other.contains(key)));
    }

    #[test]
    fn a_product_is_found_by_its_own_name(name in "[b-df-hj-np-tv-z][aeiou][nmc]( [b-df-hj-np-tv-z][aeiou][nmc]){0,4}") {
        let terms: Vec<String> = words::of_product(&name, "", "", None).into_iter().map(|term| term.term).collect();
        let asked = read(&name).asked();
        // English is looked for in Vietnamese, and a short form as what it is short for.
        prop_assume!(!shorts::is_english(&words::split(&name), &Marks::of(&name)));
        let is_itself = |word: &str| singles(word).contains(&word.to_owned());
        prop_assume!(name.split(' ').all(is_itself) && asked.iter().any(|asked| asked.is_certain));
        let own = |group: usize| asked.iter().filter(move |asked| asked.group == group);
        for asked in asked.iter().filter(|asked| asked.is_certain && !asked.term.contains(' ')) {
            prop_assert!(own(asked.group).any(|asked| terms.contains(&asked.term)), "{}", asked.term);
        }
    }
}
