//! What a newcomer asks the demo shop.

use super::*;
use crate::intent::intent;
use crate::language::language;

const SHOP: &str = include_str!("../../../chatdesk/demo/shop.json");

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The shop, and its rows whose names begin so.
fn found(names: &[&str]) -> (Business, Vec<Product>) {
    let shop: serde_json::Value = serde_json::from_str(SHOP).unwrap();
    let business = Business {
        name: text(&shop["business_name"]),
        description: text(&shop["business_description"]),
        phone: text(&shop["phone"]),
        policies: text(&shop["policies"]),
        opening_hours: text(&shop["opening_hours"]),
        ..Business::default()
    };
    let row = |(n, p): (usize, &serde_json::Value)| Product {
        id: Uuid::from_u128(n as u128 + 1),
        name: text(&p["name"]),
        description: text(&p["description"]),
        price_minor: p["price"].as_i64().unwrap(),
        currency: "VND".to_owned(),
        in_stock: p["status"] == "available",
        extra: p["extra_info"].as_object().unwrap().iter().map(|(k, v)| (k.clone(), text(v))).collect(),
        ..Product::default()
    };
    let rows: Vec<Product> = shop["products"].as_array().unwrap().iter().enumerate().map(row).collect();
    let of = |name: &&str| rows.iter().find(|p| p.name.starts_with(name)).unwrap().clone();
    (business, names.iter().map(of).collect())
}

fn said(question: &str) -> String {
    let shelf = [
        "Balo laptop",
        "Bộ đồ ngủ",
        "Bình giữ nhiệt",
        "Dép sandal",
        "Áo thun trơn",
        "Áo croptop",
        "Chảo chống dính",
        "Váy hoa nhí",
        "Cốc sứ",
        "Giỏ mây đựng đồ",
    ];
    followed(&shelf, "", question)
}

/// The answer to a question for which these rows were found, after an earlier message when there is one.
fn followed(names: &[&str], topic: &str, question: &str) -> String {
    let question = crate::text::written_out(question);
    let (business, products) = found(names);
    let topic = (!topic.is_empty()).then(|| topic.to_owned());
    let asked = Asked { topic, question };
    let mut evidence = Evidence::new(&products, &[], &business, &asked.text(), crate::prompt::HOUSE_RULES);
    let language = language(&asked.text()).unwrap_or(Language::Vietnamese);
    let intent = intent(&asked.question);
    let ground = Ground { asked: &asked, language, intent, products: &products, entries: &[], business: &business };
    answer(&ground, &mut evidence).text().to_owned()
}

