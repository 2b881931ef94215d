//! Ends a child together with its family: all processes that it started, directly or indirectly.
//!
//! Processes that a child starts usually stay in its process group. A process that leaves the group is still a descendant,
//! because a child adopts its orphans (`PR_SET_CHILD_SUBREAPER`). Once a child has died, processes that had left its group are
//! recognised by the child's own user or, if it has none, by the mark in their environment. If the supervisor died as well, the
//! next worker on this machine recognises them by the mark, too.

use crate::usage::{PROC, born, descendants, lives, processes, user};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, kill_process_group, waitid, waitpid,
};
use std::collections::HashSet;
use std::fs;
use std::time::Duration;
use uuid::Uuid;

/// The environment variable that marks all processes of a child's family. It holds the supervisor's process id, the
/// supervisor's start time (because ids are reused), the namespace of that id (because a container's processes are visible from
/// outside, too), and an id that is unique to the child.
pub const MARK: &str = "DOCFLEET_CHILD";
/// How many processes a task may have at once. The programs that it starts need a few. A task with more is ended.
pub const MOST: usize = 64;
/// How often to look for processes that were started meanwhile. If a family still grows after that, ending it is given up.
const ROUNDS: usize = 100;
/// A killed process takes a moment to be gone.
const DYING: Duration = Duration::from_millis(1);

/// What identifies a child's family.
#[derive(Debug, Clone)]
pub struct Family {
    pub pid: u32,
    pub mark: String,
    /// The child's own user, if it has one.
    pub user: Option<u32>,
}

impl Family {
    /// Kills the child with its family. The child must lead its process group and must not have been waited for yet.
    pub fn end(&self) {
        // Stopped first, so that it starts no more processes while we look.
        signal(self.pid, Signal::STOP);
        end_all(|| descendants(self.pid).into_iter().chain(self.others()).collect());
        if let Some(pid) = known(self.pid) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    /// Processes of the family that are recognised by their user or their mark.
    fn others(&self) -> impl Iterator<Item = u32> {
        processes().filter(|pid| self.user.is_some_and(|ours| user(*pid) == Some(ours)) || has_mark(*pid, &self.mark))
    }
}

/// The mark for a new child of the calling process.
pub fn new_mark() -> String {
    let us = std::process::id();
    format!(
        "{us}:{}:{}:{}",
        born(us).unwrap_or_default(),
        namespace(),
        Uuid::now_v7()
    )
}

/// The number of our process id namespace.
fn namespace() -> String {
    let link = fs::read_link(format!("{PROC}/self/ns/pid")).unwrap_or_default();
    link.to_string_lossy().chars().filter(char::is_ascii_digit).collect()
}

/// Ends families whose supervisor is gone. If a child died together with its supervisor, neither was left to end its family.
pub fn end_orphaned() {
    end_all(|| {
        processes()
            .filter(|pid| mark_of(*pid).is_some_and(|mark| is_orphaned(&mark)))
            .collect()
    });
}

fn is_orphaned(mark: &str) -> bool {
    let mut parts = mark.split(':');
    let supervisor = parts.next().and_then(|pid| pid.parse().ok());
    let then = parts.next().and_then(|time| time.parse::<u64>().ok());
    let of_ours = parts.next().is_some_and(|its| its == namespace());
    supervisor.is_some_and(|pid: u32| of_ours && then.is_some() && (!lives(pid) || born(pid) != then))
}

/// Ends the calling process with its family. `user`: the process's own user, if it has one.
pub fn end_ourselves(user: Option<u32>) -> ! {
    let us = Family {
        pid: std::process::id(),
        mark: std::env::var(MARK).unwrap_or_default(),
        user,
    };
    end_all(|| {
        let all = descendants(us.pid).into_iter().chain(us.others());
        all.filter(|pid| *pid != us.pid).collect()
    });
    let _ = rustix::process::kill_current_process_group(Signal::KILL);
    std::process::exit(1)
}

/// Ends all processes that the calling process has started, except for `kept`, and waits for them. Returns whether all ended.
pub fn end_strays(kept: &[u32]) -> bool {
    let strays = || {
        let mut strays = descendants(std::process::id());
        strays.retain(|pid| !kept.contains(pid));
        strays
    };
    for _ in 0..ROUNDS {
        let left = strays();
        if left.is_empty() && (!kept.is_empty() || childless()) {
            return true;
        }
        end_all(strays);
        // Processes that are not our own children become so when their parents are gone.
        for pid in left.into_iter().filter_map(known) {
            let _ = waitpid(Some(pid), WaitOptions::empty());
        }
    }
    false
}

/// Asks the kernel whether we have no children, because a list of children may lack one whose parent dies while we read.
fn childless() -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::All, look), Err(Errno::CHILD))
}

/// Ends all processes that `look` finds, until none lives. All are stopped before any is killed: a killed process makes room
/// for a new one, a stopped process does not.
fn end_all(look: impl Fn() -> Vec<u32>) {
    for _ in 0..ROUNDS {
        let mut stopped = HashSet::new();
        for _ in 0..ROUNDS {
            let mut found = look();
            found.retain(|pid| lives(*pid) && stopped.insert(*pid));
            if found.is_empty() {
                break;
            }
            found.into_iter().for_each(|pid| signal(pid, Signal::STOP));
        }
        if stopped.is_empty() {
            return;
        }
        stopped.into_iter().for_each(|pid| signal(pid, Signal::KILL));
        std::thread::sleep(DYING);
    }
}

fn has_mark(pid: u32, mark: &str) -> bool {
    mark_of(pid).is_some_and(|its| its == mark)
}

fn mark_of(pid: u32) -> Option<String> {
    let environment = fs::read(format!("{PROC}/{pid}/environ")).ok()?;
    let entries = environment.split(|byte| *byte == 0);
    let mark = entries
        .filter_map(|e| e.strip_prefix(MARK.as_bytes())?.strip_prefix(b"="))
        .next()?;
    String::from_utf8(mark.to_vec()).ok()
}

fn known(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// Sends a signal. Does nothing if the process is already gone.
fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = known(pid) {
        let _ = kill_process(pid, signal);
    }
}
