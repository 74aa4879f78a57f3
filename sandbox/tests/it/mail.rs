//! The mail server, spoken to as a mail program does, and the mail page's words.

use std::time::Duration;

use chatdesk_platform::{Shutdown, TotpSecret, http_client, totp_step};
use chatdesk_sandbox::{Config, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;

async fn sandbox() -> Sandbox {
    let config = Config { address: "127.0.0.1:0".parse().expect("an address"), ..Config::default() };
    Sandbox::start(config, &Shutdown::default()).await.expect("it starts")
}

/// A conversation with the mail server.
struct Talk(BufStream<TcpStream>);

impl Talk {
    async fn start(sandbox: &Sandbox) -> Self {
        let url = sandbox.mail_variables().remove(0).1;
        let address = url.strip_prefix("smtp://").expect("plain SMTP");
        let mut talk = Self(BufStream::new(TcpStream::connect(address).await.expect("it listens")));
        assert!(talk.answer().await.starts_with("220 "));
        talk
    }

    /// The last line of an answer; empty when the connection ended.
    async fn answer(&mut self) -> String {
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).await.unwrap_or_default();
            if read == 0 || line.as_bytes().get(3) == Some(&b' ') {
                return line;
            }
        }
    }

    async fn say(&mut self, text: &str) -> String {
        self.0.write_all(text.as_bytes()).await.expect("a line");
        self.0.write_all(b"\r\n").await.expect("a line");
        self.0.flush().await.expect("a line");
        self.answer().await
    }

    async fn mail(&mut self, text: &str) -> String {
        for line in ["EHLO me", "MAIL FROM:<a@b.vn> BODY=8BITMIME", "RCPT TO:<c@d.vn>", "rcpt to:<e@f.vn>"] {
            assert!(self.say(line).await.starts_with("250 "), "{line}");
        }
        assert!(self.say("DATA").await.starts_with("354 "));
        self.say(&format!("{text}\r\n.")).await
    }
}

fn client() -> reqwest::Client {
    http_client(Duration::from_secs(20)).expect("a client")
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    let text = reqwest::get(format!("{}{path}", sandbox.url())).await.expect("an answer").text().await.expect("a body");
    serde_json::from_str(&text).expect("JSON")
}

async fn order(sandbox: &Sandbox, fault: Value) -> u16 {
    let ask = client().put(format!("{}/sandbox/faults", sandbox.url())).body(fault.to_string());
    ask.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_mail_is_taken_and_shown() {
    let sandbox = sandbox().await;
    let mut talk = Talk::start(&sandbox).await;
    assert!(talk.say("NONSENSE").await.starts_with("502 "));
    assert!(talk.say("DATA").await.starts_with("503 "));
    assert!(talk.mail("Subject: xin chao\r\nMessage-ID: <1@b.vn>\r\n\r\nmot\r\n..hai").await.starts_with("250 "));
    assert!(talk.mail("Subject: hai\r\n\r\nba").await.starts_with("250 "));
    assert!(talk.say("QUIT").await.starts_with("221 "));

    let items = get(&sandbox, "/sandbox/mails").await["items"].clone();
    let subjects: Vec<_> = items.as_array().expect("a list").iter().map(|item| item["subject"].clone()).collect();
    assert_eq!(subjects, ["hai", "xin chao"]);
    let first = &items[1];
    assert_eq!((&first["from"], &first["to"]), (&json!("a@b.vn"), &json!(["c@d.vn", "e@f.vn"])));
    assert_eq!((&first["text"], &first["message_id"]), (&json!("mot\n.hai\n"), &json!("<1@b.vn>")));
    let page = reqwest::get(sandbox.mail_url()).await.expect("an answer");
    assert!(page.headers()["content-security-policy"].to_str().expect("text").contains("default-src 'none'"));
    let emptied = client().delete(format!("{}/sandbox/mails", sandbox.url())).send().await;
    assert_eq!(emptied.expect("an answer").status(), 204);
    assert_eq!(get(&sandbox, "/sandbox/mails").await["items"], json!([]));
}

#[tokio::test]
async fn mails_go_wrong_on_order() {
    let sandbox = sandbox().await;
    assert_eq!(order(&sandbox, json!({"target": "smtp", "kind": "status", "status": 550})).await, 200);
    let mut talk = Talk::start(&sandbox).await;
    assert!(talk.mail("\r\nx").await.starts_with("550 "));
    assert!(sandbox.letters().is_empty());
    for (kind, kept) in [("cut_before", 0), ("cut_after", 1)] {
        assert_eq!(order(&sandbox, json!({"target": "smtp", "kind": kind})).await, 200);
        assert_eq!(Talk::start(&sandbox).await.mail("\r\nx").await, "");
        assert_eq!(sandbox.letters().len(), kept, "{kind}");
    }
    assert_eq!(order(&sandbox, json!({"target": "smtp", "kind": "drop_echo"})).await, 422);
}

#[tokio::test]
async fn what_never_ends_is_not_read() {
    let sandbox = sandbox().await;
    let mut talk = Talk::start(&sandbox).await;
    assert_eq!(talk.say(&"x".repeat(10_000)).await, "", "a line without an end ends the conversation");
    let mut talk = Talk::start(&sandbox).await;
    let line = format!("{}\r\n", "y".repeat(900));
    assert!(talk.mail(&line.repeat(300)).await.starts_with("552 "));
    assert!(sandbox.letters().is_empty());
}

#[tokio::test]
async fn the_authenticator_shows_an_accounts_codes() {
    let sandbox = sandbox().await;
    assert_eq!(get(&sandbox, "/sandbox/codes").await["items"], json!([]));
    let secret = TotpSecret::random().expect("randomness");
    sandbox.show_codes("admin@x.test", secret.clone());
    sandbox.show_codes("admin@x.test", secret.clone());
    let now = chatdesk_platform::Clock::system().now();
    let items = get(&sandbox, "/sandbox/codes").await["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1));
    // The half minute may have ended in between.
    let code = items[0]["code"].as_str().expect("a code").to_owned();
    assert!((0..=1).any(|later| secret.code(totp_step(now) + later) == code));
    assert_eq!(items[0]["account"], "admin@x.test");
}
