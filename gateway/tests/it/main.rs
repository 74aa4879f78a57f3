//! The gateway through its own front door, with stand-ins for the four services behind it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod admin;
mod attachments;
mod callbacks;
mod catalogue;
mod connect;
mod desk;
mod edge;
mod ends;
mod fakes;
mod input;
mod journal;
mod limits;
mod live;
mod own;
mod privacy;
mod requests;
mod resources;
mod samples;
mod socket;
mod standing;
mod teaching;
mod team;
mod webhooks;
mod world;
