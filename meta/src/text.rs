//! Meta's limits on an outgoing text. Owns where a long text is cut; refuses to cut inside a character, and to lose a
//! word.

use crate::Platform;

/// Messenger: 2000 characters, counted here in UTF-16 units, the strictest reading of "characters" (judgement).
const MESSENGER_UNITS: usize = 2000;
/// Instagram: 1000 bytes of UTF-8, so that a Vietnamese text is cut after about 700 letters.
const INSTAGRAM_BYTES: usize = 1000;
/// A run of joined marks longer than this is cut anyway: no real letter or emoji is so long.
const LONGEST_CLUSTER: usize = 32;

/// Cuts a text into parts that the platform takes, in order. A part ends at a line or a sentence when one ends in its
/// second half, else between words, else (one endless word) between characters. Blanks at a cut are dropped, no part is
/// empty, and a blank text has no parts.
#[must_use]
pub fn split_text(platform: Platform, text: &str) -> Vec<String> {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (part, tail) = rest.split_at(cut(platform, rest));
        parts.push(part.trim_end().to_owned());
        rest = tail.trim_start();
    }
    parts
}

/// Where to cut a text that starts with a visible character: a char border above 0.
fn cut(platform: Platform, text: &str) -> usize {
    let end = fitting(platform, text);
    if end == text.len() {
        return end;
    }
    let mut word = None;
    let mut sentence = None;
    let mut before = ' ';
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= end) {
        if c.is_whitespace() && at > 0 {
            word = Some(at);
            if c == '\n' || matches!(before, '.' | '!' | '?' | '…') {
                sentence = Some(at);
            }
        }
        if at > 0 && matches!(before, '。' | '！' | '？') {
            sentence = Some(at);
        }
        before = c;
    }
    sentence.filter(|at| *at >= end / 2).or(word).unwrap_or_else(|| cluster_border(text, end))
}

/// The longest prefix, in bytes, within the limit.
fn fitting(platform: Platform, text: &str) -> usize {
    let (limit, cost): (usize, fn(char) -> usize) = match platform {
        Platform::Facebook => (MESSENGER_UNITS, char::len_utf16),
        Platform::Instagram => (INSTAGRAM_BYTES, char::len_utf8),
    };
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += cost(c);
        if used > limit {
            return at;
        }
    }
    text.len()
}

/// Moves a cut back so that no accent, joined emoji or skin tone is torn from its base.
fn cluster_border(text: &str, end: usize) -> usize {
    let mut after = text[end..].chars().next();
    for (at, c) in text[..end].char_indices().rev().take(LONGEST_CLUSTER) {
        if !after.is_some_and(joins) && c != '\u{200d}' {
            return at + c.len_utf8();
        }
        after = Some(c);
    }
    end
}

/// Whether a character belongs to the one before it.
fn joins(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(platform: Platform, part: &str) -> bool {
        match platform {
            Platform::Facebook => part.encode_utf16().count() <= 2000,
            Platform::Instagram => part.len() <= 1000,
        }
    }

    #[test]
    fn a_short_text_is_one_part_and_a_blank_one_none() {
        for platform in [Platform::Facebook, Platform::Instagram] {
            assert_eq!(split_text(platform, " Dạ còn size M ạ.\n"), ["Dạ còn size M ạ."]);
            assert!(split_text(platform, " \n\t").is_empty());
        }
    }

    #[test]
    fn the_limits_are_exact() {
        assert_eq!(split_text(Platform::Facebook, &"a".repeat(2000)).len(), 1);
        assert_eq!(split_text(Platform::Facebook, &"a".repeat(2001)).len(), 2);
        assert_eq!(split_text(Platform::Instagram, &"ấ".repeat(333)).len(), 1);
        assert_eq!(split_text(Platform::Instagram, &"ấ".repeat(334)).len(), 2);
    }

    #[test]
    fn a_sentence_end_is_preferred_then_a_word() {
        let first = format!("{}.", "chữ ".repeat(350).trim_end());
        let parts = split_text(Platform::Facebook, &format!("{first} {}", "từ ".repeat(400)));
        assert_eq!(parts[0], first);
        let words = "dài ".repeat(600);
        assert!(split_text(Platform::Facebook, &words).iter().all(|part| part.split(' ').all(|word| word == "dài")));
    }

    #[test]
    fn a_price_is_not_a_sentence_end() {
        let text = format!("{}250.000₫ {}", "a".repeat(1990), "b".repeat(100));
        assert_eq!(split_text(Platform::Facebook, &text)[0], format!("{}250.000₫", "a".repeat(1990)));
    }

    #[test]
    fn accents_and_joined_emoji_stay_whole() {
        let family = "👨\u{200d}👩\u{200d}👧";
        for part in split_text(Platform::Instagram, &family.repeat(200)) {
            assert_eq!(part.len() % family.len(), 0, "{part}");
        }
        for part in split_text(Platform::Instagram, &"e\u{301}".repeat(700)) {
            assert_eq!(part.len() % 3, 0);
        }
        assert!(split_text(Platform::Instagram, &format!("a{}", "\u{301}".repeat(3000))).len() > 5);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_is_lost_and_every_part_fits(
            words in prop::collection::vec(("[a-zạấđ.!?]{1,12}", prop::sample::select(vec![" ", "\n", "  ", "\n\n"])), 0..900),
        ) {
            let text: String = words.iter().map(|(word, gap)| format!("{word}{gap}")).collect();
            for platform in [Platform::Facebook, Platform::Instagram] {
                let parts = split_text(platform, &text);
                prop_assert!(parts.iter().all(|part| !part.is_empty() && fits(platform, part)));
                let kept: Vec<&str> = parts.iter().flat_map(|part| part.split_whitespace()).collect();
                prop_assert_eq!(kept, text.split_whitespace().collect::<Vec<_>>());
            }
        }

        #[test]
        fn any_text_keeps_its_characters(chars in prop::collection::vec(any::<char>(), 0..3000)) {
            let text: String = chars.into_iter().collect();
            for platform in [Platform::Facebook, Platform::Instagram] {
                let parts = split_text(platform, &text);
                prop_assert!(parts.iter().all(|part| !part.is_empty() && fits(platform, part)));
                let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                prop_assert_eq!(visible(&parts.concat()), visible(&text));
            }
        }
    }
}
