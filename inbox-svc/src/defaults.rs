//! Whether a tenant's new conversations begin with the assistant on: asked of tenants-svc, remembered for five seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chatdesk_platform::TenantId;
use chatdesk_platform::grpc::Peer;
use chatdesk_proto::tenants::v1::GetAssistantSettingsRequest;
use chatdesk_proto::tenants::v1::settings_service_client::SettingsServiceClient;

/// How long an answer is believed.
const KEEP: Duration = Duration::from_secs(5);
/// More than this many tenants are not remembered at once.
const MOST: usize = 10_000;

/// Remembers the answers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Defaults(Arc<Mutex<HashMap<TenantId, (Instant, bool)>>>);

impl Defaults {
    /// The tenant's setting; on when nobody can be asked. Never inside a transaction.
    pub async fn ai_enabled(&self, tenants: &Peer, tenant: TenantId, deadline: Duration) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).copied();
        if let Some((at, enabled)) = known
            && at.elapsed() < KEEP
        {
            return enabled;
        }
        let answer = async {
            let client = tenants.own_client(Some(tenant), deadline)?;
            SettingsServiceClient::new(client).get_assistant_settings(GetAssistantSettingsRequest {}).await
        };
        match answer.await {
            Ok(settings) => {
                let enabled = settings.into_inner().ai_enabled_by_default;
                let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if all.len() >= MOST {
                    all.clear();
                }
                all.insert(tenant, (Instant::now(), enabled));
                enabled
            }
            Err(status) => {
                tracing::warn!(code = ?status.code(), "cannot read the assistant's settings; new conversations begin with it on");
                known.is_none_or(|(_, enabled)| enabled)
            }
        }
    }
}
