//! Numbers as shops write them: `150.000đ`, `150k`, `1tr2`, `1.5E5`. What could be read in two ways is refused.

use chatdesk_platform::fold;

use crate::model::{Currency, Minor, Refusal, Status, Stock};
use crate::sheet::Cell;

fn malformed(currency: Currency) -> Refusal {
    ("malformed", format!("is not a price in {} such as 150000 or 150.000", currency.code()))
}

fn too_large() -> Refusal {
    ("out_of_range", "must not be negative and have at most 15 digits".to_owned())
}

/// An amount in minor units; none when the cell is blank.
pub fn amount(cell: &Cell, currency: Currency) -> Result<Option<i64>, Refusal> {
    let minor = match cell {
        Cell::Faulty => return Err(("formula_error", "is a formula that gives an error".to_owned())),
        Cell::Number(number) => of_number(*number, currency)?,
        Cell::Text(text) if text.is_empty() => return Ok(None),
        Cell::Text(text) => of_text(text, currency)?,
    };
    Minor::parse(minor).map(|minor| Some(minor.get()))
}

#[expect(clippy::cast_possible_truncation, reason = "it is within 15 digits, which a double holds exactly")]
fn of_number(number: f64, currency: Currency) -> Result<i64, Refusal> {
    let minor = number * 10_f64.powi(i32::try_from(currency.decimals()).unwrap_or(0));
    if !number.is_finite() {
        return Err(malformed(currency));
    }
    if !(0.0..1e15).contains(&minor) {
        return Err(too_large());
    }
    // A sum of a spreadsheet's may miss a whole number by its last bits.
    if (minor - minor.round()).abs() > 1e-3 { Err(malformed(currency)) } else { Ok(minor.round() as i64) }
}

/// What multiplies a number, by how it is written behind it.
const UNITS: [(&str, i128); 13] = [
    ("trieu", 1_000_000),
    ("tr", 1_000_000),
    ("cu", 1_000_000),
    ("nghin", 1_000),
    ("ngan", 1_000),
    ("ng", 1_000),
    ("k", 1_000),
    ("ty", 1_000_000_000),
    ("ti", 1_000_000_000),
    ("vnd", 1),
    ("dong", 1),
    ("d", 1),
    ("", 1),
];

fn of_text(text: &str, currency: Currency) -> Result<i64, Refusal> {
    let refused = || malformed(currency);
    // Folded, because digits may be full-width and đ is a d.
    let plain: String = fold(text).chars().filter(|c| !c.is_whitespace()).collect();
    let (is_negative, plain) = match plain.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let code = currency.code().to_ascii_lowercase();
    let sign = match currency.code() {
        "VND" => "₫",
        "USD" => "$",
        "EUR" => "€",
        _ => "",
    };
    let bare = plain.strip_prefix(sign).unwrap_or(plain);
    let bare = bare.strip_prefix(code.as_str()).unwrap_or(bare);
    let bare = bare.strip_suffix(code.as_str()).unwrap_or(bare);
    let bare = if sign.is_empty() { bare } else { bare.strip_suffix(sign).unwrap_or(bare) };
    let digits = bare.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(bare.len());
    let (number, rest) = bare.split_at(digits);
    if let Some(exponent) = rest.strip_prefix('e') {
        let whole = format!("{}e{exponent}", number.replace(',', "."));
        let number: f64 = whole.parse().map_err(|_| refused())?;
        return of_number(if is_negative { -number } else { number }, currency);
    }
    // "1tr2đ": the currency may follow the digits behind the unit.
    let rest = if rest.len() > 1 && currency.code() == "VND" {
        rest.strip_suffix('d').filter(|r| r.ends_with(|c: char| c.is_ascii_digit())).unwrap_or(rest)
    } else {
        rest
    };
    let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, after) = rest.split_at(letters);
    let (unit, after) = match unit.strip_suffix("ruoi") {
        Some(unit) if after.is_empty() => (unit, "5"),
        _ => (unit, after),
    };
    // "150kđ", "2trieudong": a unit may have the currency behind it.
    let known = |unit: &str| UNITS.iter().find(|(name, _)| *name == unit).map(|(_, times)| *times);
    let times = known(unit)
        .or_else(|| {
            known(unit.strip_suffix("dong").or_else(|| unit.strip_suffix("vnd")).or_else(|| unit.strip_suffix('d'))?)
        })
        .ok_or_else(refused)?;
    let is_dong = unit.is_empty() || currency.code() == "VND";
    if !is_dong || !after.is_empty() && times == 1 {
        return Err(refused());
    }
    let (mut mantissa, mut scale) = decimal(number, currency, times).ok_or_else(refused)?;
    if !after.is_empty() {
        // "1tr2" is 1.2 million, "2k5" is 2,500.
        if scale > 0 || after.len() > 6 || !after.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refused());
        }
        scale = u32::try_from(after.len()).unwrap_or(0);
        let part: i128 = after.parse().map_err(|_| refused())?;
        mantissa = mantissa * 10_i128.pow(scale) + part;
    }
    let scaled = mantissa * times * 10_i128.pow(currency.decimals());
    let below = 10_i128.pow(scale);
    if scaled % below != 0 {
        return Err(refused());
    }
    let minor = i64::try_from(scaled / below).map_err(|_| too_large())?;
    if is_negative && minor != 0 { Err(too_large()) } else { Ok(minor) }
}

