//! The folder that this installation keeps its own things in, when it is not given them.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use chatdesk_platform::Vars;

/// `.chatdesk` of the working folder holds what is small and readable by its owner; `heavy` holds Postgres and the model.
pub struct Home {
    /// `.chatdesk`.
    pub own: PathBuf,
    /// CHATDESK_HOME, else where `.chatdesk/home` points, else `.chatdesk`.
    pub heavy: PathBuf,
}

impl Home {
    /// Finds the folders; makes nothing.
    #[must_use]
    pub fn find(vars: &Vars) -> Self {
        let given = vars.get("CHATDESK_HOME").map(PathBuf::from);
        let own = given.clone().unwrap_or_else(|| PathBuf::from(".chatdesk"));
        let pointer = fs::read_to_string(own.join("home")).ok().map(|text| PathBuf::from(text.trim()));
        let heavy = given.or(pointer).unwrap_or_else(|| own.clone());
        Self { own, heavy }
    }

    /// The text in a file of our own, made by `make` when it is not there yet. Only the owner can read it.
    pub fn remembered(&self, name: &str, make: impl FnOnce() -> String) -> io::Result<String> {
        let path = self.own.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = make();
                write_private(&path, &text)?;
                Ok(text)
            }
            Err(error) => Err(error),
        }
    }
}

/// Writes a file that only its owner can read, in one step.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension("draft");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)
}
