use super::*;
use crate::intent::intent;
use crate::language::language;
use proptest::prelude::*;

mod sources;

fn product(n: u128, name: &str, price: i64, in_stock: bool, extra: &[(&str, &str)]) -> Product {
    Product {
        id: Uuid::from_u128(n),
        name: name.to_owned(),
        description: String::new(),
        price_minor: price,
        currency: "VND".to_owned(),
        in_stock,
        extra: extra.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        ..Product::default()
    }
}

fn shop() -> Vec<Product> {
    vec![
        product(1, "Áo thun đỏ", 150_000, true, &[("Size", "S, M, L"), ("Màu", "đỏ, đen")]),
        product(2, "Áo thun xanh", 160_000, true, &[("Size", "M, L")]),
        product(
            3,
            "Giày thể thao trắng",
            1_299_000,
            false,
            &[("Bảo hành", "12 tháng"), ("image", "https://x.y/z.jpg")],
        ),
    ]
}

fn business() -> Business {
    Business {
        name: "Tiệm Nhà Mây".into(),
        description: "Shop thời trang ở 12 Lý Thường Kiệt, Hà Nội.".into(),
        phone: "0901 234 567".into(),
        policies: "Phí ship nội thành 20k, ngoại thành 30k. Giao hàng toàn quốc từ 2-4 ngày. Đổi size trong 7 ngày nếu còn tem.".into(),
        opening_hours: "Mở cửa 8h-21h hàng ngày".into(),
        ..Business::default()
    }
}

fn reply(question: &str, products: &[Product], business: &Business) -> Reply {
    let mut evidence = Evidence::new(products, &[], business, question, crate::prompt::HOUSE_RULES);
    let language = language(question).unwrap_or(Language::Vietnamese);
    let asked = Asked::alone(question);
    answer(
        &Ground { asked: &asked, language, intent: intent(question), products, entries: &[], business },
        &mut evidence,
    )
}

fn said(question: &str) -> String {
    reply(question, &shop(), &business()).text().to_owned()
}

#[test]
fn prices_and_stock_in_the_customers_language() {
    assert_eq!(
        said("áo thun đỏ giá bao nhiêu?"),
        "Dạ Áo thun đỏ giá 150.000đ, hiện còn hàng ạ. Bạn muốn đặt mẫu này không ạ?"
    );
    assert_eq!(
        said("ao thun do gia bao nhieu"),
        "Dạ Áo thun đỏ giá 150.000đ, hiện còn hàng ạ. Bạn muốn đặt mẫu này không ạ?"
    );
    assert_eq!(
        said("how much is ao thun do?"),
        "Áo thun đỏ is 150,000đ and it is in stock. Would you like to order it?"
    );
    assert_eq!(
        said("giày thể thao trắng còn không shop"),
        "Dạ Giày thể thao trắng giá 1.299.000đ, hiện tạm hết hàng ạ."
    );
}

#[test]
fn several_that_fit_are_listed() {
    assert_eq!(
        said("áo thun bao nhiêu"),
        "Dạ shop có các mẫu này ạ:\n- Áo thun đỏ: 150.000đ (còn hàng)\n- Áo thun xanh: 160.000đ (còn hàng)\nBạn thích mẫu nào ạ?"
    );
    assert_eq!(
        said("có áo nào dưới 155k không"),
        "Dạ Áo thun đỏ giá 150.000đ, hiện còn hàng ạ. Bạn muốn đặt mẫu này không ạ?"
    );
}

#[test]
fn attributes_come_from_the_row_or_from_a_person() {
    assert!(said("áo thun đỏ có size gì").contains("Size: S, M, L ạ."), "{}", said("áo thun đỏ có size gì"));
    assert!(said("áo thun đỏ có màu gì").contains("Màu: đỏ, đen ạ."));
    assert!(
        said("giày thể thao trắng bảo hành bao lâu không shop").contains("12 tháng"),
        "{}",
        said("giày thể thao trắng bảo hành bao lâu không shop")
    );
    assert!(matches!(
        reply("áo thun xanh chất liệu gì", &shop(), &business()),
        Reply::Handover { reason: Reason::NotInCatalogue, .. }
    ));
}

#[test]
fn what_is_not_there_is_not_offered_as_if_it_were() {
    assert!(
        said("shop có áo mưa không").starts_with("Dạ mình chưa thấy đúng mẫu bạn hỏi"),
        "{}",
        said("shop có áo mưa không")
    );
    for question in ["có laptop màu đỏ không", "do you sell red laptops", "bán nồi cơm điện không"] {
        let reply = reply(question, &shop(), &business());
        assert!(matches!(reply, Reply::Handover { reason: Reason::NothingFound, .. }), "{question}: {reply:?}");
    }
}