/// Digits with their separators as a whole number and how many of its digits are behind the point.
fn decimal(number: &str, currency: Currency, times: i128) -> Option<(i128, u32)> {
    let count = |c: char| number.matches(c).count();
    let (dots, commas) = (count('.'), count(','));
    let last = number.rfind(['.', ',']);
    let behind = last.map_or(0, |at| number.len() - at - 1);
    // Which separator, if any, is the point.
    let point = match (dots, commas) {
        (0, 0) => None,
        (0, 1) | (1, 0) => match behind {
            // 150.000 is a hundred and fifty thousand where money has no decimals, and 1.250 million is not.
            3 if times >= 1_000_000 => last,
            3 if currency.decimals() == 0 || commas == 1 && currency.decimals() < 3 => None,
            3 if currency.decimals() < 3 => return None,
            // 150.0 may be 150.000 that lost its zeros on the way; 150000.00 cannot.
            1 if times == 1 && currency.decimals() == 0 && number.len() < 6 => return None,
            _ => last,
        },
        (_, 0) | (0, _) => None,
        _ => last,
    };
    let (whole, part) = match point {
        Some(at) => (number.get(..at)?, number.get(at + 1..)?),
        None => (number, ""),
    };
    let groups: Vec<&str> = whole.split(['.', ',']).collect();
    let is_grouped = groups.len() == 1
        || groups.iter().skip(1).all(|group| group.len() == 3)
            && groups.first().is_some_and(|first| (1..=3).contains(&first.len()));
    let is_one_kind = !(whole.contains('.') && whole.contains(','));
    let digits = whole.replace(['.', ','], "");
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || !is_grouped || !is_one_kind || !plain(part) || point.is_some() && part.is_empty() {
        return None;
    }
    if digits.len() + part.len() > 18 {
        // Too many digits for any amount; as a number it is too large, not malformed.
        return Some((10_i128.pow(18), 0));
    }
    let part = part.trim_end_matches('0');
    Some((format!("{digits}{part}").parse().ok()?, u32::try_from(part.len()).ok()?))
}

/// How many are left; none when the cell is blank.
pub fn count(cell: &Cell) -> Result<Option<Stock>, Refusal> {
    let malformed = || ("malformed", "is not a whole number".to_owned());
    let count = match cell {
        Cell::Faulty => return Err(("formula_error", "is a formula that gives an error".to_owned())),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within 15 digits")]
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => *number as i64,
        Cell::Number(number) if number.is_finite() && number.fract() == 0.0 => i64::MAX,
        Cell::Number(_) => return Err(malformed()),
        Cell::Text(text) if text.is_empty() => return Ok(None),
        Cell::Text(text) => {
            let plain: String = fold(text).chars().filter(|c| !c.is_whitespace()).collect();
            if plain == "het" || plain == "hethang" {
                return Ok(Some(Stock::stored(0)));
            }
            let digits = plain.strip_prefix('-').unwrap_or(&plain);
            let groups: Vec<&str> = digits.split(['.', ',']).collect();
            let is_grouped = groups.iter().skip(1).all(|group| group.len() == 3);
            let digits = groups.concat();
            if digits.is_empty() || !is_grouped || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(malformed());
            }
            let count: i64 = digits.parse().unwrap_or(i64::MAX);
            if plain.starts_with('-') { -count } else { count }
        }
    };
    Stock::parse(count).map(Some)
}

