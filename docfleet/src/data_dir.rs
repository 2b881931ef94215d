//! The folder that a fleet on one machine lives in: one fleet a folder, and a note of where that fleet listens.

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use rustix::fs::{FlockOperation, flock};
use rustix::process::Pid;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct DataDir {
    root: PathBuf,
}

/// What a running fleet says of itself in `fleet.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// SIGTERM to this process drains the fleet.
    pub pid: u32,
    pub gateway: String,
    pub dashboard: String,
    pub started_at: DateTime<Utc>,
    /// Of the fleet's private servers. Absent where the operator brought the server: its URL may hold a password.
    pub database_url: Option<String>,
    pub broker_url: Option<String>,
    pub storage_url: String,
}

/// Held by the fleet as long as it lives; the kernel lets go of it however the fleet ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl DataDir {
    /// Makes the folder where it is not there yet. Others may pass through it, for a Postgres that runs as a user of its
    /// own, but not look into it.
    pub fn open(path: &Path) -> Result<DataDir> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o711)
            .create(path)
            .with_context(|| format!("cannot make the data folder {}", path.display()))?;
        let root = path
            .canonicalize()
            .with_context(|| format!("cannot reach the data folder {}", path.display()))?;
        if root.to_str().is_none() {
            bail!(
                "the data folder {} has a name that is not UTF-8; choose another with --data",
                root.display()
            );
        }
        Ok(DataDir { root })
    }

    /// The folder, if there is one.
    pub fn existing(path: &Path) -> Option<DataDir> {
        let root = path.canonicalize().ok().filter(|root| root.is_dir())?;
        Some(DataDir { root })
    }

    pub fn path(&self) -> &Path {
        &self.root
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Twelve hexadecimal digits that tell this folder from others: for names outside of it.
    pub fn tag(&self) -> String {
        let digest = Sha256::digest(self.root.as_os_str().as_encoded_bytes());
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// A folder below that only its owner may look into.
    pub fn private_folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.join(name);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    /// Makes this process the folder's fleet. `None`: another one is.
    pub fn lock(&self) -> Result<Option<Lock>> {
        self.take("lock")
    }

    /// Makes this process the one that guards the folder's fleet, between two lives of it too. `None`: another one is.
    pub fn guard(&self) -> Result<Option<Lock>> {
        self.take("guard")
    }

    fn take(&self, name: &str) -> Result<Option<Lock>> {
        let path = self.join(name);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .with_context(|| {
                format!(
                    "cannot open {}; does the folder belong to another user?",
                    path.display()
                )
            })?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot lock {}", path.display())),
        }
        file.set_len(0)?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Some(Lock { _file: file }))
    }

    /// The process that is the folder's fleet.
    pub fn holder(&self) -> Result<Option<Pid>> {
        self.holder_of("lock")
    }

    /// The process that guards the folder's fleet: it starts it again should it die.
    pub fn guardian(&self) -> Result<Option<Pid>> {
        self.holder_of("guard")
    }

    fn holder_of(&self, name: &str) -> Result<Option<Pid>> {
        let path = self.join(name);
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.with_context(|| format!("cannot read {}", path.display()))?,
        };
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => return Ok(None),
            Err(rustix::io::Errno::WOULDBLOCK) => {}
            Err(error) => return Err(error).with_context(|| format!("cannot look at {}", path.display())),
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(text.trim().parse().ok().and_then(Pid::from_raw))
    }

    /// What the folder's fleet said of itself when it became ready. It may have ended since.
    pub fn record(&self) -> Option<Record> {
        serde_json::from_slice(&fs::read(self.join("fleet.json")).ok()?).ok()
    }

    /// The record of the fleet that is running now.
    pub fn running(&self) -> Result<Option<Record>> {
        let Some(holder) = self.holder()? else {
            return Ok(None);
        };
        let pid = holder.as_raw_nonzero().get().unsigned_abs();
        Ok(self.record().filter(|record| record.pid == pid))
    }

    pub fn write_record(&self, record: &Record) -> Result<()> {
        let (path, new) = (self.join("fleet.json"), self.join("fleet.json.new"));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)
            .with_context(|| format!("cannot write {}", new.display()))?;
        file.write_all(&serde_json::to_vec_pretty(record)?)?;
        fs::rename(&new, &path).with_context(|| format!("cannot write {}", path.display()))
    }

    pub fn remove_record(&self) {
        let _ = fs::remove_file(self.join("fleet.json"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fleet_a_folder() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(&tmp.path().join("new/data")).unwrap();
        assert_eq!(dir.holder().unwrap(), None);
        let lock = dir.lock().unwrap().unwrap();
        assert!(dir.lock().unwrap().is_none());
        assert_eq!(dir.holder().unwrap(), Some(rustix::process::getpid()));
        drop(lock);
        assert_eq!(dir.holder().unwrap(), None);
        assert!(dir.lock().unwrap().is_some());
    }

    #[test]
    fn the_record_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        assert!(dir.record().is_none());
        dir.write_record(&Record {
            pid: 7,
            gateway: "http://127.0.0.1:1".into(),
            dashboard: "http://127.0.0.1:2".into(),
            started_at: Utc::now(),
            database_url: None,
            broker_url: None,
            storage_url: "file:///x".into(),
        })
        .unwrap();
        assert_eq!(dir.record().unwrap().pid, 7);
        let mode = fs::metadata(dir.join("fleet.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
