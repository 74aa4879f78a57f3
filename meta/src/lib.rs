//! All that Meta says on the wire, and nothing else: webhook signatures ([`signature`]), the signed requests of its
//! callbacks ([`signed_request`]), webhook payloads ([`webhook`]), the Graph API client and both logins ([`graph`]), and
//! the limits of its two platforms for texts ([`split_text`]) and files ([`MediaKind`]).
//!
//! Owns: Meta's field names, error codes, hosts and limits. Refuses: tenants, the database, the clock, retry policy. It
//! says what an event is and what a call's outcome was; what follows from that is decided by the services. Facts come
//! from Meta's documentation (developers.facebook.com); what we only judged is marked "judgement".

pub mod graph;
mod media;
mod platform;
pub mod signature;
pub mod signed_request;
mod text;
pub mod webhook;

pub use media::{MediaKind, media_type};
pub use platform::{Login, Platform, UnknownName};
pub use signature::AppSecrets;
pub use text::split_text;
