//! The servers of a fleet: the user they run as, the folder of its documents, and a private Postgres and Redis. Those are child
//! processes that listen on Unix sockets only, in a folder that only their user (and root) can enter.

mod account;
mod place;
mod postgres;
mod redis;
mod storage;
#[cfg(test)]
mod tests;

pub use account::Account;
pub use place::Place;
pub use postgres::{Postgres, find_server_programs};
pub use redis::Redis;
pub use storage::storage_url;

use anyhow::{Context, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use std::fs::OpenOptions;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// Size in bytes beyond which a server's log is truncated at its next start.
const LONGEST_LOG: u64 = 16 << 20;

/// A command that runs a system program as the servers' account. The program gets `signal` when this process ends.
///
/// It does not inherit our environment, which may contain secrets.
fn foreign(program: &Path, account: Option<Account>, signal: &str) -> Command {
    let mut command = Command::new("setpriv");
    if let Some(Account { uid, gid }) = account {
        command
            .arg(format!("--reuid={uid}"))
            .arg(format!("--regid={gid}"))
            .arg("--clear-groups");
    }
    command
        .arg(format!("--pdeathsig={signal}"))
        .arg("--")
        .arg(program)
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "TZ"))
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

/// The log file for a server's output. Appends to it, so that earlier errors stay readable.
fn log_to(path: &Path) -> Result<Stdio> {
    let long = path.metadata().is_ok_and(|meta| meta.len() > LONGEST_LOG);
    let file = OpenOptions::new()
        .create(true)
        .write(true)
        .append(!long)
        .truncate(long)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(file.into())
}

/// All but what RFC 3986 calls unreserved: for a URL's host.
const IN_HOST: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same for a URL's path.
const IN_PATH: &AsciiSet = &IN_HOST.remove(b'/');

#[cfg(test)]
mod url_tests {
    use super::*;
    use percent_encoding::utf8_percent_encode;

    #[test]
    fn urls_take_any_folder() {
        let encoded = |text, reserved| utf8_percent_encode(text, reserved).to_string();
        assert_eq!(encoded("/a b/é", IN_HOST), "%2Fa%20b%2F%C3%A9");
        assert_eq!(encoded("/a b/c_d.sock", IN_PATH), "/a%20b/c_d.sock");
    }
}
