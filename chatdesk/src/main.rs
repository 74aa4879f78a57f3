//! The one binary: every service in one process, one service per process, and what an operator needs beside them.

mod admin;
mod cli;
mod demo;
mod doctor;
mod embedded;
mod environment;
mod health;
mod home;
mod keys;
mod probe;
mod run;
mod runfile;
mod serve;
mod signals;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            cli::complain(&error);
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(cli::run(cli::Cli::parse()));
    // Threads that still compute an embedding nobody waits for must not keep the process.
    runtime.shutdown_background();
    match ended {
        Ok(code) => code,
        Err(error) => {
            cli::complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}