/// Whether it can be sold; none when the cell is blank.
pub fn status(text: &str) -> Result<Option<Status>, Refusal> {
    let plain = fold(text).replace(['_', '-'], " ");
    match plain.split_whitespace().collect::<Vec<_>>().join(" ").as_str() {
        "" => Ok(None),
        "con hang" | "con" | "dang ban" | "available" | "in stock" | "active" | "co" | "1" | "true" => {
            Ok(Some(Status::Available))
        }
        "het hang" | "het" | "tam het" | "tam het hang" | "ngung ban" | "out of stock" | "inactive" | "0" | "false" => {
            Ok(Some(Status::OutOfStock))
        }
        _ => Err(("unknown_value", "must be \"còn hàng\" or \"hết hàng\"".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, currency: &str) -> Result<Option<i64>, &'static str> {
        amount(&Cell::Text(text.to_owned()), Currency::parse(currency).unwrap()).map_err(|(code, _)| code)
    }

    #[test]
    fn prices_as_shops_write_them() {
        for (text, dong) in [
            ("150000", 150_000),
            ("150.000", 150_000),
            ("150,000", 150_000),
            ("150 000", 150_000),
            ("150.000 đ", 150_000),
            ("150.000₫", 150_000),
            ("150,000 VND", 150_000),
            ("150.000 đồng", 150_000),
            ("150k", 150_000),
            ("150K", 150_000),
            ("150 nghìn", 150_000),
            ("150kđ", 150_000),
            ("1tr2", 1_200_000),
            ("1tr250", 1_250_000),
            ("1tr050", 1_050_000),
            ("1,5tr", 1_500_000),
            ("1.5 triệu", 1_500_000),
            ("2 triệu rưỡi", 2_500_000),
            ("2k5", 2_500),
            ("1.250k", 1_250_000),
            ("1.5E5", 150_000),
            ("1,5E+5", 150_000),
            ("1.250.000", 1_250_000),
            ("1,250,000.00", 1_250_000),
            ("1.250.000,00", 1_250_000),
            ("150000.00", 150_000),
            ("１５０．０００", 150_000),
            ("0", 0),
            ("-0", 0),
            ("999999999999999", 999_999_999_999_999),
        ] {
            assert_eq!(read(text, "VND"), Ok(Some(dong)), "{text}");
        }
        assert_eq!(read("", "VND"), Ok(None));
        for (text, cents) in
            [("12.50", 1_250), ("$12.5", 1_250), ("1,299.00 USD", 129_900), ("12", 1_200), ("1.299,50", 129_950)]
        {
            assert_eq!(read(text, "USD"), Ok(Some(cents)), "{text}");
        }
    }

    #[test]
    fn what_is_no_price_or_could_be_two_is_refused() {
        for text in [
            "liên hệ",
            "abc",
            "NaN",
            "inf",
            "150.0",
            "1.5",
            "15.00.0",
            "1,23,456",
            "1.2,3.4",
            "150k200m",
            ".",
            ",5",
            "5.",
            "12 cái",
            "1e",
            "$5",
            "1-2",
        ] {
            assert_eq!(read(text, "VND"), Err("malformed"), "{text}");
        }
        for text in ["-1", "-150.000", "1e30", "1E400", "1000000000000000", "9".repeat(40).as_str(), "9999999 tỷ"] {
            assert!(matches!(read(text, "VND"), Err("out_of_range" | "malformed")), "{text}");
        }
        assert_eq!(read("-1", "VND"), Err("out_of_range"));
        assert_eq!(read("1e30", "VND"), Err("out_of_range"));
        assert_eq!(read("1.500", "USD"), Err("malformed"));
        assert_eq!(read("150k", "USD"), Err("malformed"));
        assert_eq!(read("0.005", "USD"), Err("malformed"));
    }

    #[test]
    fn numbers_of_workbooks_are_taken_as_they_are() {
        let dong = Currency::parse("VND").unwrap();
        let read = |number: f64| amount(&Cell::Number(number), dong).map_err(|(code, _)| code);
        assert_eq!(read(150_000.0), Ok(Some(150_000)));
        assert_eq!(read(0.1 + 0.2 + 0.7), Ok(Some(1)));
        assert_eq!(read(1.5), Err("malformed"));
        assert_eq!(read(-1.0), Err("out_of_range"));
        assert_eq!(read(1e30), Err("out_of_range"));
        assert_eq!(read(f64::NAN), Err("malformed"));
        assert_eq!(amount(&Cell::Faulty, dong).unwrap_err().0, "formula_error");
    }

    #[test]
    fn counts_and_states() {
        let read = |text: &str| {
            count(&Cell::Text(text.to_owned())).map(|stock| stock.map(Stock::count)).map_err(|(code, _)| code)
        };
        assert_eq!(read("1.200"), Ok(Some(1_200)));
        assert_eq!(read("hết hàng"), Ok(Some(0)));
        assert_eq!(read(""), Ok(None));
        for (text, code) in
            [("-3", "out_of_range"), ("nhiều", "malformed"), ("1.5", "malformed"), ("9999999999999", "out_of_range")]
        {
            assert_eq!(read(text), Err(code), "{text}");
        }
        assert_eq!(status("Còn hàng"), Ok(Some(Status::Available)));
        assert_eq!(status("OUT_OF_STOCK"), Ok(Some(Status::OutOfStock)));
        assert_eq!(status("sold").unwrap_err().0, "unknown_value");
    }

    proptest! {
        #[test]
        fn any_text_is_an_amount_or_refused(text in "\\PC{0,24}", at in 0_usize..3) {
            if let Ok(Some(minor)) = read(&text, ["VND", "USD", "KWD"][at]) {
                prop_assert!((0..1_000_000_000_000_000).contains(&minor));
            }
        }

        #[test]
        fn grouped_dong_come_back(minor in 0_i64..1_000_000_000_000_000) {
            let dong = Currency::parse("VND").unwrap();
            let shown = crate::model::Money::new(Minor::parse(minor).unwrap(), dong).to_string();
            prop_assert_eq!(read(&shown, "VND"), Ok(Some(minor)));
        }
    }
}
