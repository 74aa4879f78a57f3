//! Tells the streams of this process that a tenant has new events. It carries no data: the events are in the database, and a stream
//! that hears nothing looks by itself every second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chatdesk_platform::TenantId;
use tokio::sync::watch;

/// One bell per tenant that somebody listens to. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Hub(Arc<Mutex<HashMap<TenantId, watch::Sender<()>>>>);

impl Hub {
    /// Rings for a tenant.
    pub fn ring(&self, tenant: TenantId) {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bells.get(&tenant).is_some_and(|bell| bell.send(()).is_err()) {
            bells.remove(&tenant);
        }
    }

    /// Listens for a tenant.
    pub fn listen(&self, tenant: TenantId) -> watch::Receiver<()> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(tenant).or_insert_with(|| watch::channel(()).0).subscribe()
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::new_id;

    use super::*;

    #[test]
    fn a_bell_that_nobody_hears_is_taken_down() {
        let (hub, tenant) = (Hub::default(), TenantId(new_id()));
        let heard = hub.listen(tenant);
        hub.ring(tenant);
        assert!(heard.has_changed().unwrap());
        hub.ring(TenantId(new_id()));
        drop(heard);
        hub.ring(tenant);
        assert!(hub.0.lock().unwrap().is_empty());
    }
}
