//! Whether sessions go on, by the word of tenants-svc, which is remembered for a few seconds. An access token proves to whom it was given and
//! until when; that its person has logged out since, was removed, or may do less now, only this tells.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use chatdesk_platform::{Clock, Role, TenantId};
use chatdesk_proto::tenants::v1 as pb;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::session::role;
use crate::auth::LIFE;
use crate::problem::Problem;

/// The most sessions in each of the two generations.
const ROOM: usize = 50_000;

/// What is known of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has ended.
    Over,
    /// It goes on.
    Live {
        /// What its member may do now; none for platform admins, and when nobody says.
        role: Option<Role>,
        /// Why its business may not work, if it may not.
        halt: Option<Halt>,
    },
}

/// Why a business may not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// It is suspended.
    Suspended,
    /// It waits for its deletion.
    Deleting,
}

/// What people of a business that may not work can still do beside reading: take their data along, take the deletion back, and mind their own
/// sessions and passwords. A ticket is for a socket that says why it closes, and asking for pictures anew is part of reading.
const STAYS_OPEN: [(&str, &str); 12] = [
    ("POST", "/api/auth/logout-everywhere"),
    ("DELETE", "/api/auth/sessions/{id}"),
    ("PUT", "/api/auth/password"),
    ("POST", "/api/auth/totp"),
    ("PUT", "/api/auth/totp"),
    ("DELETE", "/api/auth/totp"),
    ("POST", "/api/privacy/export"),
    ("POST", "/api/privacy/export/{id}/link"),
    ("POST", "/api/privacy/deletion"),
    ("DELETE", "/api/privacy/deletion"),
    ("POST", "/api/ws-ticket"),
    ("POST", "/api/conversations/{id}/messages/{message_id}/attachments/refresh"),
];

impl Halt {
    /// Refuses what changes anything, by the method and the path as the router knows it.
    pub fn admit(self, method: &str, path: &str) -> Result<(), Problem> {
        if matches!(method, "GET" | "HEAD") || STAYS_OPEN.contains(&(method, path)) {
            return Ok(());
        }
        let (code, detail) = match self {
            Self::Suspended => ("tenant_suspended", "the business is suspended: nothing can be changed"),
            Self::Deleting => ("tenant_deleting", "the business is being deleted: nothing can be changed"),
        };
        Err(Problem::new(StatusCode::CONFLICT, code, detail))
    }
}

impl Standing {
    /// What the answer says of one session.
    pub fn of(session: Uuid, told: &pb::CheckSessionsResponse) -> Self {
        let id = session.to_string();
        if told.ended_session_ids.contains(&id) {
            return Self::Over;
        }
        let live = told.live.iter().find(|live| live.session_id == id);
        let halt = told.suspended.then_some(if told.deleting { Halt::Deleting } else { Halt::Suspended });
        Self::Live { role: live.and_then(|live| role(live.member_role())), halt }
    }

    /// Whether a token of this role is of another time.
    pub fn refuses(self, told: Option<Role>) -> bool {
        match self {
            Self::Over => true,
            Self::Live { role, .. } => role.is_some() && role != told,
        }
    }
}

#[derive(Clone, Copy)]
struct Word {
    at: DateTime<Utc>,
    standing: Standing,
}

/// One session's. Who asks holds the word, so that nobody asks the same meanwhile.
struct Known {
    tenant: Option<TenantId>,
    word: tokio::sync::Mutex<Option<Word>>,
}

/// Two generations: when the younger is full, or as old as an access token becomes, the older is forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<Uuid, Arc<Known>>,
    old: HashMap<Uuid, Arc<Known>>,
    turned_at: DateTime<Utc>,
}

/// What is remembered of sessions.
pub struct Standings {
    keep: TimeDelta,
    clock: Clock,
    all: Mutex<Generations>,
}

impl Standings {
    /// Each word is good for so long.
    pub fn new(keep: Duration, clock: Clock) -> Self {
        Self { keep: TimeDelta::from_std(keep).unwrap_or(TimeDelta::MAX), clock, all: Mutex::default() }
    }

    /// How a session stands, as remembered or as `ask` tells. A memory alone refuses nobody for their role: they may have a new one, and a
    /// new token. Without an answer the last word holds, and a session that nobody asked about goes on: its token says for how long.
    pub async fn of<E: std::fmt::Debug>(
        &self,
        session: Uuid,
        tenant: Option<TenantId>,
        told: Option<Role>,
        ask: impl Future<Output = Result<Standing, E>>,
    ) -> Standing {
        let known = self.known(session, tenant);
        let mut word = known.word.lock().await;
        let now = self.clock.now();
        let fresh = word.filter(|word| word.at <= now && now - word.at < self.keep).map(|word| word.standing);
        if let Some(standing) = fresh.filter(|standing| *standing == Standing::Over || !standing.refuses(told)) {
            return standing;
        }
        let (at, standing) = match ask.await {
            Ok(standing) => (now, standing),
            Err(error) => {
                tracing::warn!(%session, ?error, "a session could not be checked");
                let unknown = Standing::Live { role: None, halt: None };
                (self.clock.now(), word.map_or(unknown, |word| word.standing))
            }
        };
        *word = Some(Word { at, standing });
        standing
    }

    /// These sessions have ended, so that nobody needs to ask. What is being asked about them is answered to nobody else.
    pub fn end(&self, sessions: &[Uuid]) {
        let word = Word { at: self.clock.now(), standing: Standing::Over };
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        for session in sessions {
            all.old.remove(session);
            let known = Known { tenant: None, word: tokio::sync::Mutex::new(Some(word)) };
            all.young.insert(*session, Arc::new(known));
        }
    }

