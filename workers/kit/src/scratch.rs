//! Scratch folders of a worker: one for each run, and one for each child, to which the child may write. The next worker removes
//! those that a dead worker left.
//!
//! The supervisor fills a run's folder, lends it to a child for the task, and takes it back before it reads what is there.

use crate::tree;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, lchown};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A worker process's folder, which holds those of its runs and children. A lock on it, not a process id, shows that its worker
/// is alive, because workers in several containers of a machine may share the parent folder.
pub struct Root {
    path: PathBuf,
    _locked: File,
}

impl Root {
    /// Makes a fresh folder below `base` and removes those that dead workers left there.
    pub fn make(base: &Path, worker: &str) -> io::Result<Root> {
        fs::create_dir_all(base)?;
        sweep(base)?;
        let base = base.canonicalize()?;
        loop {
            let path = base.join(format!("{PREFIX}{worker}-{}", Uuid::now_v7()));
            // Children can pass through it to their own folder, but cannot list it.
            make_dir(&path, 0o711)?;
            // Another worker may have swept the new folder before it was locked.
            if let Some(_locked) = locked(&path)? {
                return Ok(Root { path, _locked });
            }
        }
    }

    pub fn for_run(&self, token: Uuid) -> io::Result<RunFolder> {
        let path = self.path.join(token.to_string());
        make_dir(&path, 0o700)?;
        Ok(RunFolder(path))
    }

    pub fn for_child(&self) -> io::Result<ChildFolder> {
        let path = self.path.join(format!("child-{}", Uuid::now_v7()));
        make_dir(&path, 0o700)?;
        Ok(ChildFolder(path))
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removed when dropped.
pub struct ChildFolder(PathBuf);

impl ChildFolder {
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ChildFolder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Removed when dropped.
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// The folder's path for the supervisor.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Moves the run's folder into a child's folder, and makes the child's own user, if it has one, the owner. Replaces
    /// symbolic links by the files that they point to, because the child cannot follow links. Returns the folder's path for the
    /// child.
    pub fn lend(&self, child: &ChildFolder, user: Option<u32>) -> io::Result<PathBuf> {
        hand_over(&self.0, user)?;
        let there = self.within(child);
        fs::rename(&self.0, &there)?;
        Ok(there)
    }

    /// Moves the run's folder out of the child's reach, and removes everything in it that is neither a file nor a folder. Also
    /// removes what else the child left in its own folder.
    pub fn take_back(&self, child: &ChildFolder, user: Option<u32>) -> io::Result<()> {
        fs::rename(self.within(child), &self.0)?;
        if !fs::symlink_metadata(&self.0)?.is_dir() {
            remove(&self.0);
            return Err(io::Error::other("its folder is no folder any more"));
        }
        tree::take_over(&self.0, user)?;
        tree::empty_out(&child.0)
    }

    fn within(&self, child: &ChildFolder) -> PathBuf {
        child.0.join(self.0.file_name().unwrap_or_default())
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Prefix of workers' folders. Nothing else may have such a name, because it would be swept.
const PREFIX: &str = "docfleet-scratch-";

fn make_dir(path: &Path, mode: u32) -> io::Result<()> {
    fs::DirBuilder::new().mode(mode).create(path)
}

fn hand_over(dir: &Path, user: Option<u32>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            hand_over(&path, user)?;
        } else if kind.is_symlink() {
            let target = fs::canonicalize(&path)?;
            fs::remove_file(&path)?;
            if put(&target, &path, user)? {
                continue;
            }
            lchown(&path, user, user)?;
        } else {
            lchown(&path, user, user)?;
        }
    }
    lchown(dir, user, user)
}

/// Puts the file `target` at `path`. Makes a hard link if the child's user can read but not change it and both are on one file
/// system, else a copy. Returns whether it is a link.
fn put(target: &Path, path: &Path, user: Option<u32>) -> io::Result<bool> {
    let meta = fs::metadata(target)?;
    let read_only = user.is_some_and(|user| user != meta.uid()) && meta.mode() & 0o006 == 0o004;
    if read_only && fs::hard_link(target, path).is_ok() {
        return Ok(true);
    }
    fs::copy(target, path).map(|_| false)
}

/// As [`tree::remove`], but only logs a failure.
fn remove(path: &Path) {
    // A disk may take milliseconds for each folder, so `block_in_place` lets other tasks of this thread go on in another
    // thread.
    if let Err(error) = tokio::task::block_in_place(|| tree::remove(path)) {
        tracing::warn!(%error, path = %path.display(), "scratch folder not removed");
    }
}

/// Removes folders of workers that are gone.
fn sweep(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)?.flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX))
            && entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_ours && let Ok(Some(_locked)) = locked(&entry.path()) {
            remove(&entry.path());
        }
    }
    Ok(())
}

