//! The endpoints, one file for each noun. A handler reads the request, asks one service and shows the answer.

pub mod account;
pub mod admin;
mod archive;
pub mod assistant;
pub mod attachments;
pub mod audit;
pub mod auth;
pub mod callbacks;
pub mod channels;
pub mod connect;
pub mod contacts;
pub mod conversations;
pub mod dashboard;
pub mod entries;
pub mod health;
pub mod imports;
pub mod invitations;
pub mod journal;
pub mod labels;
pub mod members;
pub mod messages;
pub mod notes;
pub mod page;
pub mod privacy;
pub mod products;
pub mod profile;
pub mod replay;
pub mod reset;
pub mod saved_replies;
pub mod socket;
pub mod system;
pub mod team;
pub mod totp;
pub mod unanswered;
mod upload;
pub mod webhooks;

use axum::Json;
use axum::http::StatusCode;

/// A resource with another status than 200.
type Answer<T> = (StatusCode, Json<T>);
