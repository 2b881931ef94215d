//! The data folder of a fleet on one machine. It belongs to at most one fleet, and records where that fleet listens.

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

/// Contents of `fleet.json`, written by a running fleet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Process to signal: SIGTERM drains the fleet.
    pub pid: u32,
    pub gateway: String,
    pub dashboard: String,
    pub started_at: DateTime<Utc>,
    /// URLs of the fleet's private servers. `None` for a server that the operator provides, because its URL may contain a
    /// password.
    pub database_url: Option<String>,
    pub broker_url: Option<String>,
    pub storage_url: String,
}

/// Held by the fleet while it runs. The kernel releases it however the fleet ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl DataDir {
    /// Creates the folder if it is missing. Other users may pass through it, because Postgres may run as a separate user, but
    /// cannot list it.
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

    /// The folder, if it exists.
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

    /// Twelve hexadecimal digits that identify this folder in names outside of it.
    pub fn tag(&self) -> String {
        let digest = Sha256::digest(self.root.as_os_str().as_encoded_bytes());
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// A subfolder that only its owner can read.
    pub fn private_folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.join(name);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    /// Makes this process the folder's fleet. `None`: another process is already the fleet.
    pub fn lock(&self) -> Result<Option<Lock>> {
        self.take("lock")
    }

    /// Makes this process the guard of the folder's fleet, also while the fleet is being restarted. `None`: another process is
    /// already the guard.
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

    /// The process that runs the folder's fleet.
    pub fn holder(&self) -> Result<Option<Pid>> {
        self.holder_of("lock")
    }

    /// The process that guards the folder's fleet and restarts it when it dies.
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

    /// The record that the folder's fleet wrote when it became ready. The fleet may have ended since.
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
