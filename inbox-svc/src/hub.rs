//! Tells the streams of every process that a tenant has new events, and up to which number. It carries no data: the events are in the database,
//! and a stream that hears nothing looks by itself every second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chatdesk_platform::bus::{Bus, Heard, Topic};
use chatdesk_platform::{Shutdown, TenantId};
use tokio::sync::watch;

/// One bell per tenant that somebody listens to. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Hub {
    bells: Arc<Mutex<HashMap<TenantId, watch::Sender<i64>>>>,
    bus: Bus,
}

impl Hub {
    /// Bells that other processes ring too, over `bus`.
    pub fn new(bus: Bus, shutdown: &Shutdown) -> Self {
        let hub = Self { bells: Arc::default(), bus };
        let bells = hub.clone();
        hub.bus.listen(Topic::Seq, shutdown, move |heard| {
            // What was missed while nobody could ring is found by looking.
            if let Heard::Word { tenant, payload } = heard
                && let Some(seq) = std::str::from_utf8(&payload).ok().and_then(|text| text.parse().ok())
            {
                bells.ring_here(tenant, seq);
            }
        });
        hub
    }

    /// Rings for a tenant, in every process: its newest event has this number.
    pub fn ring(&self, tenant: TenantId, seq: i64) {
        self.ring_here(tenant, seq);
        self.bus.tell_now(Topic::Seq, tenant, seq.to_string());
    }

    fn ring_here(&self, tenant: TenantId, seq: i64) {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        if bells.get(&tenant).is_some_and(|bell| bell.is_closed()) {
            bells.remove(&tenant);
        }
        if let Some(bell) = bells.get(&tenant) {
            // Another process may ring for what was heard of already.
            bell.send_if_modified(|known| std::mem::replace(known, seq.max(*known)) < seq);
        }
    }

    /// Listens for a tenant.
    pub fn listen(&self, tenant: TenantId) -> watch::Receiver<i64> {
        let mut bells = self.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.entry(tenant).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::new_id;

    use super::*;

    #[test]
    fn a_bell_rings_once_for_a_number_and_is_taken_down_when_nobody_hears_it() {
        let (hub, tenant) = (Hub::default(), TenantId(new_id()));
        let mut heard = hub.listen(tenant);
        hub.ring(tenant, 2);
        assert!(heard.has_changed().unwrap());
        heard.mark_unchanged();
        for known in [2, 1] {
            hub.ring(tenant, known);
            assert!(!heard.has_changed().unwrap(), "{known}");
        }
        hub.ring(tenant, 3);
        assert!(heard.has_changed().unwrap());
        hub.ring(TenantId(new_id()), 1);
        drop(heard);
        hub.ring(tenant, 4);
        assert!(hub.bells.lock().unwrap().is_empty());
    }
}
