//! The whole system as a black box: the real binary, real Postgres, Meta's stand-in on the real wire.
#![expect(clippy::expect_used, reason = "a test that cannot go on ends")]

mod api;
mod bad_input;
mod crash;
mod embedded;
mod faults;
mod histories;
mod isolation;
mod live;
mod load;
mod main_job;
mod outage;
mod process;
mod shop;
mod split;
mod startup;
mod suspension;
