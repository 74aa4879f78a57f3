//! Mechanism that every ChatDesk process shares: variables, keys, callers, gRPC plumbing and, behind the feature `db`,
//! the tenant transaction and due work. It knows tenants, users and roles, and refuses every other business noun.

mod access;
pub mod bus;
mod caller;
mod clock;
mod currency;
#[cfg(feature = "db")]
pub mod db;
mod error;
mod fail;
mod fold;
pub mod grpc;
mod http;
mod keys;
mod neighbourhood;
pub mod page;
mod retry;
mod shutdown;
pub mod telemetry;
mod token;
mod totp;
pub mod trace;
mod vars;

pub use access::{AccessTable, Allow};
pub use caller::{Caller, Identity, Role, ServiceName, TenantId, UserId, new_id};
pub use clock::{Clock, ManualClock};
pub use currency::currency_decimals;
pub use error::{Error, FieldError, Invalid, Problem};
pub use fail::fail_point;
pub use fold::fold;
pub use http::http_client;
pub use keys::{KeyError, Keyring, SecretKey};
pub use neighbourhood::neighbourhood;
pub use retry::full_jitter;
pub use shutdown::Shutdown;
pub use token::{Minter, Verifier};
pub use totp::{TotpSecret, totp_step};
pub use vars::{VarError, Vars};
