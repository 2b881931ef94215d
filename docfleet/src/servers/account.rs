//! Whom the servers of a root's fleet run as. Postgres refuses to be root, rightly.

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

/// Tried in this order.
const USERS: &[&str] = &["postgres", "nobody"];

impl Account {
    /// For the servers of a root's fleet: who owns its cluster, else a user of the system. `None`: we are not root, and
    /// the servers run as whoever we are.
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

    /// Whether `test` says so to this user of a path: permissions, access lists and mounts all have a say.
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

    /// Hands a file or folder to the account; `None` leaves it as it is.
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
