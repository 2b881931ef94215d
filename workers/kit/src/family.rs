//! A child and whatever it started, ended to the last.
//!
//! What a child starts usually stays in its process group. What leaves the group is still its descendant, because a child
//! adopts its orphans (`PR_SET_CHILD_SUBREAPER`). Once a child has died, what had left its group is known only by the mark
//! in its environment.

use crate::usage::descendants;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpid};
use std::collections::HashSet;
use std::fs;

/// The environment variable that all of a child's family have, and nobody else.
pub const MARK: &str = "DOCFLEET_CHILD";
/// So often what was started meanwhile is looked for: a family that grows faster than that is given up on.
const ROUNDS: usize = 100;

/// Kills the child `pid`, which leads its process group and was not waited for yet, with its family.
pub fn end(pid: u32, mark: &str) {
    // It starts nothing more while we look.
    signal(pid, Signal::STOP);
    end_all(|| descendants(pid).into_iter().chain(marked(mark)).collect());
    if let Some(pid) = known(pid) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// Ends the process that calls this, with its family.
pub fn end_ourselves() -> ! {
    let us = std::process::id();
    let mark = std::env::var(MARK).unwrap_or_default();
    end_all(|| {
        let all = descendants(us).into_iter().chain(marked(&mark));
        all.filter(|pid| *pid != us).collect()
    });
    let _ = rustix::process::kill_current_process_group(Signal::KILL);
    std::process::exit(1)
}

/// Ends what the process that calls this has started, except for `kept`, and waits for its end.
pub fn end_strays(kept: &[u32]) {
    for _ in 0..ROUNDS {
        let mut strays = descendants(std::process::id());
        strays.retain(|pid| !kept.contains(pid));
        if strays.is_empty() {
            return;
        }
        strays.iter().for_each(|pid| signal(*pid, Signal::KILL));
        // Those that are not our own children become so when their parents are gone.
        for pid in strays.into_iter().filter_map(known) {
            let _ = waitpid(Some(pid), WaitOptions::empty());
        }
    }
}

fn end_all(look: impl Fn() -> Vec<u32>) {
    let mut ended = HashSet::new();
    for _ in 0..ROUNDS {
        let mut found = look();
        found.retain(|pid| ended.insert(*pid));
        if found.is_empty() {
            return;
        }
        found.into_iter().for_each(|pid| signal(pid, Signal::KILL));
    }
}

/// Living processes with this mark.
fn marked(mark: &str) -> Vec<u32> {
    let entry = format!("{MARK}={mark}");
    let has_it = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|e| e == entry.as_bytes())
    };
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|e| e.file_name().to_str()?.parse().ok())
        .filter(has_it)
        .collect()
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
