//! Money between its minor units and the decimal text that people write.

/// The most digits of an amount. Beyond, sums over a catalogue could leave 64 bits.
const MOST_DIGITS: usize = 15;

/// Decimals of a currency (ISO 4217, list one, column "minor unit").
pub fn decimals(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// An amount of minor units as a decimal text: 129000 VND is `129000`, 1250 USD is `12.50`.
pub fn show(minor: i64, currency: &str) -> String {
    let places = decimals(currency);
    let sign = if minor < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// Minor units of a decimal text, or the code and sentence that say why not. Zeros after the last decimal are no mistake:
/// a program that computes with numbers writes 129000.0.
pub fn read(text: &str, currency: &str) -> Result<i64, (&'static str, String)> {
    let malformed = || ("malformed", "must be an amount such as \"129000\" or \"12.50\"".to_owned());
    let out_of_range = |detail: &str| ("out_of_range", detail.to_owned());
    let places = decimals(currency);
    if text.starts_with('-') {
        return Err(out_of_range("must not be negative"));
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return Err(malformed());
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    if part.len() > places {
        let detail = match places {
            0 => format!("{currency} has no decimals"),
            _ => format!("{currency} has {places} decimals"),
        };
        return Err(("malformed", detail));
    }
    if whole.len() + places > MOST_DIGITS {
        return Err(out_of_range("is too large"));
    }
    format!("0{whole}{part:0<places$}").parse().map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_amounts() {
        for (text, currency, minor, shown) in [
            ("129000", "VND", 129_000, "129000"),
            ("129000.0", "VND", 129_000, "129000"),
            ("0", "VND", 0, "0"),
            ("007", "VND", 7, "7"),
            ("12.5", "USD", 1250, "12.50"),
            ("0.05", "USD", 5, "0.05"),
            ("12", "USD", 1200, "12.00"),
            ("1.234", "KWD", 1234, "1.234"),
            ("999999999999999", "VND", 999_999_999_999_999, "999999999999999"),
        ] {
            assert_eq!(read(text, currency), Ok(minor), "{text} {currency}");
            assert_eq!(show(minor, currency), shown, "{text} {currency}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "-1", "+1", "NaN", "Infinity", "1e3", "1,000", "1.2.3", ".5", "5.", " 5", "0x10", "١٢"] {
            assert!(read(text, "VND").is_err(), "{text}");
        }
        assert!(read("0.5", "VND").is_err());
        assert!(read("0.005", "USD").is_err());
        assert!(read("1000000000000000", "VND").is_err());
        assert!(read("99999999999999", "USD").is_err());
        assert!(read(&"9".repeat(400), "VND").is_err());
    }

    proptest! {
        #[test]
        fn shown_amounts_read_back(minor in 0_i64..1_000_000_000_000_000, at in 0_usize..3) {
            let currency = ["VND", "USD", "KWD"][at];
            prop_assert_eq!(read(&show(minor, currency), currency), Ok(minor));
        }

        #[test]
        fn any_text_is_taken_or_refused(text in ".{0,24}") {
            if let Ok(minor) = read(&text, "USD") {
                prop_assert!(minor >= 0);
            }
        }
    }
}
