//! Amounts in every spelling, and texts of any kind.

use super::*;
use proptest::prelude::*;

/// An amount in the spellings people use.
fn spellings(thousands: i64) -> Vec<String> {
    let full = thousands * 1000;
    let group = |mark: &str| {
        let text = full.to_string();
        let chars: Vec<char> = text.chars().rev().collect();
        chars.chunks(3).map(|c| c.iter().rev().collect::<String>()).rev().collect::<Vec<_>>().join(mark)
    };
    let wide: String =
        full.to_string().chars().filter_map(|c| char::from_u32(0xFF10 + u32::from(c) - u32::from('0'))).collect();
    let arabic: String =
        thousands.to_string().chars().filter_map(|c| char::from_u32(0x660 + u32::from(c) - u32::from('0'))).collect();
    let mut out = vec![
        format!("{thousands}k"),
        format!("{thousands} K"),
        format!("{thousands} nghìn"),
        format!("{thousands} ngàn đồng"),
        format!("{thousands}nghin"),
        format!("{full}đ"),
        format!("{full}"),
        format!("{}đ", group(".")),
        format!("{} VND", group(",")),
        format!("{} ₫", group(" ")),
        format!("{wide} đ"),
        format!("{arabic}k"),
        format!("{thousands} thousand"),
    ];
    if thousands >= 1000 {
        let (millions, rest) = (thousands / 1000, thousands % 1000);
        out.push(format!("{millions}tr{rest:03}"));
        out.push(format!("{millions} triệu {rest:03}"));
        out.push(format!("{millions} triệu {rest} nghìn"));
        out.push(format!("{millions},{rest:03} triệu"));
    } else {
        out.push(thousands.to_string());
    }
    out
}

proptest! {
    #[test]
    fn no_other_amount_passes_in_any_spelling(thousands in 2_i64..9_999, pick in 0_usize..32, product in 0_usize..4) {
        let (products, business) = (shop(), business());
        let subject = &products[product];
        prop_assume!(subject.price_minor != thousands * 1000);
        let all = spellings(thousands);
        let spelled = &all[pick % all.len()];
        for reply in [
            format!("Dạ {} giá {spelled} ạ", subject.name),
            format!("Dạ giá {} chỉ {spelled} thôi ạ", subject.name),
            format!("{spelled} cho {} ạ", subject.name),
            format!("{}: {spelled}", subject.name),
        ] {
            // Bare digits that are a size of this very product are a size and not a price, unless a price word says so.
            if reply.starts_with(&subject.name) && subject.extra.iter().any(|(_, v)| v.contains(spelled.as_str())) {
                continue;
            }
            let question = format!("{} giá bao nhiêu", subject.name);
            let verdict = check(&reply, &[subject.id], &mut Evidence::new(&products, &[], &business, &question, HOUSE_RULES));
            prop_assert!(verdict != Verdict::Pass, "{}", reply);
        }
    }

    #[test]
    fn the_price_passes_in_every_spelling(thousands in 2_i64..9_999) {
        let mut products = shop();
        products[0].price_minor = thousands * 1000;
        for spelled in spellings(thousands) {
            let reply = format!("Dạ áo thun đỏ giá {spelled} ạ");
            let verdict = check(&reply, &[], &mut Evidence::new(&products, &[], &business(), "áo thun đỏ giá bao nhiêu", HOUSE_RULES));
            prop_assert_eq!(verdict, Verdict::Pass, "{}", reply);
        }
    }

    #[test]
    fn no_reply_panics(reply in "\\PC{0,120}", question in "\\PC{0,60}") {
        let _ = judge(&question, &reply, &[1]);
    }
}