#[test]
fn quantities_are_multiplied() {
    assert!(said("lấy 2 cái áo thun đỏ").contains("Tổng 2 cái là 300.000đ ạ."), "{}", said("lấy 2 cái áo thun đỏ"));
}

#[test]
fn policies_are_quoted_and_unknown_ones_handed_over() {
    assert_eq!(
        said("phí ship bao nhiêu"),
        "Dạ, phí ship nội thành 20k, ngoại thành 30k. Giao hàng toàn quốc từ 2-4 ngày ạ."
    );
    assert!(said("có đổi size không").contains("7 ngày"));
    assert!(said("shop ở đâu").contains("12 Lý Thường Kiệt"), "{}", said("shop ở đâu"));
    assert!(said("mấy giờ mở cửa").contains("8h-21h"));
    assert!(said("cho xin số điện thoại").contains("0901 234 567"));
    assert!(matches!(
        reply("có trả góp không", &shop(), &business()),
        Reply::Handover { reason: Reason::NotInCatalogue, .. }
    ));
    assert!(said("có giảm giá không").contains("chưa có chương trình khuyến mãi"));
}

#[test]
fn manners_and_handovers() {
    assert!(said("xin chào").contains("Tiệm Nhà Mây"));
    assert!(said("thanks").starts_with("Thank you"));
    assert!(matches!(
        reply("cho gặp nhân viên", &shop(), &business()),
        Reply::Handover { reason: Reason::AsksForPerson, .. }
    ));
    assert!(matches!(
        reply("có bán máy giặt không", &[], &business()),
        Reply::Handover { reason: Reason::NothingFound, .. }
    ));
}

#[test]
fn prices_of_other_currencies() {
    assert_eq!(money(1299, "USD", true), "$12.99");
    assert_eq!(money(123_456_789, "EUR", false), "1,234,567.89 EUR");
    assert_eq!(money(1_500_000, "VND", false), "1,500,000đ");
    assert_eq!(money(5000, "JPY", true), "5,000 JPY");
}

proptest! {
    /// Whatever the rows hold, an answer has passed the guard and a question about a named product gets its price.
    #[test]
    fn a_named_product_gets_an_answer_with_its_price(price in 1_000_i64..50_000_000, in_stock: bool, english: bool, currency in prop::sample::select(vec!["VND", "USD"])) {
        let mut products = shop();
        products[0].price_minor = price;
        products[0].currency = currency.to_owned();
        products[0].in_stock = in_stock;
        let question = if english { "how much is the áo thun đỏ, please?" } else { "áo thun đỏ giá bao nhiêu vậy shop" };
        let language = if english { Language::English } else { Language::Vietnamese };
        let business = business();
        let mut evidence = Evidence::new(&products, &[], &business, question, crate::prompt::HOUSE_RULES);
        let asked = Asked::alone(question);
        let reply = answer(&Ground { asked: &asked, language, intent: intent(question), products: &products, entries: &[], business: &business }, &mut evidence);
        let expected = money(price, currency, !english);
        prop_assert!(matches!(&reply, Reply::Answered { text, .. } if text.contains(&expected)), "{:?} has no {}", reply, expected);
    }

    #[test]
    fn hostile_rows_never_panic_and_never_leave_unguarded(name in "\\PC{1,40}", description in "\\PC{0,60}", key in "\\PC{0,10}", value in "\\PC{0,40}", question in "\\PC{0,60}") {
        let mut products = shop();
        products[0].name = name;
        products[0].description = description;
        products[0].extra = vec![(key, value)];
        let business = business();
        if let Reply::Answered { text, product_ids } = reply(&question, &products, &business) {
            let mut evidence = Evidence::new(&products, &[], &business, &question, crate::prompt::HOUSE_RULES);
            prop_assert_eq!(guard::check(&text, &product_ids, &mut evidence), Verdict::Pass);
        }
    }
}

/// Some rows of a real shop, as they are found for a shirt, with others that have the same words in their names.
fn real_rows() -> Vec<Product> {
    let of = |n, name, price, in_stock, english, colours, sizes: &str| {
        let mut extra = vec![("Tên tiếng Anh", english), ("Màu", colours)];
        extra.extend((!sizes.is_empty()).then_some(("Size", sizes)));
        extra.extend((n == 1).then_some(("Gợi ý size", "S 42–48 kg, M 49–56 kg, L 57–65 kg, XL 66–75 kg")));
        product(n, name, price, in_stock, &extra)
    };
    vec![
        of(
            1,
            "Áo thun trơn cổ tròn",
            159_000,
            true,
            "plain round-neck T-shirt",
            "trắng, đen, đỏ đô, xanh rêu",
            "S, M, L, XL",
        ),
        of(
            2,
            "Áo thun tay lỡ in hình mèo",
            179_000,
            true,
            "oversized cat print T-shirt",
            "kem, xanh bạc hà",
            "freesize dưới 70 kg",
        ),
        of(3, "Áo sơ mi trắng công sở nữ", 289_000, true, "women's white office shirt", "trắng", "S, M, L, XL"),
        of(4, "Đầm dự tiệc trễ vai", 459_000, false, "off-shoulder party dress", "đen, đỏ rượu", "S, M, L"),
        of(5, "Balo laptop chống nước", 429_000, true, "water-resistant laptop backpack", "đen, xám", ""),
        of(6, "Vớ cotton cổ ngắn set 5 đôi", 75_000, true, "set of 5 ankle socks", "trắng, xám, đen", "36–39, 40–43"),
        product(7, "Đèn ngủ mây tre", 259_000, true, &[("Tên tiếng Anh", "bamboo night lamp")]),
    ]
}

