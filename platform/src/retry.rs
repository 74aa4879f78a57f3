//! How long to wait before trying again.

use std::time::Duration;

/// A random span between nothing and `base · 2^attempt`, at most `cap`: full jitter, so that failed work does not come back in step.
/// Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
#[must_use]
pub fn full_jitter(attempt: u32, base: Duration, cap: Duration) -> Duration {
    let ceiling = base.saturating_mul(2_u32.saturating_pow(attempt)).min(cap);
    let mut random = [0; 4];
    // Without randomness the full span is still a correct wait.
    if aws_lc_rs::rand::fill(&mut random).is_err() {
        return ceiling;
    }
    ceiling.mul_f64(f64::from(u32::from_ne_bytes(random)) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_under_its_ceiling_and_its_cap() {
        for attempt in 0..40 {
            let wait = full_jitter(attempt, Duration::from_secs(1), Duration::from_secs(300));
            assert!(wait <= Duration::from_secs(1).saturating_mul(2_u32.saturating_pow(attempt)));
            assert!(wait <= Duration::from_secs(300));
        }
    }
}
