//! Wishes for the price as customers type them.

use proptest::prelude::*;

use super::*;

fn bounds(text: &str) -> Option<(Option<i64>, Option<i64>)> {
    read(text).0.map(|price| (price.low, price.high))
}

#[test]
fn bounds_in_every_way_of_saying_them() {
    let up_to = |high: i64| Some((None, Some(high)));
    let from = |low: i64| Some((Some(low), None));
    for (text, want) in [
        ("áo thun dưới 150k", up_to(150_000)),
        ("ao duoi 150 nghin", up_to(150_000)),
        ("không quá 150.000đ", up_to(150_000)),
        ("dưới 2 trăm", up_to(200_000)),
        ("dưới 1tr2", up_to(1_200_000)),
        ("2tr đổ lại", up_to(2_000_000)),
        ("tầm 150 đổ lại", up_to(150_000)),
        ("200k trở xuống", up_to(200_000)),
        ("dưới 3 trăm rưỡi", up_to(350_000)),
        ("under 300k", up_to(300_000)),
        ("below $20", up_to(20)),
        ("trên 400k", from(400_000)),
        ("từ 1 triệu trở lên", from(1_000_000)),
        ("hơn 2 triệu rưỡi", from(2_500_000)),
        ("từ 100 đến 150k", Some((Some(100_000), Some(150_000)))),
        ("100-150k", Some((Some(100_000), Some(150_000)))),
        ("giá từ 100k tới 1tr", Some((Some(100_000), Some(1_000_000)))),
        ("từ 1 đến 2 triệu", Some((Some(1_000_000), Some(2_000_000)))),
        ("between 100k and 200k", Some((Some(100_000), Some(200_000)))),
        ("tầm 3 trăm", Some((Some(225_000), Some(375_000)))),
        ("khoảng 200k", Some((Some(150_000), Some(250_000)))),
        ("tầm trăm rưỡi", Some((Some(112_500), Some(187_500)))),
        ("ngân sách nửa triệu", Some((Some(375_000), Some(625_000)))),
    ] {
        assert_eq!(bounds(text), want, "{text}");
    }
}

#[test]
fn other_measures_are_no_prices() {
    for text in [
        "dưới 60kg mặc size gì",
        "bé trên 3 tuổi",
        "size 38-39",
        "từ 3 đến 5 tuổi",
        "pin 20k mah",
        "tầm 5 cái",
        "iphone 15 pro max",
        "nồi 5 lít",
        "khoảng 40 ngày",
        "từ 6 tháng",
        "màn dưới 7 inch",
        "mua 2 cái",
        "",
    ] {
        assert_eq!(bounds(text), None, "{text}");
    }
}

#[test]
fn ends_of_the_prices() {
    let order = |text: &str| read(text).0.and_then(|price| price.order);
    assert_eq!(order("áo rẻ nhất shop"), Some(Order::Cheapest));
    assert_eq!(order("which is the cheapest"), Some(Order::Cheapest));
    assert_eq!(order("loa đắt nhất"), Some(Order::Dearest));
    assert_eq!(order("áo thun"), None);
}

#[test]
fn the_words_of_the_wish_are_taken_out() {
    assert_eq!(read("áo thun dưới 150k màu đỏ").1, "áo thun   màu đỏ");
    assert_eq!(read("áo thun").1, "áo thun");
}

#[test]
fn a_price_beyond_fits_less_and_less() {
    let wish = Price { high: Some(100), ..Price::default() };
    assert_eq!(wish.fits(100), 1.0);
    assert!(wish.fits(110) < 0.5 && wish.fits(110) > wish.fits(130) && wish.fits(200) == 0.0);
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC{0,200}") {
        let (price, rest) = read(&text);
        prop_assert!(rest.len() <= text.len() + 1);
        if let Some(price) = price {
            prop_assert!(price.low.unwrap_or(0) >= 0 && price.high.unwrap_or(0) >= 0);
        }
    }

    #[test]
    fn amounts_are_read_back(thousands in 10_i64..100_000) {
        let text = format!("áo dưới {thousands}k");
        prop_assert_eq!(bounds(&text), Some((None, Some(thousands * 1000))));
    }
}
