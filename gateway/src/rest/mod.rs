//! The endpoints, one file for each noun. A handler reads the request, asks one service and shows the answer.

pub mod admin;
pub mod assistant;
pub mod auth;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod health;
pub mod home;
pub mod messages;
pub mod products;
pub mod profile;
pub mod socket;
pub mod webhooks;

use axum::Json;
use axum::http::StatusCode;

/// A resource with another status than 200.
type Answer<T> = (StatusCode, Json<T>);