/// The answer to a question, after an earlier message when there is one.
fn followed(topic: &str, question: &str) -> String {
    let (products, business) = (real_rows(), business());
    let topic = (!topic.is_empty()).then(|| topic.to_owned());
    let asked = Asked { topic, question: question.to_owned() };
    let mut evidence = Evidence::new(&products, &[], &business, &asked.text(), crate::prompt::HOUSE_RULES);
    let language = language(&asked.text()).unwrap_or(Language::Vietnamese);
    let ground = Ground {
        asked: &asked,
        language,
        intent: intent(question),
        products: &products,
        entries: &[],
        business: &business,
    };
    answer(&ground, &mut evidence).text().to_owned()
}

#[test]
fn a_colour_or_size_gets_a_yes_or_no() {
    const SHIRT: &str = "Áo thun trơn giá bao nhiêu?";
    const YES: &str = "Giá 159.000đ, hiện còn hàng ạ. Bạn muốn đặt mẫu này không ạ?";
    for (topic, question, expected) in [
        (SHIRT, "còn màu đen size L không ạ?", format!("Dạ có ạ, Áo thun trơn cổ tròn có màu đen, size L. {YES}")),
        (SHIRT, "con mau den size l khong", format!("Dạ có ạ, Áo thun trơn cổ tròn có màu đen, size L. {YES}")),
        (SHIRT, "có màu trắng không", format!("Dạ có ạ, Áo thun trơn cổ tròn có màu trắng. {YES}")),
        (SHIRT, "màu đỏ thì sao", format!("Dạ có ạ, Áo thun trơn cổ tròn có màu đỏ đô. {YES}")),
        ("", "áo thun trơn có màu xanh rêu không", format!("Dạ có ạ, Áo thun trơn cổ tròn có màu xanh rêu. {YES}")),
        (
            SHIRT,
            "có màu tím không",
            "Dạ Áo thun trơn cổ tròn không có màu tím ạ. Màu: trắng, đen, đỏ đô, xanh rêu ạ. Giá 159.000đ, hiện còn hàng ạ.".into(),
        ),
        (
            SHIRT,
            "màu đen size XXL còn không",
            "Dạ Áo thun trơn cổ tròn không có size XXL ạ. Mẫu này có màu đen ạ. Size: S, M, L, XL ạ. Giá 159.000đ, hiện còn hàng ạ.".into(),
        ),
        (
            "",
            "balo có màu tím không",
            "Dạ Balo laptop chống nước không có màu tím ạ. Màu: đen, xám ạ. Giá 429.000đ, hiện còn hàng ạ.".into(),
        ),
        (
            "đầm dự tiệc giá sao",
            "còn màu đen không",
            "Dạ Đầm dự tiệc trễ vai có màu đen, nhưng hiện tạm hết hàng ạ.".into(),
        ),
        ("", "áo sơ mi trắng còn size M không", {
            "Dạ có ạ, Áo sơ mi trắng công sở nữ có size M. Giá 289.000đ, hiện còn hàng ạ. Bạn muốn đặt mẫu này không ạ?".into()
        }),
        (
            "how much is the plain t-shirt?",
            "do you have it in black, size L?",
            "Yes, plain round-neck T-shirt (Áo thun trơn cổ tròn) comes in black (đen), size L. It is 159,000đ and it is in stock. Would you like to order it?".into(),
        ),
        (
            "how much is the plain t-shirt?",
            "what about purple?",
            "Plain round-neck T-shirt (Áo thun trơn cổ tròn) does not come in purple. It comes in white, black, red, green. It is 159,000đ and it is in stock.".into(),
        ),
    ] {
        assert_eq!(followed(topic, question), expected, "{topic} {question}");
    }
}

