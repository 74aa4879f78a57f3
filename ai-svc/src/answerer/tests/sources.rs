//! Answers from descriptions, entries and variants.

use super::*;

#[test]
fn answers_come_from_descriptions_entries_and_variants() {
    use crate::model::{Entry, EntryKind, Variant};
    let mut shirt = product(1, "Áo sơ mi linen", 320_000, true, &[("Size", "M, L"), ("Màu", "trắng, xanh")]);
    shirt.description = "vải linen thoáng mát. giặt máy được ở chế độ nhẹ.".to_owned();
    let variant = |name: &str, size: &str, stock: i64| Variant {
        name: name.to_owned(),
        stock: Some(stock),
        attributes: vec![("Màu".to_owned(), "trắng".to_owned()), ("Size".to_owned(), size.to_owned())],
        ..Variant::default()
    };
    shirt.variants = vec![variant("Trắng / M", "M", 3), variant("Trắng / L", "L", 0)];
    let entries = [Entry {
        id: Uuid::from_u128(9),
        kind: EntryKind::Faq,
        title: "Có xuất hóa đơn đỏ không?".to_owned(),
        body: "shop xuất hóa đơn đỏ cho mọi đơn hàng.".to_owned(),
        score: 0.9,
    }];
    let business = business();
    let products = [shirt];
    let said = |question: &str| {
        let asked = Asked::alone(question);
        let mut evidence = Evidence::new(&products, &entries, &business, question, crate::prompt::HOUSE_RULES);
        let ground = Ground {
            asked: &asked,
            language: Language::Vietnamese,
            intent: intent(question),
            products: &products,
            entries: &entries,
            business: &business,
        };
        answer(&ground, &mut evidence).text().to_owned()
    };
    assert_eq!(said("áo sơ mi linen giặt máy được không"), "Dạ Áo sơ mi linen: giặt máy được ở chế độ nhẹ ạ.");
    assert_eq!(said("shop có xuất hóa đơn đỏ không"), "Dạ, shop xuất hóa đơn đỏ cho mọi đơn hàng ạ.");
    assert_eq!(
        said("áo sơ mi linen trắng size L còn không"),
        "Dạ Áo sơ mi linen (Trắng / L) hiện tạm hết hàng ạ. Bạn xem thử Trắng / M nhé?"
    );
    assert_eq!(
        said("áo sơ mi linen trắng size M còn mấy cái"),
        "Dạ Áo sơ mi linen (Trắng / M) còn 3 cái, giá 320.000đ ạ."
    );
}

#[test]
fn sentences_begin_with_a_capital() {
    assert_eq!(capitalised("áo đỏ. còn hàng! giá 1.299.000đ\n- đen"), "Áo đỏ. Còn hàng! Giá 1.299.000đ\n- Đen");
}

#[test]
fn a_question_beside_price_and_stock_is_answered_by_the_row_or_by_a_person() {
    let mut jumper = product(1, "Áo len cổ lọ", 350_000, true, &[("Tên tiếng Anh", "turtleneck sweater")]);
    let ask = |jumper: &Product, question: &str| reply(question, std::slice::from_ref(jumper), &business());
    let machine = "Áo len cổ lọ giặt máy được không?";
    let pills = "áo len cổ lọ có xù lông không";
    let english = "is the turtleneck sweater machine washable?";
    for question in [machine, "ao len co lo giat may dc ko", "áo len cổ lọ giặt thế nào ạ", pills, english]
    {
        let reply = ask(&jumper, question);
        assert!(matches!(&reply, Reply::Handover { reason: Reason::NotInCatalogue, .. }), "{question}: {reply:?}");
    }
    jumper.description = "Len lông cừu mềm. Nên giặt tay bằng nước lạnh. Không xù lông.".to_owned();
    for (question, expected) in [
        (machine, "Dạ Áo len cổ lọ: nên giặt tay bằng nước lạnh ạ."),
        ("ao len co lo giat may dc ko", "Dạ Áo len cổ lọ: nên giặt tay bằng nước lạnh ạ."),
        (pills, "Dạ Áo len cổ lọ: không xù lông ạ."),
    ] {
        assert_eq!(ask(&jumper, question).text(), expected, "{question}");
    }
    // What is written in Vietnamese only, nobody reads out in English.
    assert!(matches!(ask(&jumper, english), Reply::Handover { .. }));
    jumper.description = String::new();
    jumper.extra.push(("Chất liệu".to_owned(), "len lông cừu, giặt tay".to_owned()));
    assert_eq!(ask(&jumper, machine).text(), "Dạ Áo len cổ lọ: chất liệu: len lông cừu, giặt tay ạ.");
    for question in ["áo len cổ lọ giá bao nhiêu", "có áo len cổ lọ không shop", "áo len cổ lọ còn không"]
    {
        assert!(ask(&jumper, question).text().contains("350.000đ"), "{question}");
    }
}

#[test]
fn how_one_of_several_is_washed_no_list_of_prices_tells() {
    let shop = shop();
    let answer = reply("áo thun giặt máy được không", &shop, &business());
    assert!(matches!(&answer, Reply::Handover { reason: Reason::NotInCatalogue, .. }), "{answer:?}");
}

#[test]
fn the_sizes_of_variants_are_told_where_no_pair_tells_them() {
    use crate::model::Variant;
    let mut shirt = product(1, "Áo sơ mi linen", 320_000, true, &[]);
    let variant = |size: &str, stock| Variant {
        name: size.to_owned(),
        stock,
        attributes: vec![("Size".to_owned(), size.to_owned())],
        ..Variant::default()
    };
    shirt.variants = vec![variant("M", Some(3)), variant("L", None), variant("XL", Some(0))];
    let answer = reply("áo sơ mi linen có size nào ạ", &[shirt], &business());
    assert!(answer.text().contains("Size: M, L ạ."), "{answer:?}");
}

#[test]
fn manners_are_said_once_whoever_wrote_them() {
    use crate::answerer::policy::{quote, unmannered};
    let mut business = business();
    business.policies = "Dạ shop đổi size trong 7 ngày ạ. Dạ, phí ship nội thành 20k ạ.".to_owned();
    assert_eq!(reply("có đổi size không", &shop(), &business).text(), "Dạ, shop đổi size trong 7 ngày ạ.");
    assert_eq!(reply("phí ship bao nhiêu", &shop(), &business).text(), "Dạ, phí ship nội thành 20k ạ.");
    assert_eq!(quote("Dạ shop có xuất hóa đơn đỏ ạ.", true), "Dạ, shop có xuất hóa đơn đỏ ạ.");
    assert_eq!(quote("Free shipping.", false), "Free shipping.");
    assert_eq!(unmannered("Dạ quang, dễ giặt, lạ"), "Dạ quang, dễ giặt, lạ");
}
