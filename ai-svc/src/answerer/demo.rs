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
        score: 0.6,
        vector_score: 0.4,
        lexical_score: 0.5,
    };
    let rows: Vec<Product> = shop["products"].as_array().unwrap().iter().enumerate().map(row).collect();
    let of = |name: &&str| rows.iter().find(|p| p.name.starts_with(name)).unwrap().clone();
    (business, names.iter().map(of).collect())
}

fn said(question: &str) -> String {
    let (business, products) = found(&[
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
    ]);
    let mut evidence = Evidence::new(&products, &business, question, crate::prompt::HOUSE_RULES);
    let language = language(question).unwrap_or(Language::Vietnamese);
    let asked = Asked::alone(question);
    let ground = Ground { asked: &asked, language, intent: intent(question), products: &products, business: &business };
    answer(&ground, &mut evidence).text().to_owned()
}

#[test]
fn a_newcomers_questions() {
    let mut wrong = Vec::new();
    for (question, has, hasnt) in [
        ("Do you have a backpack?", "laptop backpack (Balo", "đồ"),
        ("Do you have a thermos?", "thermos bottle", "đồ"),
        ("do you have backpacks?", "laptop backpack (Balo", "đồ"),
        ("any mugs?", "ceramic mug", "Balo"),
        ("What do you sell?", "Here is what we have", "passed"),
        ("Hello", "welcome", "passed"),
        ("hi shop", "welcome", "passed"),
        ("thanks", "Thank you", "passed"),
        ("cảm ơn", "cảm ơn bạn", "nhân viên"),
        ("chào shop", "xin chào", "nhân viên"),
        ("có size 45 dép sandal không", "không có size 45", "Tổng"),
        ("áo dưới 150k", "croptop", "Áo thun trơn"),
        ("áo dưới 50k", "chưa có mẫu nào", "đ ("),
        ("under 20k", "None of the products", "₫"),
        ("cái nào rẻ nhất", "mình tìm thấy các mẫu này", "rẻ nhất"),
        ("are you a bot?", "automatic assistant of Tiệm", "discount"),
        ("có phải bot không", "trợ lý tự động của Tiệm", "nhân viên"),
        ("đang nói chuyện với người hay máy", "trợ lý tự động", "nhân viên"),
        ("chảo", "Chảo chống dính", "xin chào"),
        ("có váy không shop", "Váy hoa nhí", "Balo"),
        ("shop mở cửa mấy giờ", "8:30–21:00", "nhân viên"),
        ("what time do you open?", "Monday to Saturday 8:30–21:00, Sunday 9:00–18:00.", "passed"),
        ("shipping fee?", "20,000₫ within Da Nang", "nội thành"),
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
