//! The whole system as a black box: the real binary, real Postgres, Meta's stand-in on the real wire.
#![expect(clippy::expect_used, reason = "a test that cannot go on ends")]

mod api;
mod bad_input;
mod cluster;
mod console;
mod crash;
mod embedded;
mod faults;
mod fleet;
mod histories;
mod isolation;
mod live;
mod load;
mod main_job;
mod named;
mod nats;
mod observed;
mod outage;
mod permissions;
mod privacy;
mod process;
mod shop;
mod split;
mod startup;
mod suspension;
mod traces;
