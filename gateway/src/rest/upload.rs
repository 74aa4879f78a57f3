//! How files come in: in pieces, within a pace, never held here.

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use bytes::BytesMut;
use futures::{Stream, StreamExt as _, stream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use crate::problem::Problem;
use crate::visible::tidy;

/// One piece on its way, in bytes.
const CHUNK: usize = 256 * 1024;
/// Pieces that may wait for the service; the client waits with the next.
const WAITING: usize = 2;
/// The least bytes a second on average that a file must come with, after its first pause: a drip would hold its place for minutes.
const SLOWEST: u64 = 16 * 1024;
/// How much, and for how long, of a refused body is still read and thrown away: a client that is sending when the connection closes
/// never sees why. Strangers are owed less.
const THROWN_AWAY: u64 = 32 * 1024 * 1024;
pub const THROWING: Duration = Duration::from_secs(5);
pub const THROWING_STRANGERS: Duration = Duration::from_secs(1);
/// The longest file name, in bytes.
const LONGEST_NAME: usize = 255;
/// The header that names a file.
pub const FILE_NAME: HeaderName = HeaderName::from_static("x-file-name");

/// A stream of messages to a service, and the end that they are put in at.
pub fn chunks<M: Send + 'static>() -> (mpsc::Sender<M>, impl Stream<Item = M> + Send + 'static) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let messages = stream::unfold(receiver, async |mut receiver: mpsc::Receiver<M>| {
        receiver.recv().await.map(|message| (message, receiver))
    });
    (sender, messages)
}

/// The announced size of the body, in bytes.
pub fn length(headers: &HeaderMap) -> Result<u64, Problem> {
    let size = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let size = match size {
        // Without either header there is no body (RFC 9112 §6.3).
        "" if !headers.contains_key(header::TRANSFER_ENCODING) => Some(0),
        size => size.parse().ok(),
    };
    let detail = "send the file's size as Content-Length";
    size.ok_or_else(|| Problem::new(StatusCode::LENGTH_REQUIRED, "length_required", detail))
}

/// A header cannot carry other letters than ASCII's, so the name comes percent-encoded (RFC 3986 §2.1).
pub fn file_name(text: &str) -> Result<String, (&'static str, String)> {
    let malformed = || ("malformed", "must be UTF-8, percent-encoded".to_owned());
    let mut name = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let Some((&[high, low], after)) = (byte == b'%').then(|| after.split_first_chunk::<2>()).flatten() else {
            if byte == b'%' {
                return Err(malformed());
            }
            name.push(byte);
            rest = after;
            continue;
        };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (high, low) = digit(high).zip(digit(low)).ok_or_else(malformed)?;
        name.push(high << 4 | low);
        rest = after;
    }
    let name = tidy(&String::from_utf8(name).map_err(|_| malformed())?);
    match name.len() {
        _ if name.trim().is_empty() => Err(("required", "is the file's name".to_owned())),
        length if length > LONGEST_NAME => Err(("too_long", format!("takes at most {LONGEST_NAME} bytes"))),
        _ => Ok(name),
    }
}

/// Passes the body of `size` bytes on in pieces behind the first message, as fast as the service takes them. Ends early, without a complaint, when the service needs no more.
pub async fn feed<M>(
    body: &mut BodyDataStream,
    size: u64,
    start: M,
    chunk: impl Fn(Vec<u8>) -> M,
    to: mpsc::Sender<M>,
    pause: Duration,
) -> Result<(), Problem> {
    let mut left = size;
    // What the client took; waiting for the service is not the client's.
    let mut spent = Duration::ZERO;
    let mut waiting = BytesMut::new();
    if to.send(start).await.is_err() {
        return Ok(());
    }
    loop {
        let slow = || Problem::new(StatusCode::REQUEST_TIMEOUT, "slow_body", "the body took too long to arrive");
        let asked = Instant::now();
        let next = timeout(patience(size - left, spent, pause), body.next()).await.map_err(|_| slow())?;
        spent += asked.elapsed();
        match next {
            Some(Ok(bytes)) => {
                left = left.checked_sub(bytes.len() as u64).ok_or_else(broken)?;
                waiting.extend_from_slice(&bytes);
            }
            Some(Err(_)) => return Err(broken()),
            None if left > 0 => return Err(broken()),
            None if waiting.is_empty() => return Ok(()),
            None => {
                let _ = to.send(chunk(waiting.to_vec())).await;
                return Ok(());
            }
        }
        while waiting.len() >= CHUNK {
            if to.send(chunk(waiting.split_to(CHUNK).to_vec())).await.is_err() {
                return Ok(());
            }
        }
    }
}

/// How long the next bytes are waited for when so many came in so much time: a pause at most, and no longer than keeps the average.
fn patience(received: u64, spent: Duration, pause: Duration) -> Duration {
    let earned = Duration::from_millis(received.saturating_mul(1000) / SLOWEST);
    (pause + earned).saturating_sub(spent).min(pause)
}

/// Reads on for a while, for a client that hears nothing while it sends.
pub async fn throw_away(mut body: BodyDataStream, throwing: Duration) {
    let thrown = async {
        let mut seen = 0;
        while let Some(Ok(bytes)) = body.next().await {
            seen += bytes.len() as u64;
            if seen > THROWN_AWAY {
                return;
            }
        }
    };
    let _ = timeout(throwing, thrown).await;
}

const fn broken() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "broken_body", "the body did not arrive whole")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_must_come_with_an_average() {
        let (pause, seconds) = (Duration::from_secs(15), Duration::from_secs);
        assert_eq!(patience(0, seconds(0), pause), pause);
        assert_eq!(patience(14, seconds(14), pause), seconds(1));
        assert_eq!(patience(100, seconds(15), pause), Duration::from_millis(6));
        assert_eq!(patience(100, seconds(16), pause), seconds(0));
        assert_eq!(patience(10 * SLOWEST, seconds(20), pause), seconds(5));
        assert_eq!(
            patience(26 * 1024 * 1024, seconds(200), pause),
            pause,
            "what came fast allows one pause, not a long one"
        );
    }

    #[test]
    fn names_are_decoded_once() {
        for (text, name) in [
            ("a.png", "a.png"),
            ("%C3%A1o%20%C4%91%E1%BB%8F.png", "áo đỏ.png"),
            ("100%2525", "100%25"),
            ("a%E2%80%AEgnp.exe", "agnp.exe"),
        ] {
            assert_eq!(file_name(text).unwrap(), name);
        }
        let long = "a".repeat(256);
        for (text, code) in [
            ("", "required"),
            ("%20", "required"),
            ("%", "malformed"),
            ("%4", "malformed"),
            ("%zz", "malformed"),
            ("%+1", "malformed"),
            ("%ff", "malformed"),
            (&long, "too_long"),
        ] {
            assert_eq!(file_name(text).unwrap_err().0, code, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_name_comes_back(name in "\\PC{1,60}") {
            let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
            match file_name(&encoded) {
                Ok(decoded) => prop_assert_eq!(decoded, tidy(&name)),
                Err((code, _)) => prop_assert!(code == "required" || code == "too_long"),
            }
        }

        #[test]
        fn any_header_is_read_without_a_panic(text in any::<String>()) {
            let _ = file_name(&text);
        }
    }
}
