//! What every part of the service works with: the database, the clock, the settings, and the services it asks.

use std::sync::Arc;

use chatdesk_platform::db::{Db, Wakes};
use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Clock, Shutdown};

use crate::Config;
use crate::defaults::Defaults;
use crate::hub::Hub;
use crate::pressure::Pressure;
use crate::reads::Reads;
use crate::signs::Signs;

/// Handles to everything. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// As the service's own role.
    pub db: Db,
    /// Wakes this process's workers.
    pub wakes: Wakes,
    /// Lets what Meta waits for go first.
    pub pressure: Pressure,
    /// Wakes this process's streams.
    pub hub: Hub,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Arc<Config>,
    /// Writes answers.
    pub ai: Peer,
    /// Speaks to Meta.
    pub tenants: Peer,
    /// Reads what Meta keeps.
    pub reads: Reads,
    /// Shows customers that somebody types, or has read.
    pub signs: Signs,
    /// Whether new conversations begin with the assistant on.
    pub defaults: Defaults,
    /// Ends it all.
    pub shutdown: Shutdown,
}
