//! What a tenant set about the assistant, as far as the inbox needs it: asked of tenants-svc, remembered for five seconds, and longer while
//! it cannot be asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Clock, TenantId};
use chatdesk_proto::tenants::v1::GetAssistantSettingsRequest;
use chatdesk_proto::tenants::v1::settings_service_client::SettingsServiceClient;
use chrono::{DateTime, TimeDelta, Utc};

/// How long an answer is believed.
const KEEP: TimeDelta = TimeDelta::seconds(5);
/// How long nobody is asked again after there was no answer.
const REST: TimeDelta = TimeDelta::seconds(1);
/// More than this many tenants are not remembered at once.
const MOST: usize = 10_000;

/// What was set.
#[derive(Clone, Copy)]
struct Ways {
    /// New conversations begin with the assistant on.
    enabled: bool,
    /// Answers show the cards of their products.
    cards: bool,
}

#[derive(Clone, Copy)]
struct Known {
    /// The last answer; none when there never was one.
    ways: Option<Ways>,
    /// When it is to be asked again.
    ask_at: DateTime<Utc>,
}

/// Remembers the answers. Cheap to clone.
#[derive(Clone)]
pub struct Defaults {
    tenants: Peer,
    clock: Clock,
    deadline: Duration,
    known: Arc<Mutex<HashMap<TenantId, Known>>>,
}

impl Defaults {
    /// Asks `tenants`, which may take as long as the deadline.
    pub fn new(tenants: Peer, clock: Clock, deadline: Duration) -> Self {
        Self { tenants, clock, deadline, known: Arc::default() }
    }

    /// Whether new conversations begin with the assistant on; none when nobody ever told. Never inside a transaction.
    pub async fn ai_enabled(&self, tenant: TenantId) -> Option<bool> {
        self.ways(tenant).await.map(|ways| ways.enabled)
    }

    /// Whether answers show the cards of their products; not when nobody ever told. Never inside a transaction.
    pub async fn sends_cards(&self, tenant: TenantId) -> bool {
        self.ways(tenant).await.is_some_and(|ways| ways.cards)
    }

    /// The tenant's settings, or the last that were known.
    async fn ways(&self, tenant: TenantId) -> Option<Ways> {
        let now = self.clock.now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).copied();
        // A clock that was set back must not make an answer good for longer.
        if let Some(known) = known.filter(|known| now < known.ask_at && known.ask_at <= now + KEEP) {
            return known.ways;
        }
        let asked = async {
            let client = self.tenants.own_client(Some(tenant), self.deadline)?;
            SettingsServiceClient::new(client).get_assistant_settings(GetAssistantSettingsRequest {}).await
        };
        let learned = match tokio::time::timeout(self.deadline, asked).await {
            Ok(Ok(settings)) => {
                let set = settings.into_inner();
                let ways = Ways { enabled: set.ai_enabled_by_default, cards: set.send_cards };
                Known { ways: Some(ways), ask_at: self.clock.now() + KEEP }
            }
            failed => {
                let code = failed.map(|answer| answer.map_err(|status| status.code()).err());
                tracing::warn!(?code, "cannot read the assistant's settings");
                Known { ways: known.and_then(|known| known.ways), ask_at: self.clock.now() + REST }
            }
        };
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(tenant, learned);
        learned.ways
    }
}
