//! SQL and nothing else: free functions, on a tenant's transaction for what is a tenant's, on a system transaction for `routing`.

pub mod account;
pub mod attachment;
pub mod audit;
pub mod channel;
pub mod deletion;
pub mod directory;
pub mod erase;
pub mod export;
pub mod grant;
pub mod invitation;
pub mod key;
pub mod mail;
pub mod page;
pub mod privacy;
pub mod reset;
pub mod saved_reply;
pub mod sealed;
pub mod second_factor;
pub mod session;
pub mod settings;
pub mod status;
pub mod team;
pub mod transfer;
pub mod usage;
pub mod visit;
pub mod withdrawal;
