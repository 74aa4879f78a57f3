//! One of everything the services can say, the same each time.

use prost_types::Timestamp;

mod assistant;
mod catalogue;
mod inbox;
mod tenants;

pub use assistant::{answer, used_product};
pub use catalogue::{entry, import, import_row, price_change, product};
pub use inbox::{contact, conversation, inbound, item, label, message, note, stats, summary};
pub use tenants::{
    admin, channel, deletion, grant, invitation, member, owner, saved_reply, sessions, settings, totp_secret, transfer,
};

pub const TENANT: &str = "0198f000-0000-7000-8000-00000000000a";
pub const OTHER_TENANT: &str = "0198f000-0000-7000-8000-00000000000b";
pub const USER: &str = "0198f000-0000-7000-8000-000000000001";
pub const ADMIN: &str = "0198f000-0000-7000-8000-000000000002";
pub const SESSION: &str = "0198f000-0000-7000-8000-000000000003";
pub const OTHER_SESSION: &str = "0198f000-0000-7000-8000-000000000004";
pub const ADMIN_SESSION: &str = "0198f000-0000-7000-8000-000000000005";
pub const CHANNEL: &str = "0198f000-0000-7000-8000-000000000011";
pub const CONTACT: &str = "0198f000-0000-7000-8000-000000000012";
pub const CONVERSATION: &str = "0198f000-0000-7000-8000-000000000013";
pub const MESSAGE: &str = "0198f000-0000-7000-8000-000000000014";
pub const ITEM: &str = "0198f000-0000-7000-8000-000000000019.3";
pub const LABEL: &str = "0198f000-0000-7000-8000-000000000016";
pub const NOTE: &str = "0198f000-0000-7000-8000-000000000017";
pub const PRODUCT: &str = "0198f000-0000-7000-8000-000000000015";
pub const ENTRY: &str = "0198f000-0000-7000-8000-00000000001a";
pub const IMPORT: &str = "0198f000-0000-7000-8000-00000000001d";
pub const UNANSWERED: &str = "0198f000-0000-7000-8000-00000000001b";
pub const EXPORT: &str = "0198f000-0000-7000-8000-0000000000e0";
pub const WITHDRAWN_EXPORT: &str = "0198f000-0000-7000-8000-0000000000e1";
pub const REPLAY: &str = "0198f000-0000-7000-8000-00000000001c";
pub const GRANT: &str = "0198f000-0000-7000-8000-000000000018";
pub const INVITATION: &str = "0198f000-0000-7000-8000-00000000001e";
pub const TRANSFER: &str = "0198f000-0000-7000-8000-000000000019";
pub const DELETION: &str = "0af1c2d3e4f5061728394a5b6c7d8e9f";
pub const SAVED_REPLY: &str = "0198f000-0000-7000-8000-000000000017";

/// A moment so many seconds into a fixed day.
pub fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: 1_795_336_200 + seconds, nanos: 0 })
}
