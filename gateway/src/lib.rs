//! The edge of ChatDesk: REST, Meta's webhooks, live sockets, the API's description. The only HTTP and the only user tokens.
//!
//! Owns: URLs, headers, cookies, statuses, JSON shapes, access tokens, open sockets. Refuses: SQL, business rules (the services
//! decide, this crate asks them), Meta's payloads (bodies go on unread), anything a caller says about which tenant it is.

mod app;
mod auth;
mod body;
mod cards;
mod config;
mod connections;
mod fields;
mod layers;
mod live;
mod metrics_page;
mod money;
mod openapi;
mod places;
mod problem;
mod query;
mod rest;
mod router;
mod server;
mod view;
mod visible;
mod visits;

pub use app::Peers;
pub use auth::{AccessKeys, TrustedProxies};
pub use config::{Config, Limits, LiveConfig};
pub use metrics_page::serve_metrics;
pub use router::description;
pub use server::{Gateway, Service, StartError};
