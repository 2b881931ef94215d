//! Where the private servers keep their files and sockets.

use super::Account;
use crate::data_dir::DataDir;
use anyhow::{Context, Result, bail};
use rustix::process::geteuid;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};

/// Longest path of a Unix socket, in bytes (`sun_path`, less its closing zero).
const LONGEST_SOCKET: usize = 107;
/// Name of Postgres' socket, the longest one in `run`.
const SOCKET: &str = ".s.PGSQL.5432";
/// Where a fleet started by root keeps cluster and documents when other users cannot enter its data folder, for example below
/// /root.
const ELSEWHERE: &str = "/var/lib/docfleet";

#[derive(Debug, Clone)]
pub struct Place {
    /// The folder of the Postgres cluster. Empty until the cluster has been made.
    pub cluster: PathBuf,
    /// The folder of the sockets; mode 0700.
    pub run: PathBuf,
    /// The folder of the servers' logs. Owned by us, not by the servers' account.
    pub logs: PathBuf,
    pub account: Option<Account>,
    /// Identifies this fleet's server processes.
    pub tag: String,
}

impl Place {
    pub fn find(data: &DataDir) -> Result<Place> {
        let known = data.join("postgres");
        let cluster = known.canonicalize().ok().filter(|path| path.is_dir());
        let account = Account::for_servers(cluster.as_deref())?;
        let cluster = match cluster {
            Some(cluster) => cluster,
            None => new_cluster(data, &known, account)?,
        };
        check_owner(&cluster)?;
        let beside = cluster.parent().unwrap_or(data.path());
        Ok(Place {
            run: run_folder(beside, &data.tag(), account)?,
            logs: data.private_folder("logs")?,
            tag: format!("docfleet-{}", data.tag()),
            cluster,
            account,
        })
    }
}

/// Creates the cluster's folder where the account can reach it.
fn new_cluster(data: &DataDir, known: &Path, account: Option<Account>) -> Result<PathBuf> {
    let cluster = match account {
        Some(account) if !account.may("-x", data.path()) => elsewhere(data, known, account)?,
        _ => known.to_owned(),
    };
    make(&cluster, 0o700)?;
    Account::give(account, &cluster)?;
    Ok(cluster)
}

/// A folder outside of a closed data folder, in place of `known`. A symbolic link at `known` points to it, so that it is found
/// again even when the data folder is moved.
pub(super) fn elsewhere(data: &DataDir, known: &Path, account: Account) -> Result<PathBuf> {
    let folder = Path::new(ELSEWHERE)
        .join(data.tag())
        .join(known.file_name().unwrap_or_default());
    tracing::info!(
        "servers run as user {}, who cannot reach {}; its files are in {}",
        account.uid,
        known.display(),
        folder.display()
    );
    make(folder.parent().unwrap_or(Path::new(ELSEWHERE)), 0o755)?;
    if fs::symlink_metadata(known).is_ok_and(|meta| meta.is_dir()) {
        fs::rename(known, &folder).with_context(|| {
            format!(
                "cannot move {} to {}; move it there by hand and leave a link, or start docfleet as an ordinary user",
                known.display(),
                folder.display()
            )
        })?;
    }
    let _ = fs::remove_file(known);
    symlink(&folder, known).with_context(|| format!("cannot make the link {}", known.display()))?;
    Ok(folder)
}

pub(super) fn make(path: &Path, mode: u32) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .with_context(|| format!("cannot make {}", path.display()))
}

fn check_owner(cluster: &Path) -> Result<()> {
    let (owner, us) = (cluster.metadata()?.uid(), geteuid());
    if !us.is_root() && owner != us.as_raw() {
        bail!(
            "{} belongs to user {owner}; start docfleet as that user or as root, or choose another folder with --data",
            cluster.display()
        );
    }
    Ok(())
}

/// The folder `run` beside the cluster, or one below /tmp if that path is too long for a socket.
fn run_folder(beside: &Path, tag: &str, account: Option<Account>) -> Result<PathBuf> {
    let near = beside.join("run");
    let run = if near.join(SOCKET).as_os_str().len() <= LONGEST_SOCKET {
        near
    } else {
        Path::new("/tmp").join(format!("docfleet-{tag}"))
    };
    if let Err(error) = DirBuilder::new().mode(0o700).create(&run)
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(error).with_context(|| format!("cannot make {}", run.display()));
    }
    // The folder's owner could impersonate our servers, and everybody can write to /tmp.
    let meta = fs::symlink_metadata(&run)?;
    let ours = meta.is_dir()
        && meta.mode() & 0o077 == 0
        && (meta.uid() == geteuid().as_raw() || account.is_some_and(|account| account.uid == meta.uid()));
    if !ours {
        bail!(
            "{} is not a private folder of ours; remove it, or choose another --data",
            run.display()
        );
    }
    Account::give(account, &run)?;
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_folders_get_short_sockets() {
        let tmp = tempfile::tempdir().unwrap();
        let deep = tmp.path().join("d".repeat(90));
        let tag = format!("test-{}", std::process::id());
        let run = run_folder(&deep, &tag, None).unwrap();
        assert!(run.join(SOCKET).as_os_str().len() <= LONGEST_SOCKET);
        assert_eq!(run_folder(&deep, &tag, None).unwrap(), run, "the same one each time");
        fs::remove_dir(&run).unwrap();
        symlink(tmp.path(), &run).unwrap();
        assert!(
            run_folder(&deep, &tag, None).is_err(),
            "somebody else's link is not followed"
        );
        fs::remove_file(&run).unwrap();
    }
}
