//! How many decimals money has. One list for all who write, read or compare it.

/// Decimals of a currency (ISO 4217, list one, column "minor unit"); two for a code that is not listed. The dong has none.
#[must_use]
pub fn currency_decimals(code: &str) -> u32 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dong_has_none_the_dollar_two_and_the_dinar_three() {
        assert_eq!(["VND", "USD", "KWD"].map(currency_decimals), [0, 2, 3]);
    }
}
