//! Money between its minor units and the decimal text that people write.

use chatdesk_platform::currency_decimals;

/// The most digits of an amount. Beyond, sums over a catalogue could leave 64 bits.
const MOST_DIGITS: usize = 15;

/// Decimals of a currency, as the number of characters that they take.
fn decimals(currency: &str) -> usize {
    currency_decimals(currency) as usize
}

/// An amount of minor units as a decimal text: 129000 VND is `129000`, 1250 USD is `12.50`.
pub fn show(minor: i64, currency: &str) -> String {
    let places = decimals(currency);
    let sign = if minor < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// An amount of money as it was written. It means nothing yet without its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// A program's number. Zeros after its point are no mistake: 129000.0 is what some programs make of 129000.
    Number(String),
    /// A text. Somebody may have meant its point to part the thousands, so it must fit the currency as it stands.
    Text(String),
}

/// The code and sentence that say why an amount cannot be taken.
pub type Refused = (&'static str, String);

/// Minor units of an amount.
pub fn read(amount: &Amount, currency: &str) -> Result<i64, Refused> {
    let places = decimals(currency);
    let malformed = || {
        let detail = match places {
            0 => format!("{currency} has no decimals: write 150000, without separators"),
            _ => format!("{currency} has at most {places} decimals: write 1250.50, without other separators"),
        };
        ("malformed", detail)
    };
    let out_of_range = |detail: &str| ("out_of_range", detail.to_owned());
    let (Amount::Number(text) | Amount::Text(text)) = amount;
    if text.starts_with('-') {
        return Err(out_of_range("must not be negative"));
    }
    let (whole, part) = text.split_once('.').map_or((text.as_str(), None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !part.is_none_or(digits) {
        return Err(malformed());
    }
    let part = match (amount, part.unwrap_or_default()) {
        (Amount::Number(_), part) => part.trim_end_matches('0'),
        (Amount::Text(_), part) => part,
    };
    if part.len() > places {
        return Err(malformed());
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() + places > MOST_DIGITS {
        return Err(out_of_range("is too large"));
    }
    format!("0{whole}{part:0<places$}").parse().map_err(|_| malformed())
}

/// Refuses what is no amount in any currency, for when the currency is not known yet.
pub fn possible(amount: &Amount) -> Result<(), Refused> {
    let mut refused = None;
    for currency in ["VND", "USD", "KWD"] {
        match read(amount, currency) {
            Ok(_) => return Ok(()),
            Err(why) => refused = Some(why),
        }
    }
    match refused {
        Some(("malformed", _)) => Err(("malformed", "must be an amount such as \"129000\" or \"12.50\"".to_owned())),
        Some(why) => Err(why),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(text: &str, currency: &str) -> Result<i64, Refused> {
        read(&Amount::Text(text.to_owned()), currency)
    }

    fn number(text: &str, currency: &str) -> Result<i64, Refused> {
        read(&Amount::Number(text.to_owned()), currency)
    }

    #[test]
    fn known_amounts() {
        for (text, currency, minor, shown) in [
            ("129000", "VND", 129_000, "129000"),
            ("0", "VND", 0, "0"),
            ("007", "VND", 7, "7"),
            ("12.5", "USD", 1250, "12.50"),
            ("0.05", "USD", 5, "0.05"),
            ("12", "USD", 1200, "12.00"),
            ("1.234", "KWD", 1234, "1.234"),
            ("999999999999999", "VND", 999_999_999_999_999, "999999999999999"),
        ] {
            assert_eq!(typed(text, currency), Ok(minor), "{text} {currency}");
            assert_eq!(number(text, currency), Ok(minor), "{text} {currency}");
            assert_eq!(show(minor, currency), shown, "{text} {currency}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "-1", "+1", "NaN", "Infinity", "1e3", "1,000", "1.2.3", ".5", "5.", " 5", "0x10", "١٢"] {
            assert!(typed(text, "VND").is_err() && number(text, "VND").is_err(), "{text}");
            assert!(possible(&Amount::Text(text.to_owned())).is_err(), "{text}");
        }
        assert!(typed("0.005", "USD").is_err());
        assert!(typed("1000000000000000", "VND").is_err());
        assert!(typed("99999999999999", "USD").is_err());
        assert!(typed(&"9".repeat(400), "VND").is_err());
    }

    #[test]
    fn a_point_that_may_part_thousands_is_never_guessed_at() {
        for text in ["150.000", "150000.0", "150.0", "1.5", "0.0"] {
            let (code, detail) = typed(text, "VND").unwrap_err();
            assert_eq!(code, "malformed", "{text}");
            assert!(detail.ends_with("write 150000, without separators"), "{detail}");
        }
        for text in ["1.250", "1.000", "12.500"] {
            assert_eq!(typed(text, "USD").unwrap_err().0, "malformed", "{text}");
        }
        assert_eq!(number("150000.0", "VND"), Ok(150_000));
        assert_eq!(number("12.500", "USD"), Ok(1250));
        assert!(number("1.5", "VND").is_err());
    }

    #[test]
    fn without_a_currency_only_what_none_would_take_is_refused() {
        for text in ["1.5", "1.250", "999999999999999"] {
            assert_eq!(possible(&Amount::Text(text.to_owned())), Ok(()), "{text}");
        }
        for (text, code) in [("abc", "malformed"), ("1.2345", "malformed"), ("1000000000000000", "out_of_range")] {
            assert_eq!(possible(&Amount::Text(text.to_owned())).unwrap_err().0, code, "{text}");
        }
    }

    proptest! {
        #[test]
        fn shown_amounts_read_back(minor in 0_i64..1_000_000_000_000_000, at in 0_usize..3) {
            let currency = ["VND", "USD", "KWD"][at];
            prop_assert_eq!(typed(&show(minor, currency), currency), Ok(minor));
        }

        #[test]
        fn any_text_is_taken_or_refused(text in ".{0,24}") {
            if let Ok(minor) = typed(&text, "USD") {
                prop_assert!(minor >= 0);
            }
        }
    }
}
