//! A stand-in for a Graph host that can also behave badly: it plays one scripted answer for each connection.

use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// What to do with a connection once its request is read (or not).
pub enum Answer {
    /// Reply with this status, these header lines and this body.
    Reply(u16, &'static str, String),
    /// Close without a word after the request.
    Hang,
    /// Close before reading.
    Shut,
    /// Begin a reply and close in the middle of its body.
    Cut(u16),
    /// Never reply.
    Silence,
}

/// A request as it came.
pub struct Seen {
    /// `METHOD /path?query`.
    pub line: String,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Serves the answers in turn on a port of its own; the requests seen come out of the channel.
pub async fn serve(answers: Vec<Answer>) -> (SocketAddr, mpsc::UnboundedReceiver<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (seen, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        for answer in answers {
            let (mut socket, _) = listener.accept().await.expect("a connection");
            if matches!(answer, Answer::Shut) {
                continue;
            }
            seen.send(read(&mut socket).await).expect("the test listens");
            let reply = match answer {
                Answer::Reply(status, headers, body) => {
                    format!(
                        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
                        body.len()
                    )
                }
                Answer::Cut(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 100\r\n\r\n{{\"message_id\""),
                Answer::Hang | Answer::Shut => continue,
                Answer::Silence => {
                    silent.push(socket);
                    continue;
                }
            };
            socket.write_all(reply.as_bytes()).await.expect("written");
            socket.shutdown().await.expect("closed");
        }
        // Silent connections stay open until the test is over.
        std::future::pending::<()>().await;
    });
    (address, receiver)
}

async fn read(socket: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let line = lines.next().expect("a request line").trim_end_matches(" HTTP/1.1").to_owned();
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let length =
                headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, n)| n.parse().expect("n"));
            if body.len() >= length {
                return Seen { line, headers, body: body.to_owned() };
            }
        }
        assert!(socket.read_buf(&mut bytes).await.expect("readable") > 0, "the client closed first");
    }
}
