//! Faults on order: which of the next calls fail, and how. Owns the list and its counting; the places that are hit act them out.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Faults that may wait at one time.
const MOST: usize = 100;
/// The longest delay, in milliseconds.
const LONGEST_DELAY_MS: u64 = 60_000;

/// Whose calls are hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// Calls to the Graph API under /graph.
    Graph,
    /// Calls to the Graph API under /instagram.
    Instagram,
    /// Calls to the language model.
    Groq,
    /// Webhooks posted to the target.
    Webhook,
    /// Mails. `status` is what the mail server answers, 451 when unset.
    Smtp,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Nothing is done and an error answered. For a webhook: its answer is taken for this one, so it is posted again.
    Status,
    /// The answer, or the post, comes late; what it stands for is recorded at once.
    Delay,
    /// The connection closes before anything is recorded. For a webhook: it is not posted, and tried again later.
    CutBefore,
    /// Recorded, then the connection closes without an answer. For a webhook: posted, but its answer is lost, so it is posted again.
    CutAfter,
    /// The webhook is posted once more. With graph or instagram: the echo of a send.
    Duplicate,
    /// The echo of a send never comes.
    DropEcho,
    /// The echo of a send is delivered before the send is answered.
    EchoFirst,
    /// All as usual, with headers that tell how much of the limits is used.
    Usage,
    /// A message is sent, and its answer names none.
    NoMid,
}

/// Which of a Graph host's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    /// Sending a message.
    Send,
    /// Asking about a page, and its subscription.
    Page,
    /// Asking for a customer's profile.
    Profile,
    /// Uploading a file.
    Upload,
    /// Reading conversations.
    Conversations,
    /// A login's tokens, and which pages it gives.
    Login,
    /// All.
    Any,
}

/// A fault on order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) target: Target,
    pub(crate) kind: Kind,
    /// HTTP status of the error; from the code when there is none, else 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// Meta's number, or the model's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subcode: Option<i64>,
    /// Of a delay; of a status, what `Retry-After` asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    /// How many calls are hit.
    #[serde(default = "once")]
    pub(crate) count: u32,
    /// Only these calls of a Graph host. Without it: all but profiles and conversation reads, because those come whenever it suits the
    /// caller and would use up the fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) call: Option<Call>,
    /// Only calls about this page, or its webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) page_id: Option<String>,
    /// Only calls of a Graph host whose path behind the node begins so: `/messages`, `/conversations`; `/` alone is a node itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// Of a usage, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<u32>,
    /// Of a usage: in how many minutes calls are allowed again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) regain_minutes: Option<u32>,
}

/// A call that faults may hit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) target: Target,
    pub(crate) call: Call,
    /// What stands behind the node.
    pub(crate) path: &'a str,
    /// The pages that it concerns.
    pub(crate) pages: &'a [String],
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// Meta's code.
    pub(crate) fn number(&self) -> Option<i64> {
        let code = self.code.as_ref()?;
        code.as_i64().or_else(|| code.as_str()?.parse().ok())
    }

    /// What `Retry-After` says, in seconds: at least 1.
    pub(crate) fn retry_after(&self) -> u64 {
        self.delay_ms.unwrap_or(0).div_ceil(1000).max(1)
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.count == 0 {
            return Err("count must be at least 1");
        }
        if self.delay_ms.is_some_and(|ms| ms > LONGEST_DELAY_MS) {
            return Err("delay_ms must be at most 60000");
        }
        match self.kind {
            Kind::Status if self.status.is_some_and(|status| !(200..600).contains(&status)) => {
                Err("status must be from 200 to 599")
            }
            Kind::Delay if self.delay_ms.is_none() => Err("a delay needs delay_ms"),
            Kind::Usage if self.usage.is_none() => Err("a usage needs usage, in percent"),
            Kind::Usage | Kind::NoMid if !self.target.is_graph() => Err("only the Graph API does that"),
            _ if self.path.as_ref().is_some_and(|path| !path.starts_with('/') || !self.target.is_graph()) => {
                Err("path is of the Graph API and begins with /")
            }
            Kind::Duplicate | Kind::DropEcho | Kind::EchoFirst
                if matches!(self.target, Target::Groq | Target::Smtp) =>
            {
                Err("the model and the mail server send no webhooks")
            }
            _ => Ok(()),
        }
    }

    fn hits(&self, about: &About<'_>) -> bool {
        let About { target, call, path, pages } = *about;
        if self.page_id.as_ref().is_some_and(|id| !pages.contains(id)) {
            return false;
        }
        if self.path.as_ref().is_some_and(|wanted| if wanted == "/" { path != "/" } else { !path.starts_with(wanted) })
        {
            return false;
        }
        // An echo is a webhook that a send brings about: both may be named.
        let of_echo = matches!(self.kind, Kind::DropEcho | Kind::EchoFirst);
        if of_echo && self.target == Target::Webhook {
            return call == Call::Send && target.is_graph();
        }
        let of_send = of_echo || matches!(self.kind, Kind::Duplicate | Kind::NoMid);
        if self.target != target {
            return false;
        }
        match self.call {
            Some(Call::Any) => !of_send || matches!(call, Call::Send | Call::Any),
            Some(only) => only == call,
            None if matches!(target, Target::Webhook | Target::Groq | Target::Smtp) => true,
            None if of_send => call == Call::Send,
            None if self.path.is_some() => true,
            None => !matches!(call, Call::Profile | Call::Conversations | Call::Any),
        }
    }
}

