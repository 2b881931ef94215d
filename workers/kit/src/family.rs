//! A child and whatever it started, ended to the last.
//!
//! What a child starts usually stays in its process group. What leaves the group is still its descendant, because a child
//! adopts its orphans (`PR_SET_CHILD_SUBREAPER`). Once a child has died, what had left its group is known by the child's
//! own user, and where it has none by the mark in its environment. Where its supervisor died as well, the next worker on
//! this machine knows it by the mark, too.

use crate::usage::{PROC, born, descendants, lives, processes, user};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process, kill_process_group, waitid, waitpid,
};
use std::collections::HashSet;
use std::fs;
use std::time::Duration;
use uuid::Uuid;

/// The environment variable that all of a child's family have, and nobody else: the supervisor's id, when it was born (ids
/// come again), in which namespace it has that id (a container's processes are seen from outside, too), and what tells the
/// child from its siblings.
pub const MARK: &str = "DOCFLEET_CHILD";
/// Processes that a task may have at once; the programs that it starts need a few. More end it.
pub const MOST: usize = 64;
/// So often what was started meanwhile is looked for: a family that grows faster than that is given up on.
const ROUNDS: usize = 100;
/// Who is killed takes a moment to be gone.
const DYING: Duration = Duration::from_millis(1);

/// By what a child's family is known.
#[derive(Debug, Clone)]
pub struct Family {
    pub pid: u32,
    pub mark: String,
    /// The child's own user, where it has one.
    pub user: Option<u32>,
}

impl Family {
    /// Kills the child, which leads its process group and was not waited for yet, with its family.
    pub fn end(&self) {
        // It starts nothing more while we look.
        signal(self.pid, Signal::STOP);
        end_all(|| descendants(self.pid).into_iter().chain(self.others()).collect());
        if let Some(pid) = known(self.pid) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    /// Living processes that are known by their user or their mark.
    fn others(&self) -> impl Iterator<Item = u32> {
        processes().filter(|pid| self.user.is_some_and(|ours| user(*pid) == Some(ours)) || has_mark(*pid, &self.mark))
    }
}

/// The mark of a new child of the process that calls this.
pub fn new_mark() -> String {
    let us = std::process::id();
    format!(
        "{us}:{}:{}:{}",
        born(us).unwrap_or_default(),
        namespace(),
        Uuid::now_v7()
    )
}

/// The number of the namespace in which processes have their ids for us.
fn namespace() -> String {
    let link = fs::read_link(format!("{PROC}/self/ns/pid")).unwrap_or_default();
    link.to_string_lossy().chars().filter(char::is_ascii_digit).collect()
}

/// Ends families whose supervisor is no more: who dies together with its supervisor leaves nobody who would.
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

/// Ends the process that calls this, with its family. `user`: its own, where it has one.
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

/// Ends what the process that calls this has started, except for `kept`, and waits for its end. Says whether it came.
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
        // Those that are not our own children become so when their parents are gone.
        for pid in left.into_iter().filter_map(known) {
            let _ = waitpid(Some(pid), WaitOptions::empty());
        }
    }
    false
}

/// The kernel's word for it: a list of children may lack one whose parent dies while we read.
fn childless() -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::All, look), Err(Errno::CHILD))
}

/// Ends all that are found until none lives. All are stopped before any is killed: who is killed makes room for another,
/// who is stopped does not.
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

/// To one that is gone already this does nothing.
fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = known(pid) {
        let _ = kill_process(pid, signal);
    }
}