/// Opens and locks a folder; it stays locked while it is open. `None`: another process holds the lock, or the folder is gone.
fn locked(path: &Path) -> io::Result<Option<File>> {
    let missing_is_none = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Ok(None),
        _ => Err(error),
    };
    let folder = match File::open(path) {
        Ok(folder) => folder,
        Err(error) => return missing_is_none(error),
    };
    match folder.try_lock() {
        // A worker that held the lock before us may have removed the folder.
        Ok(()) => fs::metadata(path).map(|_| Some(folder)).or_else(missing_is_none),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::geteuid;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn root() -> (tempfile::TempDir, Root) {
        let base = tempfile::tempdir().unwrap();
        let root = Root::make(base.path(), "test").unwrap();
        (base, root)
    }

    #[test]
    fn what_was_linked_is_lent_as_a_file() {
        let (base, root) = root();
        let stored = base.path().join("stored");
        fs::write(&stored, "bytes").unwrap();
        let (run, child) = (root.for_run(Uuid::now_v7()).unwrap(), root.for_child().unwrap());
        symlink(&stored, run.path().join("original")).unwrap();

        let there = run.lend(&child, None).unwrap();
        let lent = there.join("original");
        assert!(fs::symlink_metadata(&lent).unwrap().is_file());
        // Without a user of its own the child gets a copy, so that its changes do not reach the original.
        fs::write(&lent, "other").unwrap();
        assert_eq!(fs::read_to_string(&stored).unwrap(), "bytes");
    }

    #[test]
    fn a_user_of_the_childs_own_gets_the_original_itself_and_cannot_change_it() {
        const CHILD: u32 = 2_000_000_001;
        if !geteuid().is_root() {
            eprintln!("not shown: only root can give files to others");
            return;
        }
        let (base, root) = root();
        let stored = base.path().join("stored");
        fs::write(&stored, "bytes").unwrap();
        fs::set_permissions(&stored, Permissions::from_mode(0o644)).unwrap();
        let before = fs::metadata(&stored).unwrap();
        let (run, child) = (root.for_run(Uuid::now_v7()).unwrap(), root.for_child().unwrap());
        symlink(&stored, run.path().join("original")).unwrap();
        fs::write(run.path().join("reading"), "").unwrap();
        let hidden = base.path().join("hidden");
        fs::write(&hidden, "bytes").unwrap();
        fs::set_permissions(&hidden, Permissions::from_mode(0o600)).unwrap();
        symlink(&hidden, run.path().join("hidden")).unwrap();

        let there = run.lend(&child, Some(CHILD)).unwrap();
        let lent = fs::symlink_metadata(there.join("original")).unwrap();
        assert_eq!((lent.ino(), lent.uid()), (before.ino(), before.uid()));
        for given in ["", "reading", "hidden"] {
            assert_eq!(fs::symlink_metadata(there.join(given)).unwrap().uid(), CHILD, "{given}");
        }
        assert_eq!(fs::metadata(&hidden).unwrap().uid(), before.uid());

        run.take_back(&child, Some(CHILD)).unwrap();
        for back in ["", "reading", "hidden"] {
            assert_eq!(fs::symlink_metadata(run.path().join(back)).unwrap().uid(), 0, "{back}");
        }
    }

    #[test]
    fn a_dead_workers_folder_is_swept_and_a_living_ones_is_not() {
        let (base, alive) = root();
        let dead = base.path().join("docfleet-scratch-test-dead");
        fs::create_dir_all(dead.join("run")).unwrap();
        let other = base.path().join("others");
        fs::create_dir(&other).unwrap();

        let next = Root::make(base.path(), "test").unwrap();
        assert!(!dead.exists());
        assert!(alive.path.exists() && next.path.exists() && other.exists());
        let gone = next.path.clone();
        drop(next);
        assert!(!gone.exists());
    }

    #[test]
    fn only_files_and_folders_come_back() {
        let (base, root) = root();
        let secret = base.path().join("secret");
        fs::write(&secret, "").unwrap();
        let (run, child) = (root.for_run(Uuid::now_v7()).unwrap(), root.for_child().unwrap());
        let there = run.lend(&child, None).unwrap();
        fs::create_dir(there.join("out")).unwrap();
        fs::write(there.join("out/text"), "").unwrap();
        symlink(&secret, there.join("out/link")).unwrap();
        let pipe = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0);
        rustix::fs::mknodat(rustix::fs::CWD, there.join("pipe"), pipe.0, pipe.1, pipe.2).unwrap();
        fs::write(child.path().join("left"), "").unwrap();

        run.take_back(&child, None).unwrap();
        assert!(run.path().join("out/text").exists());
        assert_eq!(fs::read_dir(run.path().join("out")).unwrap().count(), 1);
        assert_eq!(fs::read_dir(run.path()).unwrap().count(), 1);
        assert_eq!(fs::read_dir(child.path()).unwrap().count(), 0);
        assert!(secret.exists());
    }

    #[test]
    fn a_folder_that_became_a_link_is_not_taken_back() {
        let (base, root) = root();
        let (run, child) = (root.for_run(Uuid::now_v7()).unwrap(), root.for_child().unwrap());
        let there = run.lend(&child, None).unwrap();
        fs::remove_dir(&there).unwrap();
        symlink(base.path(), &there).unwrap();
        assert!(run.take_back(&child, None).is_err());
        assert!(!run.path().exists());
    }
}
