//! Mails on their way: put in a row, sealed as a whole, in the transaction of what they tell of; and the SMTP server they go to.

use chatdesk_platform::db::{Connection, schedule};
use chatdesk_platform::{Error, TenantId, VarError, Vars, new_id};
use chrono::{DateTime, Utc};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::{Host, Url};
use uuid::Uuid;

use crate::State;
use crate::envelope::{self, Binding, INSTALLATION};
use crate::letter::{Language, Letter};
use crate::store;
use crate::work;

/// The purpose of a sealed mail.
const MAIL: &str = "mail";
/// For one conversation with the server.
const PATIENCE: Duration = Duration::from_secs(20);

/// A letter to somebody.
#[derive(Debug, Serialize, Deserialize)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// In which language.
    pub language: Language,
    /// What it says.
    pub letter: Letter,
}

const fn place(tenant: Option<TenantId>, id: Uuid) -> Binding {
    let tenant = match tenant {
        Some(tenant) => tenant,
        None => INSTALLATION,
    };
    Binding { tenant, channel: id, purpose: MAIL }
}

impl State {
    /// Whether mails leave this installation.
    pub fn sends_mail(&self) -> bool {
        self.mailer.is_some() && self.home.get().is_some()
    }

    /// Puts a mail on its way, in any transaction; after `expires_at` it is not worth sending. Gives its id, which its link's token is made
    /// from. Where no mail is sent nothing happens.
    pub async fn post(
        &self,
        connection: &mut Connection,
        tenant: Option<TenantId>,
        mail: &Mail,
        expires_at: DateTime<Utc>,
    ) -> Result<Uuid, Error> {
        let id = new_id();
        if self.mailer.is_none() {
            tracing::warn!("a mail was not sent: SMTP_URL is not set");
            return Ok(id);
        }
        let text = SecretString::from(serde_json::to_string(mail).map_err(Error::internal)?);
        let sealed = envelope::seal(&mut *connection, &self.keys, &place(tenant, id), &text).await?;
        store::mail::insert(connection, id, tenant, &sealed, expires_at).await?;
        schedule(connection, work::mail::item(tenant, id), self.clock.now()).await?;
        Ok(id)
    }

    /// Opens a mail that lies in its row.
    pub fn open_mail(&self, tenant: Option<TenantId>, id: Uuid, sealed: &str) -> Result<Mail, Error> {
        let text = envelope::open(&self.keys, &place(tenant, id), sealed).map_err(Error::internal)?;
        serde_json::from_str(text.expose_secret()).map_err(Error::internal)
    }
}

/// The SMTP server that mails go to, and who writes them. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// SMTP_URL and MAIL_FROM; none when SMTP_URL is not set.
    pub fn from_vars(vars: &Vars) -> Result<Option<Self>, VarError> {
        let bad = |name: &str, problem: &str| VarError { name: name.to_owned(), problem: problem.to_owned() };
        let Some(url) = vars.get("SMTP_URL") else { return Ok(None) };
        if !is_safe(&url) {
            let form = "is smtps://user:password@host, or smtp://user:password@host:587?tls=required; plain smtp:// on this machine only";
            return Err(bad("SMTP_URL", form));
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url);
        let transport = transport.map_err(|_| bad("SMTP_URL", "is no address of a mail server"))?;
        let from =
            vars.require("MAIL_FROM", "mails are sent as this address, such as ChatDesk <no-reply@example.com>")?;
        let from =
            from.parse().map_err(|_| bad("MAIL_FROM", "is an address such as ChatDesk <no-reply@example.com>"))?;
        Ok(Some(Self { transport: transport.timeout(Some(PATIENCE)).build(), from }))
    }

    /// Sends a mail. Sent again it has the same Message-ID, by which mail programs know it for the same. What may pass is `Unavailable`; the
    /// server's words are not kept, for they may name the address.
    pub async fn send(&self, id: Uuid, to: &str, subject: &str, text: String) -> Result<(), Error> {
        let to = to.parse().map_err(|_| Error::internal("no mail can be sent to this address"))?;
        let message_id = format!("<{id}@{}>", self.from.email.domain());
        let message = Message::builder().from(self.from.clone()).to(Mailbox::new(None, to)).subject(subject);
        let message = message.message_id(Some(message_id)).date_now().header(ContentType::TEXT_PLAIN).body(text);
        let mut message = message.map_err(Error::internal)?;
        // RFC 3834: nobody's holiday notice is to answer.
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(automatic, "auto-generated".to_owned()));
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => {
                let code = error.status().map(|code| code.to_string()).unwrap_or_default();
                Err(Error::internal(format!("the mail server refuses this mail for good ({code})")))
            }
            Err(error) => {
                let kind = if error.is_timeout() { "timeout" } else { "refused or unreachable" };
                tracing::warn!(
                    kind,
                    code = error.status().map(|code| code.to_string()),
                    "the mail server did not take a mail"
                );
                Err(Error::Unavailable("the mail server"))
            }
        }
    }
}

/// Whether letters and passwords stay between us and the server: TLS, or a server on this machine.
fn is_safe(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_here = match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return false,
    };
    let tls = url.query_pairs().find(|(name, _)| name == "tls");
    match (url.scheme(), tls.as_ref().map(|(_, value)| &**value)) {
        ("smtps", _) | ("smtp", Some("required")) => true,
        ("smtp", None) => is_here,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_never_crosses_a_network_in_the_clear() {
        for good in [
            "smtps://user:pass@mail.example.com",
            "smtp://user:pass@mail.example.com:587?tls=required",
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525",
            "smtp://localhost:2525",
        ] {
            assert!(is_safe(good), "{good}");
        }
        for bad in [
            "smtp://mail.example.com",
            "smtp://10.0.0.5:25",
            "smtp://mail.example.com?tls=opportunistic",
            "http://127.0.0.1",
            "mail.example.com",
            "",
        ] {
            assert!(!is_safe(bad), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_mailer_needs_a_server_and_a_sender() {
        let read = |pairs: &[(&str, &str)]| Mailer::from_vars(&Vars::fixed(pairs.iter().copied()));
        assert!(read(&[]).is_ok_and(|none| none.is_none()));
        let server = ("SMTP_URL", "smtp://127.0.0.1:2525");
        assert!(read(&[server, ("MAIL_FROM", "ChatDesk <no-reply@example.com>")]).is_ok_and(|some| some.is_some()));
        for (pairs, name) in [
            (&[server][..], "MAIL_FROM"),
            (&[server, ("MAIL_FROM", "ChatDesk")][..], "MAIL_FROM"),
            (&[("SMTP_URL", "smtp://mail.example.com"), ("MAIL_FROM", "a@b.vn")][..], "SMTP_URL"),
        ] {
            assert_eq!(read(pairs).err().map(|error| error.name).as_deref(), Some(name));
        }
    }
}
