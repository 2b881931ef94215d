//! If the worker is root, each child has a user and a group of its own. The kernel then keeps it from the files and processes
//! of all other users, and counts its processes separately.

use crate::usage::PROC;
use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{CapabilitySet, capabilities, set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

/// Start of a range of user ids that are not in use. A child's user id is this plus its process id, so that no two living
/// children share one.
const FIRST: u32 = 2_000_000_000;

/// Capabilities that the worker needs to switch a child to such a user, and to handle the files that the child leaves.
const NEEDED: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID);

pub enum Own {
    Taken(u32),
    Refused(String),
    /// The worker is not root, so it cannot give the child another user.
    NotOurs,
}

/// Switches this process, which has one thread, to a user of its own, and makes that user the owner of `folder`.
pub fn take(folder: &Path) -> Own {
    if !geteuid().is_root() {
        return Own::NotOurs;
    }
    let id = FIRST + std::process::id();
    match possible(id, folder).and_then(|()| become_user(id, folder)) {
        Ok(()) => Own::Taken(id),
        Err(reason) => Own::Refused(reason),
    }
}

fn possible(id: u32, folder: &Path) -> Result<(), String> {
    let have = capabilities(None).map_err(|e| e.to_string())?.effective;
    let lacking = NEEDED.difference(have);
    if !lacking.is_empty() {
        let names: Vec<&str> = lacking.iter_names().map(|(name, _)| name).collect();
        return Err(format!("the worker is root without capability {}", names.join(", ")));
    }
    for map in ["uid_map", "gid_map"] {
        let text = fs::read_to_string(format!("{PROC}/self/{map}")).map_err(|e| e.to_string())?;
        if !maps(&text, id) {
            return Err(format!("this user namespace has no id {id}"));
        }
    }
    let closed = folder
        .ancestors()
        .skip(1)
        .find(|a| fs::metadata(a).is_ok_and(|m| m.mode() & 0o001 == 0));
    match closed {
        Some(closed) => Err(format!(
            "folder {} lets no other user pass; chmod o+x it, or let WORKER_SCRATCH_DIR name another folder",
            closed.display()
        )),
        None => Ok(()),
    }
}

/// Whether the map has `id`. Its lines hold the first inner id, the first outer id and the count.
fn maps(text: &str, id: u32) -> bool {
    text.lines().any(|line| {
        let numbers: Vec<u64> = line.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        matches!(numbers[..], [first, _, count] if (first..first + count).contains(&u64::from(id)))
    })
}

fn become_user(id: u32, folder: &Path) -> Result<(), String> {
    chown(folder, Some(id), Some(id)).map_err(|e| format!("its folder cannot be given to it: {e}"))?;
    let (user, group) = (Uid::from_raw(id), Gid::from_raw(id));
    let changed = set_thread_groups(&[])
        .and_then(|()| set_thread_res_gid(group, group, group))
        .and_then(|()| set_thread_res_uid(user, user, user));
    changed.map_err(|e| format!("user {id} cannot be taken: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_user_namespace_are_known() {
        assert!(maps("         0          0 4294967295\n", FIRST));
        assert!(!maps("0 1000 1\n1 100000 65536\n", FIRST));
        assert!(maps("0 1000 1\n1 100000 65536\n", 65536));
    }
}
