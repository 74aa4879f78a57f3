//! Numbers in words that everybody reads another way.

use super::Evidence;
use super::reading::Reading;
use crate::text::Token;

/// "hai tám lăm", "ba không không": digits as words, which no figure holds.
pub(super) fn in_digits(reply: &Reading, evidence: &Evidence<'_>) -> bool {
    let digit = |t: &Token| {
        matches!(
            t.text.as_str(),
            "không"
                | "một"
                | "hai"
                | "ba"
                | "bốn"
                | "năm"
                | "sáu"
                | "bảy"
                | "tám"
                | "chín"
                | "tư"
                | "lăm"
                | "mốt"
                | "nhăm"
        )
    };
    let inside = |at: usize| reply.figures.iter().any(|f| f.last > f.first && (f.first..=f.last).contains(&at));
    let free = |at: usize, n: usize| !(at..at + n).any(inside);
    let three = reply.tokens.windows(3).enumerate().any(|(at, w)| w.iter().all(digit) && free(at, 3));
    let short = reply.tokens.windows(2).enumerate().any(|(at, w)| {
        let tail = w.last().is_some_and(|t| matches!(t.text.as_str(), "lăm" | "mốt" | "nhăm" | "rưỡi"));
        tail && w.first().is_some_and(digit) && free(at, 2)
    });
    // "eighteen fifty"
    let english = |t: &Token| ENGLISH_TENS.contains(&t.text.as_str());
    let pair = reply.tokens.windows(2).enumerate().any(|(at, w)| {
        w.iter().all(english)
            && free(at, 2)
            && !evidence
                .sources()
                .iter()
                .any(|s| s.tokens.windows(2).any(|v| v.iter().zip(w).all(|(a, b)| a.same_word(b))))
    });
    three || short || pair
}

const ENGLISH_TENS: [&str; 20] = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "ninetynine",
    "hundred",
];
