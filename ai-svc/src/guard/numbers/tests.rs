use super::*;
use crate::text::tokens;

fn read(text: &str) -> Vec<(i128, Unit)> {
    figures(&tokens(text)).into_iter().map(|f| (f.value.map_or(-1, |v| v / ONE), f.unit)).collect()
}

#[test]
fn amounts_as_shops_write_them() {
    for (text, value) in [
        ("150k", 150_000),
        ("150K", 150_000),
        ("150 k", 150_000),
        ("150.000đ", 150_000),
        ("150,000 VND", 150_000),
        ("150 000 đ", 150_000),
        ("150'000đ", 150_000),
        ("1.299.000 ₫", 1_299_000),
        ("1tr2", 1_200_000),
        ("1tr25", 1_250_000),
        ("1tr250", 1_250_000),
        ("1tr250k", 1_250_000),
        ("1 triệu 2", 1_200_000),
        ("1 triệu 250 nghìn", 1_250_000),
        ("1,2 triệu", 1_200_000),
        ("1.5tr", 1_500_000),
        ("1.299 triệu", 1_299_000),
        ("1 triệu rưỡi", 1_500_000),
        ("triệu rưỡi", 1_500_000),
        ("triệu hai", 1_200_000),
        ("hai trăm nghìn", 200_000),
        ("một trăm năm mươi nghìn", 150_000),
        ("một trăm rưỡi nghìn", 150_000),
        ("mười lăm ngàn", 15_000),
        ("hai mươi lăm nghìn đồng", 25_000),
        ("ba triệu năm trăm nghìn", 3_500_000),
        ("hai triệu tư", 2_400_000),
        ("2 trăm nghìn", 200_000),
        ("mot tram nghin", 100_000),
        ("１５０.０００đ", 150_000),
        ("١٥٠٬٠٠٠ đ", 150_000),
        ("150 nghìn đồng", 150_000),
        ("VND 150,000", 150_000),
        ("one hundred fifty thousand", 150_000),
        ("two hundred thousand dong", 200_000),
        ("1.2 million", 1_200_000),
        ("$12", 12),
        ("12 USD", 12),
        ("1,299.00 $", 1299),
        ("₾5", 5),
        ("một tỷ", 1_000_000_000),
        ("1️⃣5️⃣0️⃣k", 150_000),
    ] {
        assert_eq!(read(text), [(value, Unit::Money)], "{text}");
    }
}

#[test]
fn other_numbers() {
    assert_eq!(read("trăm rưỡi"), [(150, Unit::Plain)]);
    assert_eq!(read("giảm 50% và 20 phần trăm"), [(50, Unit::Percent), (20, Unit::Percent)]);
    assert_eq!(read("size 39"), [(39, Unit::Plain)]);
    assert_eq!(read("150-160k"), [(150_000, Unit::Money), (160_000, Unit::Money)]);
    assert_eq!(read("2x150k"), [(2, Unit::Plain), (150_000, Unit::Money)]);
    assert_eq!(read("giao trong hai ngày"), [(2, Unit::Plain)]);
    assert_eq!(read("cả hai mẫu, một chút"), []);
    assert_eq!(read("150k 2 cái"), [(150_000, Unit::Money), (2, Unit::Plain)]);
}

#[test]
fn what_nobody_writes_is_unreadable_and_not_skipped() {
    for text in ["1.50.0000", "1,2,3k", "99999999999999999999", "1.2345"] {
        assert_eq!(figures(&tokens(text)).first().and_then(|f| f.value), None, "{text}");
    }
}
