//! Shows customers that somebody types, or has read. Nothing waits for it and nothing depends on it: when there is no room, or no
//! answer, it is left out.

use std::sync::Arc;
use std::time::Duration;

use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Shutdown, TenantId};
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::{SendActionRequest, SenderAction};
use tokio::sync::Semaphore;
use tracing::Instrument as _;
use uuid::Uuid;

/// Signs under way at once.
const MOST: usize = 64;

/// What a customer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Their messages were read.
    Seen,
    /// They were read, and somebody types.
    Typing,
}

/// Shows signs. Cheap to clone.
#[derive(Clone)]
pub struct Signs {
    tenants: Option<Peer>,
    deadline: Duration,
    room: Arc<Semaphore>,
    shutdown: Shutdown,
}

impl Signs {
    /// Asks `tenants`, which may take as long as the deadline for each; shows nothing without.
    pub fn new(tenants: Option<Peer>, deadline: Duration, shutdown: Shutdown) -> Self {
        Self { tenants, deadline, room: Arc::new(Semaphore::new(MOST)), shutdown }
    }

    /// Whether anything is ever shown.
    pub const fn are_on(&self) -> bool {
        self.tenants.is_some()
    }

    /// Shows a sign to the customer of a channel, some time soon or never.
    pub fn show(&self, tenant: Option<TenantId>, channel: Uuid, recipient_id: String, sign: Sign) {
        let Some(tenants) = self.tenants.clone() else { return };
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            metrics::counter!("chatdesk_inbox_signs_dropped_total").increment(1);
            return;
        };
        let deadline = self.deadline;
        let actions: &[SenderAction] = match sign {
            Sign::Seen => &[SenderAction::MarkSeen],
            Sign::Typing => &[SenderAction::MarkSeen, SenderAction::TypingOn],
        };
        let shown = async move {
            for action in actions {
                let request = SendActionRequest {
                    channel_id: channel.to_string(),
                    recipient_id: recipient_id.clone(),
                    action: (*action).into(),
                };
                let asked = async {
                    let client = tenants.own_client(tenant, deadline)?;
                    ChannelServiceClient::new(client).send_action(request).await
                };
                let told = tokio::time::timeout(deadline, asked).await;
                if !matches!(told, Ok(Ok(_))) {
                    let code = told.map(|answer| answer.map_err(|status| status.code()).err());
                    tracing::debug!(?code, "a sign was not shown");
                    break;
                }
            }
            drop(place);
        };
        self.shutdown.spawn(shown.instrument(tracing::info_span!("sign", %channel)));
    }
}
