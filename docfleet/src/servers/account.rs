//! The user that the servers of a fleet run as when the fleet is started by root. Postgres refuses to run as root.

use anyhow::{Context, Result, bail};
use rustix::process::geteuid;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    pub uid: u32,
    pub gid: u32,
}

/// Tried in this order when the cluster does not exist yet.
const USERS: &[&str] = &["postgres", "nobody"];

impl Account {
    /// The account for the servers: the owner of the cluster, else one of `USERS`. `None`: we are not root, and the servers
    /// run as our own user.
    pub fn for_servers(cluster: Option<&Path>) -> Result<Option<Account>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        if let Some(owner) = cluster.and_then(|path| path.metadata().ok()) {
            if owner.uid() == 0 {
                bail!(
                    "the Postgres cluster belongs to root, as whom Postgres refuses to run; chown it to an ordinary user"
                );
            }
            return Ok(Some(Account {
                uid: owner.uid(),
                gid: owner.gid(),
            }));
        }
        let passwd = std::fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let account = USERS.iter().find_map(|user| in_passwd(&passwd, user));
        Ok(Some(account.context(
            "servers do not run as root, and this system has neither a user postgres nor a user nobody; start docfleet as an ordinary user",
        )?))
    }

    /// Runs `test` as this user on a path, because permissions, access lists and mounts all matter.
    pub fn may(self, what: &str, path: &Path) -> bool {
        Command::new("setpriv")
            .arg(format!("--reuid={}", self.uid))
            .arg(format!("--regid={}", self.gid))
            .args(["--clear-groups", "--", "test", what])
            .arg(path)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Makes the account the owner of a file or folder. With `None`, the owner stays.
    pub fn give(account: Option<Account>, path: &Path) -> Result<()> {
        let Some(Account { uid, gid }) = account else {
            return Ok(());
        };
        chown(path, Some(uid), Some(gid)).with_context(|| format!("cannot hand {} to user {uid}", path.display()))
    }
}

fn in_passwd(passwd: &str, user: &str) -> Option<Account> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(user))?;
    let mut ids = line.split(':').skip(2);
    let uid = ids.next()?.parse().ok()?;
    let gid = ids.next()?.parse().ok()?;
    Some(Account { uid, gid })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\npostgresql:x:1:1::/:/bin/sh\npostgres:x:101:104:,,,:/var:/bin/sh\n";
        assert_eq!(in_passwd(passwd, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(in_passwd(passwd, "nobody"), None);
    }
}
