//! `.chatdesk/run.json`: where everything of a running installation is, so that a script can find it.

use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::home::{Home, write_private};

/// The file's content. Holds passwords, so only its owner can read it.
#[derive(Serialize, Deserialize)]
pub struct RunFile {
    /// What to open in a browser first.
    pub spa_url: String,
    /// The gateway.
    pub api_url: String,
    /// All services' gRPC.
    pub grpc_url: String,
    /// The stand-in for Meta; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox_url: Option<String>,
    /// Prometheus metrics.
    pub metrics_url: String,
    /// The database as the login that set it up.
    pub database_url: String,
    /// What signs webhooks; absent when it is the operator's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_secret: Option<String>,
    /// What Meta says at the handshake; absent when it is the operator's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<String>,
    /// The demo's people, the shop's owner first.
    pub logins: Vec<Login>,
    /// The demo's connected pages.
    pub pages: Vec<Page>,
    /// Pages that a business may connect.
    pub connectable: Vec<Connectable>,
}

/// Somebody who can log in.
#[derive(Serialize, Deserialize, Clone)]
pub struct Login {
    /// `business` or `admin`.
    pub role: String,
    /// `owner` and so on; empty for an admin.
    pub member_role: String,
    /// The e-mail.
    pub email: String,
    /// The password.
    pub password: String,
    /// What their one-time codes are made with, in base32; absent where none are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp_secret: Option<String>,
}

/// A connected page.
#[derive(Serialize, Deserialize, Clone)]
pub struct Page {
    /// `facebook` or `instagram`.
    pub platform: String,
    /// Meta's id.
    pub page_id: String,
    /// Customers who can write to it.
    pub customer_ids: Vec<String>,
}

/// A page that is free.
#[derive(Serialize, Deserialize, Clone)]
pub struct Connectable {
    /// `facebook` or `instagram`.
    pub platform: String,
    /// Meta's id.
    pub page_id: String,
    /// Its token.
    pub access_token: String,
}

impl RunFile {
    /// The file of the home folder, if there is a readable one.
    #[must_use]
    pub fn read(home: &Home) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(home.own.join("run.json")).ok()?).ok()
    }

    /// Writes it for its owner alone.
    pub fn write(&self, home: &Home) -> io::Result<()> {
        write_private(&home.own.join("run.json"), &serde_json::to_string_pretty(self)?)
    }

    /// Takes it away, so that nobody finds what no longer runs.
    pub fn remove(home: &Home) {
        if let Err(error) = fs::remove_file(home.own.join("run.json")) {
            tracing::debug!(%error, "run.json was gone already");
        }
    }
}
