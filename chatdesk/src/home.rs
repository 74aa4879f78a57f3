//! The folder that this installation keeps its own things in, when it is not given them.

use std::fs::File;
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

/// Why a home cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Somebody else uses it.
    #[error("ChatDesk already runs here; stop it first, or set CHATDESK_HOME to another folder")]
    Busy,
    /// Files.
    #[error("the folder .chatdesk cannot be used")]
    Files(#[from] io::Error),
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

    /// Holds this home until the file is dropped, so that two do not run on it at once.
    pub fn lock(&self) -> Result<File, HomeError> {
        fs::create_dir_all(&self.own)?;
        let file = File::create(self.own.join("run.lock"))?;
        file.try_lock().map_err(|_| HomeError::Busy)?;
        Ok(file)
    }

    /// The text in a file of our own, made by `make` when it is not there yet. Only the owner can read it.
    pub fn remembered(&self, name: &str, make: impl FnOnce() -> String) -> io::Result<String> {
        let path = self.own.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.trim().to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = make();
                keep_first(&path, &text)?;
                Ok(fs::read_to_string(&path)?.trim().to_owned())
            }
            Err(error) => Err(error),
        }
    }
}

/// Writes a file unless another process was quicker; then that one's stands.
fn keep_first(path: &Path, text: &str) -> io::Result<()> {
    let own = path.with_extension(format!("draft-{}", std::process::id()));
    write_private(&own, text)?;
    let linked = fs::hard_link(&own, path);
    fs::remove_file(&own)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
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