    /// Something changed for a whole business: all of its sessions are asked about anew.
    pub fn forget(&self, tenant: TenantId) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let Generations { young, old, .. } = &mut *all;
        for generation in [young, old] {
            generation.retain(|_, known| known.tenant != Some(tenant));
        }
    }

    fn known(&self, session: Uuid, tenant: Option<TenantId>) -> Arc<Known> {
        let now = self.clock.now();
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.young.len() >= ROOM || now - all.turned_at >= TimeDelta::seconds(LIFE) {
            all.old = std::mem::take(&mut all.young);
            all.turned_at = now;
        }
        if let Some(known) = all.young.get(&session) {
            return Arc::clone(known);
        }
        let known = all.old.remove(&session);
        let known = known.unwrap_or_else(|| Arc::new(Known { tenant, word: tokio::sync::Mutex::default() }));
        all.young.insert(session, Arc::clone(&known));
        known
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use chatdesk_platform::{ManualClock, new_id};

    use super::*;

    const KEEP: Duration = Duration::from_secs(3);
    const MANAGER: Standing = Standing::Live { role: Some(Role::Manager), halt: None };

    struct Asked {
        standings: Standings,
        hand: ManualClock,
        times: AtomicUsize,
    }

    impl Asked {
        fn new() -> Self {
            let (clock, hand) = Clock::manual(Clock::system().now());
            Self { standings: Standings::new(KEEP, clock), hand, times: AtomicUsize::new(0) }
        }

        /// What a manager's token hears when tenants-svc says so, or nothing.
        async fn hears(&self, session: Uuid, says: Option<Standing>) -> Standing {
            self.standings
                .of(session, Some(TenantId(Uuid::nil())), Some(Role::Manager), async {
                    self.times.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    says.ok_or("down")
                })
                .await
        }

        fn times(&self) -> usize {
            self.times.swap(0, Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn a_word_is_asked_for_once_in_its_time_however_many_want_it() {
        let (asked, session) = (Asked::new(), new_id());
        let all = futures::future::join_all((0..20).map(|_| asked.hears(session, Some(MANAGER)))).await;
        assert!(all.iter().all(|one| *one == MANAGER) && asked.times() == 1);
        asked.hand.advance(TimeDelta::milliseconds(2_999));
        assert_eq!(asked.hears(session, Some(Standing::Over)).await, MANAGER);
        asked.hand.advance(TimeDelta::milliseconds(1));
        assert_eq!(asked.hears(session, Some(Standing::Over)).await, Standing::Over);
        assert_eq!(asked.hears(session, Some(MANAGER)).await, Standing::Over);
        assert_eq!(asked.times(), 1);
    }

    #[tokio::test]
    async fn without_an_answer_the_last_word_holds() {
        let (asked, session) = (Asked::new(), new_id());
        assert_eq!(asked.hears(session, None).await, Standing::Live { role: None, halt: None });
        assert_eq!(asked.hears(session, None).await, Standing::Live { role: None, halt: None });
        assert_eq!(asked.times(), 1, "nobody is asked without end either");
        for said in [MANAGER, Standing::Over] {
            asked.hand.advance(TimeDelta::seconds(3));
            assert_eq!(asked.hears(session, Some(said)).await, said);
            asked.hand.advance(TimeDelta::seconds(3));
            assert_eq!(asked.hears(session, None).await, said);
        }
    }

    #[tokio::test]
    async fn a_memory_alone_refuses_no_role() {
        let (asked, session) = (Asked::new(), new_id());
        let agent = Standing::Live { role: Some(Role::Agent), halt: None };
        assert_eq!(asked.hears(session, Some(agent)).await, agent);
        assert!(agent.refuses(Some(Role::Manager)) && !agent.refuses(Some(Role::Agent)));
        assert_eq!(asked.hears(session, Some(MANAGER)).await, MANAGER, "promoted since");
        assert_eq!(asked.times(), 2);
    }

    #[tokio::test]
    async fn what_ended_or_changed_here_needs_no_waiting() {
        let (asked, session, other) = (Asked::new(), new_id(), new_id());
        for session in [session, other] {
            asked.hears(session, Some(MANAGER)).await;
        }
        asked.standings.end(&[session]);
        assert_eq!(asked.hears(session, None).await, Standing::Over);
        assert_eq!(asked.times(), 2);
        asked.standings.forget(TenantId(new_id()));
        assert_eq!((asked.hears(other, Some(MANAGER)).await, asked.times()), (MANAGER, 0));
        asked.standings.forget(TenantId(Uuid::nil()));
        assert_eq!((asked.hears(other, Some(MANAGER)).await, asked.times()), (MANAGER, 1));
    }

    #[tokio::test]
    async fn the_memory_is_bounded() {
        let asked = Asked::new();
        for _ in 0..=2 * ROOM {
            drop(asked.standings.known(new_id(), None));
        }
        let held = |asked: &Asked| {
            let all = asked.standings.all.lock().unwrap();
            all.young.len() + all.old.len()
        };
        assert!(held(&asked) <= 2 * ROOM);
        for _ in 0..2 {
            asked.hand.advance(TimeDelta::seconds(LIFE));
            drop(asked.standings.known(new_id(), None));
        }
        assert_eq!(held(&asked), 2, "what nobody uses is dropped");
    }

    #[test]
    fn what_stays_open_is_there() {
        let described: serde_json::Value = serde_json::from_str(&crate::description().unwrap()).unwrap();
        for (method, path) in STAYS_OPEN {
            assert!(described["paths"][path][method.to_lowercase()].is_object(), "{method} {path}");
        }
    }
}
