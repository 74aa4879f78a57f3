//! Mails that were taken: the newest few, read so far that a person can read them (RFC 5322, RFC 2045, RFC 2047; one part of plain text,
//! which is all that we write).

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatdesk_platform::new_id;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

/// Kept; older ones are forgotten.
const MOST: usize = 200;

/// A mail that was taken. The same mail sent twice is two of these with one message id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// The sandbox's own.
    pub id: Uuid,
    /// When it came.
    pub at: DateTime<Utc>,
    /// Who sent it, as the envelope says.
    pub from: String,
    /// Whom it is for, as the envelope says.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// By which a mail program knows it; empty when it has none.
    pub message_id: String,
}

/// The newest mails.
#[derive(Debug, Default)]
pub(crate) struct Letters(VecDeque<Letter>);

impl Letters {
    pub(crate) fn keep(&mut self, letter: Letter) {
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(letter);
    }

    /// The newest first.
    pub(crate) fn all(&self) -> Vec<Letter> {
        self.0.iter().rev().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Letter {
    pub(crate) fn read(from: &str, to: Vec<String>, raw: &[u8], at: DateTime<Utc>) -> Self {
        let raw = String::from_utf8_lossy(raw).replace("\r\n", "\n");
        let (head, body) = raw.split_once("\n\n").unwrap_or((&raw, ""));
        // A line that begins with a blank belongs to the one before it (RFC 5322 §2.2.3).
        let head = head.replace("\n ", " ").replace("\n\t", " ");
        let field = |name: &str| {
            let mut fields = head.lines().filter_map(|line| line.split_once(':'));
            fields
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim())
                .unwrap_or_default()
        };
        let text = match field("Content-Transfer-Encoding").to_ascii_lowercase().as_str() {
            "base64" => lossy(&from_base64(body)),
            "quoted-printable" => lossy(&from_quoted(body, false)),
            _ => body.to_owned(),
        };
        Self {
            id: new_id(),
            at,
            from: from.to_owned(),
            to,
            subject: words(field("Subject")),
            text: text.replace("\r\n", "\n"),
            message_id: field("Message-ID").to_owned(),
        }
    }
}

/// A header's text with its encoded words read; blanks between two of them are none (RFC 2047 §6.2).
fn words(text: &str) -> String {
    let (mut out, mut rest, mut was_encoded) = (String::new(), text, false);
    while let Some((before, after)) = rest.split_once("=?") {
        let Some((decoded, next)) = word(after) else { break };
        if !was_encoded || !before.trim().is_empty() {
            out.push_str(before);
        }
        out.push_str(&decoded);
        (rest, was_encoded) = (next, true);
    }
    out + rest
}

/// `charset?encoding?text?=` and what follows it.
fn word(text: &str) -> Option<(String, &str)> {
    let (_, rest) = text.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (body, rest) = rest.split_once("?=")?;
    match encoding {
        "B" | "b" => Some((lossy(&from_base64(body)), rest)),
        "Q" | "q" => Some((lossy(&from_quoted(body, true)), rest)),
        _ => None,
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn from_base64(text: &str) -> Vec<u8> {
    let text: String = text.chars().filter(|one| !one.is_whitespace()).collect();
    STANDARD.decode(text).unwrap_or_default()
}

/// Quoted-printable (RFC 2045 §6.7); in an encoded word `_` is a blank.
fn from_quoted(text: &str, is_word: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        rest = match (first, digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'=', Some(byte)) => {
                out.push(byte);
                &after[2..]
            }
            // A soft line break.
            (b'=', None) if after.first() == Some(&b'\n') => &after[1..],
            (b'_', _) if is_word => {
                out.push(b' ');
                after
            }
            (other, _) => {
                out.push(*other);
                after
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::Clock;
    use proptest::prelude::*;

    use super::*;

    fn read(raw: &str) -> Letter {
        Letter::read("a@b.vn", vec!["c@d.vn".to_owned()], raw.as_bytes(), Clock::system().now())
    }

    #[test]
    fn a_letter_is_read_in_every_encoding() {
        let quoted = "Subject: =?utf-8?b?TOG7nWkgbeG7nWk=?=\r\n =?utf-8?Q?_tham_gia?=\r\nMessage-ID: <1@x>\r\n\
                      content-transfer-encoding: quoted-printable\r\n\r\nL=E1=BB=9Di m=E1=BB=9Di d=\r\n=C3=A0i\r\n";
        let letter = read(quoted);
        assert_eq!((letter.subject.as_str(), letter.message_id.as_str()), ("Lời mời tham gia", "<1@x>"));
        assert_eq!(letter.text, "Lời mời dài\n");
        assert_eq!(read("Content-Transfer-Encoding: base64\r\n\r\nTOG7\r\nnWk=\r\n").text, "Lời");
        assert_eq!(read("Subject: plain\r\n\r\nLời\r\n").text, "Lời\n");
    }

    #[test]
    fn only_the_newest_are_kept() {
        let mut letters = Letters::default();
        for number in 0..=MOST {
            letters.keep(read(&format!("Subject: {number}\r\n\r\n")));
        }
        let all = letters.all();
        assert_eq!((all.len(), all[0].subject.as_str(), all[MOST - 1].subject.as_str()), (MOST, "200", "1"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(raw in any::<Vec<u8>>(), word in "\\PC{0,40}") {
            Letter::read("", Vec::new(), &raw, Clock::system().now());
            let text = format!("Subject: =?utf-8?Q?{word}?=\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n={word}");
            read(&text);
        }
    }
}
