//! The command line.

use std::error::Error;
use std::process::ExitCode;

use chatdesk_platform::{ServiceName, TenantId, telemetry};
use clap::{Parser, Subcommand};

use crate::environment::Environment;

/// What every command ends with.
pub type Outcome = Result<ExitCode, Box<dyn Error + Send + Sync>>;

/// One inbox for a business's Facebook Pages and Instagram accounts, with an assistant that answers from its catalogue.
#[derive(Parser)]
#[command(name = "chatdesk", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything in one process. Without DATABASE_URL it brings its own Postgres.
    Run {
        /// With a stand-in for Meta and a demo shop, unless FB_APP_SECRET is set.
        #[arg(long)]
        sandbox: bool,
    },
    /// One service in this process.
    Serve {
        /// gateway, tenants, inbox, catalog or ai.
        service: ServiceName,
    },
    /// Sets up the database at DATABASE_URL: schemas, roles, passwords.
    Migrate,
    /// Platform admins.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Prints a token for calling the services over gRPC, good for a minute.
    Token {
        /// As which service to call; `cli` may do what a business's owner may.
        #[arg(long, default_value = "cli")]
        service: ServiceName,
        /// The business to act for.
        #[arg(long)]
        tenant: Option<TenantId>,
    },
    /// Prints the keys for an installation of one process per service.
    Keys,
    /// Looks for what is missing or wrong, and says what to do.
    Doctor,
    /// Whether the process with these variables works: for whoever starts it again when it does not.
    Health {
        /// Whether it is the gateway, and all the services it needs are there.
        #[arg(long)]
        ready: bool,
    },
    /// Runs a command with TEST_DATABASE_URL set to a throw-away Postgres.
    #[command(hide = true)]
    WithPostgres {
        /// Keep every write on disk, as for measuring.
        #[arg(long)]
        fsync: bool,
        /// The command and its arguments.
        #[arg(trailing_var_arg = true, required = true)]
        command: Vec<String>,
    },
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Makes a platform admin. The password is read from standard input, or made and printed when that is a terminal or empty.
    Create {
        /// Their e-mail.
        email: String,
    },
    /// Lets anybody who has lost their device and their recovery codes in without one-time codes; a platform admin sets them up anew.
    ClearCodes {
        /// Their e-mail.
        email: String,
    },
}

impl Command {
    /// What its process is called among the others of an installation.
    fn process(&self) -> String {
        match self {
            Self::Serve { service } => format!("chatdesk-{service}"),
            _ => "chatdesk".to_owned(),
        }
    }
}

/// Runs the command.
pub async fn run(cli: Cli) -> Outcome {
    let environment = Environment::load()?;
    let telemetry = telemetry::init(&environment.vars, &cli.command.process())?;
    let ended = Box::pin(carry_out(cli.command, environment)).await;
    telemetry.finish().await;
    ended
}

async fn carry_out(command: Command, environment: Environment) -> Outcome {
    match command {
        Command::Run { sandbox } => Box::pin(crate::run::run(environment, sandbox)).await,
        Command::Serve { service } => Box::pin(crate::serve::serve(&environment, service)).await,
        Command::Migrate => crate::serve::migrate(&environment).await,
        Command::Admin { command: AdminCommand::Create { email } } => crate::admin::create(&environment, email).await,
        Command::Admin { command: AdminCommand::ClearCodes { email } } => {
            crate::admin::clear_codes(&environment, email).await
        }
        Command::Token { service, tenant } => crate::keys::token(&environment, service, tenant),
        Command::Keys => crate::keys::print(&environment),
        Command::Doctor => crate::doctor::doctor(&environment).await,
        Command::Health { ready } => crate::probe::probe(&environment.vars, ready).await,
        Command::WithPostgres { fsync, command } => crate::embedded::with_postgres(&environment, fsync, &command).await,
    }
}

/// Prints a line for the person who started the command.
#[expect(clippy::print_stdout, reason = "what the command is for")]
pub fn say(line: impl std::fmt::Display) {
    println!("{line}");
}

/// Prints an error with its causes, in one line.
#[expect(clippy::print_stderr, reason = "the last thing a failed command says")]
pub fn complain(error: &dyn Error) {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(under) = cause {
        let text = under.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = under.source();
    }
    eprintln!("chatdesk: {line}");
}
