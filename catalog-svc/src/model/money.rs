//! Amounts of money in a currency's minor unit. Refuses currencies that it does not know.

use std::fmt;

use chatdesk_platform::currency_decimals;

use super::Refusal;

/// The currencies that are taken (ISO 4217).
const KNOWN: &[&str] = &[
    "VND", "USD", "EUR", "GBP", "JPY", "KRW", "CNY", "TWD", "HKD", "SGD", "THB", "MYR", "IDR", "PHP", "INR", "LAK",
    "KHR", "MMK", "AUD", "NZD", "CAD", "CHF", "KWD", "BHD",
];

/// The largest amount: 15 digits, which a double still holds exactly.
const MOST: i64 = 999_999_999_999_999;

/// A currency that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    code: &'static str,
    decimals: u32,
}

impl Currency {
    /// Takes an ISO 4217 code in upper case; nothing means VND.
    pub fn parse(code: &str) -> Result<Self, Refusal> {
        let code = if code.is_empty() { "VND" } else { code };
        KNOWN
            .iter()
            .find(|known| **known == code)
            .map(|&code| Self { code, decimals: currency_decimals(code) })
            .ok_or_else(|| ("unknown", "is not a currency that is taken, such as VND or USD".to_owned()))
    }

    /// The codes of all, each with the minor units in one.
    pub fn units() -> impl Iterator<Item = (&'static str, i64)> {
        KNOWN.iter().map(|code| (*code, 10_i64.pow(currency_decimals(code))))
    }

    /// The minor units in one.
    pub const fn unit(self) -> i64 {
        10_i64.pow(self.decimals)
    }

    /// Its code.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// How many decimals its amounts are written with.
    pub const fn decimals(self) -> u32 {
        self.decimals
    }
}

/// A number of minor units that is not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minor(i64);

impl Minor {
    /// Takes 0 to 999,999,999,999,999.
    pub fn parse(minor: i64) -> Result<Self, Refusal> {
        if (0..=MOST).contains(&minor) {
            Ok(Self(minor))
        } else {
            Err(("out_of_range", "must not be negative and have at most 15 digits".to_owned()))
        }
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// So many minor units of the currency.
    pub const fn new(minor: Minor, currency: Currency) -> Self {
        Self { minor: minor.0, currency }
    }

    /// In the currency's minor unit.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// Of which currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// In whole units, when there is no fraction: what people type when they ask by price.
    pub const fn whole_units(self) -> Option<i64> {
        let unit = 10_i64.pow(self.currency.decimals);
        if self.minor % unit == 0 { Some(self.minor / unit) } else { None }
    }
}

impl fmt::Display for Money {
    /// As shops write it: `150.000đ`, `12.50 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Currency { code, decimals } = self.currency;
        if code == "VND" {
            return write!(f, "{}đ", grouped(self.minor));
        }
        let unit = 10_i64.pow(decimals);
        match decimals {
            0 => write!(f, "{} {code}", self.minor),
            _ => write!(f, "{}.{:0width$} {code}", self.minor / unit, self.minor % unit, width = decimals as usize),
        }
    }
}

/// Digits in threes, with the dots of Vietnamese writing.
fn grouped(amount: i64) -> String {
    let digits = amount.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(Minor::parse(minor).unwrap(), Currency::parse(code).unwrap())
    }

    #[test]
    fn is_written_as_shops_write_it() {
        assert_eq!(money(0, "").to_string(), "0đ");
        assert_eq!(money(999, "VND").to_string(), "999đ");
        assert_eq!(money(150_000, "VND").to_string(), "150.000đ");
        assert_eq!(money(1_250_000, "VND").to_string(), "1.250.000đ");
        assert_eq!(money(1_205, "USD").to_string(), "12.05 USD");
        assert_eq!(money(500, "JPY").to_string(), "500 JPY");
        assert_eq!(money(1_005, "KWD").to_string(), "1.005 KWD");
    }

    #[test]
    fn knows_whole_units() {
        assert_eq!(money(150_000, "VND").whole_units(), Some(150_000));
        assert_eq!(money(1_200, "USD").whole_units(), Some(12));
        assert_eq!(money(1_205, "USD").whole_units(), None);
    }

    #[test]
    fn refuses_what_it_cannot_count() {
        assert!(Minor::parse(-1).is_err());
        assert!(Minor::parse(MOST + 1).is_err());
        assert!(Minor::parse(MOST).is_ok());
        for bad in ["vnd", "XXX", "VN", "VND ", "ĐĐĐ"] {
            assert!(Currency::parse(bad).is_err(), "{bad}");
        }
    }
}
