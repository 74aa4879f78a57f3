//! What a business may use of the language model in a day, and what that costs. Pure.

use std::str::FromStr;

/// How much a business is meant to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Trying it: a tenth of the installation's daily budget.
    Trial,
    /// The installation's daily budget.
    Standard,
    /// Five times that.
    Business,
}

impl Plan {
    /// The name that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Standard => "standard",
            Self::Business => "business",
        }
    }

    /// Reads what is stored.
    #[must_use]
    pub fn of_stored(text: &str) -> Option<Self> {
        [Self::Trial, Self::Standard, Self::Business].into_iter().find(|plan| plan.as_str() == text)
    }

    /// Tokens of a day, where the installation gives so many to a usual business.
    const fn tokens(self, budget: i64) -> i64 {
        match self {
            Self::Trial => budget / 10,
            Self::Standard => budget,
            Self::Business => budget.saturating_mul(5),
        }
    }
}

/// What a business may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Its plan.
    pub plan: Plan,
    /// Tokens of a day that were set for it alone; none for as many as the plan gives.
    pub cap: Option<i64>,
}

impl Allowance {
    /// Of a business that nobody gave another.
    pub const USUAL: Self = Self { plan: Plan::Standard, cap: None };

    /// Tokens of a UTC day, where the installation gives so many to a usual business.
    #[must_use]
    pub fn tokens_per_day(self, budget: u32) -> i64 {
        self.cap.unwrap_or_else(|| self.plan.tokens(budget.into()))
    }
}

/// What a million tokens cost, in thousandths of a US dollar. A model's price list has dollars per million.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    prompt: u64,
    completion: u64,
}

/// What is no price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is US dollars for a million tokens of prompts and of completions, such as 0.15,0.60")]
pub struct NoPrices;

impl FromStr for Prices {
    type Err = NoPrices;

    fn from_str(text: &str) -> Result<Self, NoPrices> {
        let (prompt, completion) = text.split_once(',').ok_or(NoPrices)?;
        Ok(Self { prompt: milli(prompt)?, completion: milli(completion)? })
    }
}

fn milli(text: &str) -> Result<u64, NoPrices> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits =
        |text: &str, most: usize| !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 6) || !digits(part, 3) {
        return Err(NoPrices);
    }
    format!("{whole}{part:0<3}").parse().map_err(|_| NoPrices)
}

impl Prices {
    /// What so many tokens cost, in millionths of a dollar.
    #[must_use]
    pub fn spend_micros(self, prompt: i64, completion: i64) -> u64 {
        let cost = |tokens: i64, price: u64| u128::try_from(tokens).unwrap_or_default() * u128::from(price);
        let milli_micros = cost(prompt, self.prompt) + cost(completion, self.completion);
        u64::try_from(milli_micros / 1000).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cap_counts_before_the_plan() {
        let of = |plan, cap| Allowance { plan, cap }.tokens_per_day(2_000_000);
        assert_eq!(of(Plan::Trial, None), 200_000);
        assert_eq!(of(Plan::Standard, None), 2_000_000);
        assert_eq!(of(Plan::Business, None), 10_000_000);
        assert_eq!(of(Plan::Business, Some(0)), 0);
        for plan in [Plan::Trial, Plan::Standard, Plan::Business] {
            assert_eq!(Plan::of_stored(plan.as_str()), Some(plan));
        }
    }

    #[test]
    fn prices_are_dollars_for_a_million() {
        let prices: Prices = "0.15, 0.6".parse().unwrap();
        assert_eq!(prices.spend_micros(1_000_000, 0), 150_000);
        assert_eq!(prices.spend_micros(1_000_000, 2_000_000), 1_350_000);
        assert_eq!(prices.spend_micros(7, 1), 1);
        assert_eq!("3,15".parse::<Prices>().unwrap().spend_micros(1_000_000, 1_000_000), 18_000_000);
        for bad in ["", "1", "1,", "-1,1", "1,1,1", "0.1234,1", "1e3,1", ".5,1", "1.,1"] {
            assert_eq!(bad.parse::<Prices>(), Err(NoPrices), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_and_no_count_panics(text in any::<String>(), prompt in any::<i64>(), completion in any::<i64>()) {
            if let Ok(prices) = text.parse::<Prices>() {
                let _ = prices.spend_micros(prompt, completion);
            }
            let _ = Prices { prompt: 999_999_999, completion: 1 }.spend_micros(prompt, completion);
        }
    }
}