#[test]
fn what_a_row_does_not_tell_is_neither_promised_nor_denied() {
    // Free size fits some and not others; the row's own words are the answer.
    let answer = followed("áo thun in hình mèo bao nhiêu", "có size L không");
    assert!(answer.contains("freesize dưới 70 kg") && !answer.contains("không có"), "{answer}");
    let answer = followed("vớ cotton giá sao", "size 38 có không ạ");
    assert!(answer.starts_with("Dạ có ạ") && answer.contains("size 38"), "{answer}");
    // No colour is known of the lamp.
    let answer = followed("đèn ngủ giá bao nhiêu", "có màu đen không");
    assert_eq!(answer, handover(Reason::NotInCatalogue, Language::Vietnamese).text());
    // A lone "xanh" may be blue.
    let mut rows = real_rows();
    rows[4].extra[1].1 = "xanh, xám".into();
    let answer = reply("does the laptop backpack come in blue?", &rows, &business());
    assert!(!answer.text().contains("does not") && !answer.text().contains("Yes"), "{answer:?}");
}

#[test]
fn of_several_the_one_that_has_it_is_named() {
    let answer = followed("áo thun giá bao nhiêu", "có màu đen không");
    assert!(answer.starts_with("Dạ có ạ, Áo thun trơn cổ tròn có màu đen."), "{answer}");
    let answer = followed("áo thun giá bao nhiêu", "có màu tím không");
    assert!(
        answer
            .starts_with("Dạ các mẫu này không có màu tím ạ:\n- Áo thun trơn cổ tròn: 159.000đ (còn hàng). Màu: trắng"),
        "{answer}"
    );
    let answer = followed("", "shop có áo nào màu trắng không");
    assert!(answer.contains("Áo thun trơn cổ tròn") && answer.contains("Áo sơ mi trắng công sở nữ"), "{answer}");
    assert!(!answer.contains("mèo"), "{answer}");
}

#[test]
fn a_follow_up_about_something_else_is_for_a_person() {
    for question in ["máy giặt giá sao", "thế còn laptop xịn thì sao"] {
        let answer = followed("Áo thun trơn giá bao nhiêu?", question);
        assert_eq!(answer, handover(Reason::NotInCatalogue, Language::Vietnamese).text(), "{question}");
    }
    let answer = followed("Áo thun trơn màu gì vậy", "vẫn còn chứ shop");
    assert!(answer.contains("hiện còn hàng"), "{answer}");
}

/// Names that hold numbers, colours, measures and words of policies, as real shops have them.
#[test]
fn a_name_is_never_taken_for_a_claim() {
    let products = vec![
        product(
            1,
            "Áo khoác gió hai lớp",
            389_000,
            true,
            &[("Tên tiếng Anh", "two-layer windbreaker"), ("Màu", "đen, xanh rêu, be")],
        ),
        product(
            2,
            "Vớ cotton cổ ngắn set 5 đôi",
            75_000,
            true,
            &[("Tên tiếng Anh", "set of 5 ankle socks"), ("Chất liệu", "cotton 80%")],
        ),
        product(
            3,
            "Đầm bầu cotton cho con bú",
            279_000,
            true,
            &[("Tên tiếng Anh", "nursing maternity dress"), ("Màu", "hồng đất, xanh than")],
        ),
        product(4, "Bộ dao bếp ba món", 395_000, false, &[("Tên tiếng Anh", "three-piece kitchen knife set")]),
        product(
            5,
            "Áo sơ mi trắng công sở nữ",
            289_000,
            true,
            &[("Tên tiếng Anh", "women's white office shirt"), ("Màu", "trắng, hồng phấn")],
        ),
        product(
            6,
            "Áo dài cách tân gấm hoa",
            690_000,
            true,
            &[("Tên tiếng Anh", "modern brocade ao dai"), ("Chiều dài", "128 cm")],
        ),
    ];
    for product in &products {
        let vietnamese = reply(&format!("{} giá bao nhiêu vậy shop?", product.name), &products, &business());
        assert!(vietnamese.text().contains(&money(product.price_minor, "VND", true)), "{vietnamese:?}");
        let unmarked = reply(&crate::text::fold(&format!("{} con khong", product.name)), &products, &business());
        assert!(
            unmarked.text().contains(if product.in_stock { "hiện còn hàng" } else { "tạm hết hàng" }),
            "{unmarked:?}"
        );
        let english = product.english_name().unwrap();
        let answer = reply(&format!("how much is the {english}?"), &products, &business());
        assert!(answer.text().contains(&money(product.price_minor, "VND", false)), "{answer:?}");
        for (key, value) in product.extra.iter().filter(|(key, _)| key != "Tên tiếng Anh") {
            let answer = reply(&format!("{} {} thế nào ạ", key.to_lowercase(), product.name), &products, &business());
            assert!(answer.text().contains(value), "{key}: {answer:?}");
        }
    }
}
