//! Folders of a worker: each run has one, and each child has one that it may write to. None outlives its worker by long.
//!
//! The supervisor fills a run's folder, lends it to a child for the task, and takes it back before it reads what is there.

use crate::tree;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, lchown};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A worker process's folder, below which runs and children have theirs. Whose it is, is told by a lock on it and not by a process
/// id: workers in several containers of a machine may share the folder that this one is in.
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
            // Children pass through it to their own folder; nobody sees what else is here.
            make_dir(&path, 0o711)?;
            // Another worker that sweeps may have been faster.
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
    /// Where the supervisor has it.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Moves it into a child's folder, and makes it the child's own user's, if it has one. What the supervisor linked to
    /// is put in place of the links, because the child can follow none. Returns where the child has it.
    pub fn lend(&self, child: &ChildFolder, user: Option<u32>) -> io::Result<PathBuf> {
        hand_over(&self.0, user)?;
        let there = self.within(child);
        fs::rename(&self.0, &there)?;
        Ok(there)
    }

    /// Moves it out of the child's reach, less what is neither a file nor a folder. What else the child left in its folder is
    /// removed.
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

/// Nothing else may be called so: it would be swept.
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

/// Puts the file `target` at `path`, and says whether it is the very same: where the child's user can read it and not
/// change it, and both are on one file system, nothing is copied.
fn put(target: &Path, path: &Path, user: Option<u32>) -> io::Result<bool> {
    let meta = fs::metadata(target)?;
    let read_only = user.is_some_and(|user| user != meta.uid()) && meta.mode() & 0o006 == 0o004;
    if read_only && fs::hard_link(target, path).is_ok() {
        return Ok(true);
    }
    fs::copy(target, path).map(|_| false)
}

/// As [`tree::remove`], where the caller could do no more about a failure than tell.
fn remove(path: &Path) {
    // A disk may take milliseconds for each folder: other tasks of this thread go on elsewhere.
    if let Err(error) = tokio::task::block_in_place(|| tree::remove(path)) {
        tracing::warn!(%error, path = %path.display(), "scratch folder not removed");
    }
}

/// Removes folders of worker processes that are no more.
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

/// The folder, open and locked for as long as it is; `None`: somebody else has it locked, or it is gone.
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
        // Whoever removed it had it locked before us.
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
        // Nobody but us: a copy, so that what is done to it is not done to the original.
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