impl Target {
    const fn is_graph(self) -> bool {
        matches!(self, Self::Graph | Self::Instagram)
    }
}

/// What one call suffers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Hit {
    pub(crate) status: Option<Fault>,
    pub(crate) delay: Duration,
    pub(crate) cut_before: bool,
    pub(crate) cut_after: bool,
    /// Further copies of the webhook.
    pub(crate) duplicates: u32,
    pub(crate) drop_echo: bool,
    pub(crate) echo_first: bool,
    pub(crate) usage: Option<Fault>,
    pub(crate) no_mid: bool,
}

/// The faults that wait for their calls.
#[derive(Debug, Default)]
pub(crate) struct Faults(VecDeque<Fault>);

impl Faults {
    /// Orders one more; the error says why not.
    pub(crate) fn add(&mut self, fault: Fault) -> Result<(), &'static str> {
        fault.check()?;
        if self.0.len() >= MOST {
            return Err("100 faults wait already");
        }
        self.0.push_back(fault);
        Ok(())
    }

    /// All that wait.
    pub(crate) fn all(&self) -> Vec<Fault> {
        self.0.iter().cloned().collect()
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// What this call suffers. Faults of different kinds come together; of one kind the oldest, save that duplicates add up.
    pub(crate) fn take(&mut self, about: &About<'_>) -> Hit {
        let mut hit = Hit::default();
        for fault in &mut self.0 {
            if !fault.hits(about) {
                continue;
            }
            let fresh = match fault.kind {
                Kind::Status if hit.status.is_none() => {
                    hit.status = Some(fault.clone());
                    true
                }
                Kind::Delay if hit.delay.is_zero() => {
                    hit.delay = Duration::from_millis(fault.delay_ms.unwrap_or(0));
                    true
                }
                Kind::Usage if hit.usage.is_none() => {
                    hit.usage = Some(fault.clone());
                    true
                }
                Kind::Status | Kind::Delay | Kind::Usage => false,
                Kind::CutBefore => !std::mem::replace(&mut hit.cut_before, true),
                Kind::CutAfter => !std::mem::replace(&mut hit.cut_after, true),
                Kind::DropEcho => !std::mem::replace(&mut hit.drop_echo, true),
                Kind::NoMid => !std::mem::replace(&mut hit.no_mid, true),
                Kind::EchoFirst => !std::mem::replace(&mut hit.echo_first, true),
                Kind::Duplicate => {
                    hit.duplicates += 1;
                    true
                }
            };
            fault.count -= u32::from(fresh);
        }
        self.0.retain(|fault| fault.count > 0);
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(list: &[Value]) -> Faults {
        let mut faults = Faults::default();
        for fault in list {
            faults.add(serde_json::from_value(fault.clone()).expect("a fault")).expect("a good fault");
        }
        faults
    }

    fn take(faults: &mut Faults, target: Target, call: Call) -> Hit {
        faults.take(&About { target, call, path: "/messages", pages: &[] })
    }

    #[test]
    fn each_fault_hits_as_often_as_it_says() {
        let mut faults = faults(&[
            json!({ "target": "graph", "kind": "status", "status": 500, "count": 2 }),
            json!({ "target": "graph", "kind": "status", "status": 429 }),
            json!({ "target": "graph", "kind": "delay", "delay_ms": 5 }),
        ]);
        let status = |hit: &Hit| hit.status.as_ref().and_then(|fault| fault.status);
        let first = take(&mut faults, Target::Graph, Call::Send);
        assert_eq!((status(&first), first.delay), (Some(500), Duration::from_millis(5)));
        assert_eq!(take(&mut faults, Target::Instagram, Call::Send), Hit::default());
        assert_eq!(status(&take(&mut faults, Target::Graph, Call::Send)), Some(500));
        assert_eq!(status(&take(&mut faults, Target::Graph, Call::Send)), Some(429));
        assert_eq!(take(&mut faults, Target::Graph, Call::Send), Hit::default());
        assert!(faults.all().is_empty());
    }

    #[test]
    fn profiles_are_spared_unless_named() {
        let mut some = faults(&[json!({ "target": "graph", "kind": "cut_before" })]);
        assert!(!take(&mut some, Target::Graph, Call::Profile).cut_before);
        assert!(take(&mut some, Target::Graph, Call::Page).cut_before);
        let mut named = faults(&[json!({ "target": "graph", "kind": "cut_before", "call": "profile" })]);
        assert!(!take(&mut named, Target::Graph, Call::Send).cut_before);
        assert!(take(&mut named, Target::Graph, Call::Profile).cut_before);
    }

    #[test]
    fn an_echos_fault_may_name_the_host_or_the_webhook() {
        for target in ["graph", "webhook"] {
            let mut faults = faults(&[json!({ "target": target, "kind": "drop_echo" })]);
            assert!(!take(&mut faults, Target::Webhook, Call::Any).drop_echo);
            assert!(!take(&mut faults, Target::Graph, Call::Page).drop_echo);
            assert!(take(&mut faults, Target::Graph, Call::Send).drop_echo);
        }
    }

    #[test]
    fn duplicates_add_up() {
        let twice = json!({ "target": "webhook", "kind": "duplicate", "count": 9 });
        let mut faults = faults(&[twice.clone(), twice]);
        assert_eq!(take(&mut faults, Target::Webhook, Call::Any).duplicates, 2);
    }

    #[test]
    fn a_fault_may_be_for_one_page_and_path() {
        let fault = |with: &str, value: &str| {
            let mut fault = json!({ "target": "graph", "kind": "status", "code": 1, "count": 9 });
            fault[with] = json!(value);
            faults(&[fault])
        };
        let hits = |faults: &mut Faults, call, path: &str, page: &str| {
            let pages = [page.to_owned()];
            faults.take(&About { target: Target::Graph, call, path, pages: &pages }).status.is_some()
        };
        let mut page = fault("page_id", "7");
        assert!(hits(&mut page, Call::Send, "/messages", "7") && !hits(&mut page, Call::Send, "/messages", "8"));
        let mut sends = fault("path", "/messages");
        assert!(hits(&mut sends, Call::Send, "/messages", "7"));
        assert!(!hits(&mut sends, Call::Conversations, "/conversations/messages", "7"));
        let mut reads = fault("path", "/conversations");
        assert!(hits(&mut reads, Call::Conversations, "/conversations/message", "7"));
        assert!(!hits(&mut reads, Call::Page, "/", "7"));
        let mut nodes = fault("path", "/");
        assert!(hits(&mut nodes, Call::Profile, "/", "7") && !hits(&mut nodes, Call::Send, "/messages", "7"));
        let mut plain = faults(&[json!({ "target": "graph", "kind": "status", "code": 1, "count": 9 })]);
        assert!(hits(&mut plain, Call::Login, "/oauth/access_token", "7"));
        assert!(!hits(&mut plain, Call::Conversations, "/conversations", "7"));
    }

    #[test]
    fn senseless_faults_are_refused() {
        for fault in [
            json!({ "target": "groq", "kind": "echo_first" }),
            json!({ "target": "graph", "kind": "delay" }),
            json!({ "target": "graph", "kind": "delay", "delay_ms": 60_001 }),
            json!({ "target": "graph", "kind": "status", "status": 99 }),
            json!({ "target": "graph", "kind": "cut_before", "count": 0 }),
            json!({ "target": "graph", "kind": "usage" }),
            json!({ "target": "webhook", "kind": "usage", "usage": 96 }),
            json!({ "target": "graph", "kind": "cut_before", "path": "messages" }),
            json!({ "target": "webhook", "kind": "cut_before", "path": "/messages" }),
        ] {
            let fault: Fault = serde_json::from_value(fault).expect("a fault");
            assert!(Faults::default().add(fault.clone()).is_err(), "{fault:?}");
        }
        let mut full = Faults::default();
        let fault: Fault = serde_json::from_value(json!({ "target": "graph", "kind": "cut_before" })).expect("a fault");
        for _ in 0..MOST {
            full.add(fault.clone()).expect("room");
        }
        assert!(full.add(fault).is_err());
    }
}
