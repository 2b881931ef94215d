//! Folders for runs: each has its own, and none outlives its run by more than its worker.

use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A worker process's folder, below which each run has one.
pub struct Root(PathBuf);

impl Root {
    /// Makes a fresh folder below `base`, readable by us alone, and removes those that dead workers left there.
    pub fn make(base: &Path, worker: &str) -> io::Result<Root> {
        std::fs::create_dir_all(base)?;
        sweep(base)?;
        let path = base.join(format!("{PREFIX}{worker}-{}", std::process::id()));
        match std::fs::remove_dir_all(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        private_dir(&path)?;
        Ok(Root(path))
    }

    pub fn for_run(&self, token: Uuid) -> io::Result<RunFolder> {
        let path = self.0.join(token.to_string());
        private_dir(&path)?;
        Ok(RunFolder(path))
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Removed when dropped.
pub struct RunFolder(PathBuf);

impl RunFolder {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

const PREFIX: &str = "docfleet-";

fn private_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

fn remove(path: &Path) {
    match std::fs::remove_dir_all(path) {
        // Another worker that starts sweeps as well.
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "scratch folder not removed");
        }
        _ => {}
    }
}

/// Folders of worker processes that are no more.
fn sweep(base: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(base)?.flatten() {
        let name = entry.file_name();
        let Some(owner) = name
            .to_str()
            .filter(|n| n.starts_with(PREFIX))
            .and_then(|n| n.rsplit('-').next())
        else {
            continue;
        };
        let alive = owner
            .parse::<u32>()
            .is_ok_and(|pid| Path::new(&format!("/proc/{pid}")).exists());
        if owner.parse::<u32>().is_ok() && !alive {
            remove(&entry.path());
        }
    }
    Ok(())
}