#[test]
fn a_newcomers_questions() {
    let mut wrong = Vec::new();
    for (question, has, hasnt) in [
        ("Do you have a backpack?", "laptop backpack (Balo", "đồ"),
        ("Do you have a thermos?", "thermos bottle", "đồ"),
        ("do you have backpacks?", "laptop backpack (Balo", "đồ"),
        ("any mugs?", "Ceramic mug", "Balo"),
        ("What do you sell?", "Here is what we have", "passed"),
        ("Hello", "welcome", "passed"),
        ("hi shop", "welcome", "passed"),
        ("thanks", "Thank you", "passed"),
        ("cảm ơn", "cảm ơn bạn", "nhân viên"),
        ("chào shop", "xin chào", "nhân viên"),
        ("có size 45 dép sandal không", "không có size 45", "Tổng"),
        ("áo dưới 150k", "croptop", "Áo thun trơn"),
        ("áo dưới 50k", "chưa có mẫu nào", "đ ("),
        ("under 20k", "None of the products", "đ"),
        ("cái nào rẻ nhất", "mình tìm thấy các mẫu này", "rẻ nhất"),
        ("are you a bot?", "automatic assistant of Tiệm", "discount"),
        ("có phải bot không", "trợ lý tự động của Tiệm", "nhân viên"),
        ("đang nói chuyện với người hay máy", "trợ lý tự động", "nhân viên"),
        ("chảo", "Chảo chống dính", "xin chào"),
        ("có váy không shop", "Váy hoa nhí", "Balo"),
        ("shop mở cửa mấy giờ", "8:30–21:00", "nhân viên"),
        ("what time do you open?", "Monday to Saturday 8:30–21:00, Sunday 9:00–18:00.", "passed"),
        ("shipping fee?", "20,000₫ within Da Nang", "nội thành"),
        ("vớ có đổi được không shop", "không đổi", "7 ngày"),
        ("giảm giá còn 1k nhé", "khuyến mãi", "Miễn phí"),
        (".", "tìm sản phẩm nào", "- "),
        ("😊", "tìm sản phẩm nào", "- "),
    ] {
        let answer = said(question);
        if !answer.contains(has) || answer.contains(hasnt) {
            wrong.push(format!("{question}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn conversations_of_customers() {
    const SHIRT: &str = "áo thun trơn giá bao nhiêu vậy";
    let mut wrong = Vec::new();
    for (names, topic, question, has, hasnt) in [
        (
            &["Áo polo nữ", "Áo sơ mi trắng", "Áo thun trơn", "Áo croptop"][..],
            "",
            "shop ơi dưới 200k có áo nào nữ mặc đẹp k",
            "Áo croptop gân ôm: 129.000đ",
            "polo",
        ),
        (&["Áo polo nữ", "Áo croptop"], "", "cái croptop ấy bn tiền", "croptop gân ôm giá 129.000đ", "nhân viên"),
        (&["Áo khoác gió"], "", "do you have a raincoat or windbreaker", "windbreaker", "passed"),
        (&["Áo khoác chống nắng", "Áo hoodie"], "cần áo ấm", "có cái nào dưới 350k không", "hoodie", "nhân viên"),
        (&["Áo khoác chống nắng", "Áo hoodie"], "cần áo ấm", "có cái nào dưới 300k không", "249.000đ", "hoodie"),
        (&["Áo hoodie"], "", "ok lấy cái hoodie", "319.000đ", "nhân viên"),
        (&["Túi tote", "Túi đeo chéo"], "", "túi xách giá từ 200 đến 300k", "Túi đeo chéo", "tote"),
        (&["Chân váy xếp ly", "Bộ ấm trà", "Cốc sứ"], "", "có ly gốm không shop", "Cốc sứ quai trúc", "váy"),
        (&["Nồi gốm", "Hộp đựng cơm"], "", "có nồi cơm điện không", "chưa thấy đúng mẫu", "Hộp"),
        (&["Áo thun trơn"], "", "chủ nhật có bán ko", "Chủ nhật 9:00–18:00", "Áo"),
        (&["Áo thun trơn"], "", "mua sỉ 20 cái áo thun giá sao", "Dạ, mua sỉ: từ 10 món", "159.000đ"),
        (&["Áo thun trơn"], "", "shop có bán buôn k", "từ 10 món", "159.000đ"),
        (&["Áo thun trơn"], SHIRT, "lấy 2 cái ship về Huế hết bao nhiêu", "318.000đ ạ. Phí giao hàng", "nhân viên"),
        (
            &["Áo thun trơn"],
            "How much is the plain T-shirt?",
            "can I get 3 shipped to Hanoi, total?",
            "477,000đ",
            "passed",
        ),
        (&["Áo thun trơn"], SHIRT, "size L nặng 60kg mặc vừa hk", "L 57–65 kg", "Dạ có ạ"),
        (&["Áo croptop"], "áo croptop bao nhiêu", "mình 60kg mặc vừa không", "freesize 40–55 kg", "129.000đ"),
        (&["Áo polo nam"], "áo polo nam giá sao", "nặng 60kg mặc size nào vừa", "nhân viên", "Size"),
        (
            &["Áo len cardigan", "Áo len mỏng", "Chảo"],
            "áo len cardigan",
            "có mẫu nào tương tự không",
            "len mỏng",
            "cardigan",
        ),
        (&["Áo thun trơn"], "", "Do you ship to Singapore?", "passed", "provinces"),
        (&["Áo thun trơn"], "", "có giao đi Nhật không", "nhân viên", "tỉnh"),
        (&["Áo thun trơn"], "", "how long does delivery to Saigon take", "other provinces", "passed"),
        (&["Dép sandal"], "", "dép sz 38 bnhiu", "có size 38", "nhân viên"),
        (&["Mũ cói", "Mũ lưỡi trai"], "", "có nón ko shop", "Mũ cói vành rộng: 135.000đ", "nhân viên"),
        (&["Áo khoác gió", "Áo hoodie"], "", "áo khoác gió với áo hoodie cái nào rẻ hơn", "389.000đ", "nhân viên"),
        (&["Bình giữ nhiệt"], "", "bình giữ nóng bao lâu", "giữ nóng 8 tiếng", "265.000đ"),
        (&["Đầm bầu", "Váy hoa"], "any dresses?", "what material are they", "cotton 100%", "passed"),
    ] {
        let answer = followed(names, topic, question);
        if !answer.contains(has) || answer.contains(hasnt) {
            wrong.push(format!("{question}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
