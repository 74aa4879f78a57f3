//! Room for files on their way in or out: so many at once, and so many of them one business's, so that neither a crowd nor one shop keeps out
//! the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use chatdesk_platform::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

type Taken = Arc<Mutex<HashMap<TenantId, usize>>>;

/// The room.
pub struct Places {
    what: &'static str,
    full: &'static str,
    room: Arc<Semaphore>,
    each: usize,
    taken: Taken,
}

/// One place of a business, given back when it is dropped.
pub struct Place {
    tenant: TenantId,
    taken: Taken,
    _room: OwnedSemaphorePermit,
}

impl Places {
    /// So many places for what comes in, of which one business has at most `each`.
    pub fn of_uploads(all: usize, each: usize) -> Self {
        Self::new(("uploads", "too_many_uploads"), all, each)
    }

    /// The same for exports that are fetched.
    pub fn of_exports(all: usize, each: usize) -> Self {
        Self::new(("exports", "too_many_exports"), all, each)
    }

    fn new((what, full): (&'static str, &'static str), all: usize, each: usize) -> Self {
        Self { what, full, room: Arc::new(Semaphore::new(all)), each, taken: Taken::default() }
    }

    /// A place for a business, or why there is none now: 503 when the room is full, 429 when its own share is taken.
    pub fn take(&self, tenant: TenantId) -> Result<Place, Problem> {
        let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else {
            metrics::counter!("chatdesk_gateway_overloaded_total", "what" => self.what).increment(1);
            return Err(Problem::overloaded());
        };
        let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.entry(tenant).or_default();
        if *own >= self.each {
            let detail = "too many files of this business are on their way, try again";
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, self.full, detail).after(Duration::from_secs(2)));
        }
        *own += 1;
        Ok(Place { tenant, taken: Arc::clone(&self.taken), _room: room })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.get(&self.tenant).map_or(0, |own| own.saturating_sub(1));
        // Only businesses that upload right now are remembered.
        if left == 0 {
            all.remove(&self.tenant);
        } else {
            all.insert(self.tenant, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::new_id;

    use super::*;

    #[test]
    fn one_business_has_its_share_and_the_room_has_an_end() {
        let places = Places::of_uploads(3, 2);
        let (one, other, third) = (TenantId(new_id()), TenantId(new_id()), TenantId(new_id()));
        let first = places.take(one).ok().unwrap();
        let second = places.take(one).ok().unwrap();
        assert_eq!(places.take(one).err().unwrap().code(), "too_many_uploads");
        let others = places.take(other).ok().unwrap();
        assert_eq!(places.take(third).err().unwrap().code(), "overloaded");
        drop(first);
        let again = places.take(one).ok().unwrap();
        drop((second, others, again));
        assert!(places.taken.lock().unwrap().is_empty());
        assert_eq!(places.room.available_permits(), 3);
    }
}
