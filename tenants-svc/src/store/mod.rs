//! SQL and nothing else: free functions, on a tenant's transaction for what is a tenant's, on a system transaction for `routing`.

pub mod account;
pub mod attachment;
pub mod channel;
pub mod deletion;
pub mod grant;
pub mod key;
pub mod page;
pub mod saved_reply;
pub mod session;
pub mod settings;
pub mod status;
pub mod transfer;
pub mod usage;
pub mod withdrawal;
