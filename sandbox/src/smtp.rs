//! A mail server that takes every mail for anybody and delivers none (RFC 5321, as much as it takes): letters stay here, to be read on the
//! mail page. Without TLS and logins, for this machine only.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use chatdesk_platform::Shutdown;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::Shared;
use crate::fault::{About, Call, Hit, Target};
use crate::letters::Letter;

/// The longest line, in bytes (RFC 5321 §4.5.3.1.6 asks for 1,000).
const LONGEST_LINE: u64 = 4096;
/// The largest mail, in bytes.
const LARGEST: usize = 256 * 1024;
/// The most recipients of one mail.
const MOST_RECIPIENTS: usize = 100;
/// Conversations at one time.
const ROOM: usize = 32;
/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// Serves until the shutdown begins.
pub(crate) fn serve(hub: Shared, listener: TcpListener, shutdown: &Shutdown) {
    let (stop, room) = (shutdown.token(), Arc::new(Semaphore::new(ROOM)));
    shutdown.spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let (Ok((stream, _)), Ok(place)) = (accepted, Arc::clone(&room).acquire_owned().await) else { continue };
            let (hub, stop) = (Arc::clone(&hub), stop.clone());
            tokio::spawn(async move {
                let talk = Talk { hub, stream: BufStream::new(stream), from: String::new(), to: Vec::new() };
                let ended = tokio::select! {
                    () = stop.cancelled() => Ok(()),
                    ended = talk.run() => ended,
                };
                if let Err(error) = ended {
                    tracing::debug!(%error, "a mail client went away");
                }
                drop(place);
            });
        }
    });
}

/// One conversation.
struct Talk {
    hub: Shared,
    stream: BufStream<TcpStream>,
    from: String,
    to: Vec<String>,
}

impl Talk {
    async fn run(mut self) -> io::Result<()> {
        self.say("220 sandbox takes every mail and delivers none").await?;
        while let Some(line) = self.line().await? {
            let line = String::from_utf8_lossy(&line).into_owned();
            let (verb, rest) = line.split_once([' ', '\r']).unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => self.say("250-sandbox\r\n250-8BITMIME\r\n250 SMTPUTF8").await?,
                "HELO" => self.say("250 sandbox").await?,
                "MAIL" => {
                    (self.from, self.to) = (path(rest), Vec::new());
                    self.say("250 ok").await?;
                }
                "RCPT" if self.to.len() < MOST_RECIPIENTS => {
                    self.to.push(path(rest));
                    self.say("250 ok").await?;
                }
                "RCPT" => self.say("452 too many recipients").await?,
                "DATA" if self.to.is_empty() => self.say("503 to whom?").await?,
                "DATA" => {
                    self.say("354 end with a dot on a line of its own").await?;
                    let Some(text) = self.data().await? else { return Ok(()) };
                    if text.len() > LARGEST {
                        self.say("552 too large").await?;
                    } else if !self.take(&text).await? {
                        return Ok(());
                    }
                }
                "RSET" => {
                    self.to.clear();
                    self.say("250 ok").await?;
                }
                "NOOP" => self.say("250 ok").await?,
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("502 not here").await?,
            }
        }
        Ok(())
    }

    /// Takes a mail, or suffers what is on order; false when the connection is to end.
    async fn take(&mut self, text: &[u8]) -> io::Result<bool> {
        let about = About { target: Target::Smtp, call: Call::Any, path: "", pages: &[] };
        let Hit { status, delay, cut_before, cut_after, .. } = self.hub.faults(|faults| faults.take(&about));
        if cut_before {
            return Ok(false);
        }
        if let Some(fault) = status {
            self.say(&format!("{} as ordered", fault.status.unwrap_or(451))).await?;
            return Ok(true);
        }
        let letter = Letter::read(&self.from, std::mem::take(&mut self.to), text, self.hub.clock.now());
        self.hub.letters(|letters| letters.keep(letter));
        tokio::time::sleep(delay).await;
        if cut_after {
            return Ok(false);
        }
        self.say("250 kept").await?;
        Ok(true)
    }

    /// A mail up to the lonely dot, with the dots that guard other lines taken away (RFC 5321 §4.5.2), and cut where it gets too large; none
    /// when the client went away.
    async fn data(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        while let Some(line) = self.line().await? {
            if line == b".\r\n" || line == b".\n" {
                return Ok(Some(text));
            }
            if text.len() <= LARGEST {
                text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
        }
        Ok(None)
    }

    /// A line with its end; none when the client went away, is silent or does not end the line.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(LONGEST_LINE);
        let Ok(read) = tokio::time::timeout(SILENCE, limited.read_until(b'\n', &mut line)).await else {
            return Ok(None);
        };
        Ok((read? > 0 && line.ends_with(b"\n")).then_some(line))
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(line.as_bytes()).await?;
        self.stream.write_all(b"\r\n").await?;
        self.stream.flush().await
    }
}

/// The address of `FROM:<a@b.vn> …`.
fn path(text: &str) -> String {
    let inner = text.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.chars().take(320).collect())
}
