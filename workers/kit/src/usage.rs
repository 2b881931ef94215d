//! Resource usage of a child and its descendants: resident memory, CPU time and processes, from /proc.
//!
//! Memory that several processes share counts once for each of them. The kernel has exact figures (`smaps_rollup`), but walks
//! all pages to compute them, and shows them only to processes that may debug the child. A worker of an ordinary user, or one
//! in a container, may not.

use procfs::process::{Process, Stat, all_processes};
use std::time::Duration;

pub const PROC: &str = "/proc";
/// How often a child's memory and times are checked.
pub const LOOK: Duration = Duration::from_millis(250);
/// Shortest time between two checks. A check costs a fraction of this.
const SOONEST_LOOK: Duration = Duration::from_millis(10);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    pub rss_kib: u64,
    /// Of living processes, and of dead ones that were waited for.
    pub cpu: Duration,
    pub processes: usize,
}

/// The sum over the process and its descendants. A process that ends meanwhile does not count.
pub fn sample(pid: u32) -> Sample {
    let mut sum = Sample::default();
    for one in std::iter::once(pid).chain(descendants(pid)).filter_map(of_process) {
        sum.rss_kib += one.rss_kib;
        sum.cpu += one.cpu;
        sum.processes += one.processes;
    }
    sum
}

/// When to check memory again that grew so much since the last check: half-way to its limit at that rate.
pub fn next_look(grown_kib: u64, within: Duration, headroom_kib: u64) -> Duration {
    match grown_kib {
        0 => LOOK,
        grown => within
            .mul_f64(headroom_kib as f64 / grown as f64 / 2.0)
            .clamp(SOONEST_LOOK, LOOK),
    }
}

/// The process's children, their children, and so on.
pub fn descendants(pid: u32) -> Vec<u32> {
    let mut found = children(pid);
    let mut next = 0;
    while let Some(pid) = found.get(next).copied() {
        found.extend(children(pid));
        next += 1;
    }
    found
}

fn children(pid: u32) -> Vec<u32> {
    let threads = process(pid).and_then(|process| process.tasks().ok());
    let threads = threads.into_iter().flatten().flatten();
    threads.filter_map(|thread| thread.children().ok()).flatten().collect()
}

fn process(pid: u32) -> Option<Process> {
    Process::new(pid.try_into().ok()?).ok()
}

/// All processes that are visible here.
pub fn processes() -> impl Iterator<Item = u32> {
    let all = all_processes().into_iter().flatten().flatten();
    all.filter_map(|process| process.pid().try_into().ok())
}

/// Whether the process exists and is not dead.
pub fn lives(pid: u32) -> bool {
    stat(pid).is_some_and(|stat| !matches!(stat.state, 'Z' | 'X'))
}

/// Start time of the process, in clock ticks since boot.
pub fn born(pid: u32) -> Option<u64> {
    Some(stat(pid)?.starttime)
}

fn stat(pid: u32) -> Option<Stat> {
    process(pid)?.stat().ok()
}

/// The process's real user id.
pub fn user(pid: u32) -> Option<u32> {
    Some(process(pid)?.status().ok()?.ruid)
}

/// How many processes and threads a user has.
pub fn tasks_of_user(id: u32) -> u64 {
    let all = all_processes().into_iter().flatten().flatten();
    let all = all.filter_map(|process| process.status().ok());
    all.filter(|status| status.ruid == id)
        .map(|status| status.threads)
        .sum()
}

/// How many processes the kernel has ended so far because memory ran out, here or in any control group.
pub fn oom_kills() -> u64 {
    let counters = procfs::vmstat().unwrap_or_default();
    counters
        .get("oom_kill")
        .and_then(|count| (*count).try_into().ok())
        .unwrap_or(0)
}

fn of_process(pid: u32) -> Option<Sample> {
    let stat = stat(pid)?;
    let waited_for = u64::try_from(stat.cutime + stat.cstime).unwrap_or_default();
    let ticks = stat.utime + stat.stime + waited_for;
    Some(Sample {
        rss_kib: stat.rss * procfs::page_size() / 1024,
        cpu: Duration::from_secs_f64(ticks as f64 / procfs::ticks_per_second() as f64),
        processes: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_is_touched_is_seen() {
        let before = sample(std::process::id()).rss_kib;
        let block = vec![1u8; 64 << 20];
        let after = sample(std::process::id()).rss_kib;
        assert!(
            after >= before + 60 * 1024,
            "{before} → {after} with {} bytes",
            block.len()
        );
    }

    #[test]
    fn a_process_that_is_no_more_takes_nothing() {
        assert_eq!(sample(u32::MAX), Sample::default());
        assert!(!lives(u32::MAX));
    }

    #[test]
    fn our_user_has_at_least_our_threads() {
        let us = rustix::process::geteuid().as_raw();
        assert_eq!(user(std::process::id()), Some(us));
        assert!(tasks_of_user(us) >= 1);
    }

    #[test]
    fn the_faster_memory_grows_the_sooner_is_the_next_look() {
        const GIB: u64 = 1 << 20;
        assert_eq!(next_look(0, LOOK, GIB), LOOK);
        assert_eq!(next_look(1, LOOK, GIB), LOOK);
        // 4 GiB a second with 1 GiB to go.
        assert_eq!(next_look(GIB, LOOK, GIB), LOOK / 2);
        assert_eq!(next_look(GIB, LOOK, 0), SOONEST_LOOK);
        assert_eq!(next_look(GIB, Duration::ZERO, GIB), SOONEST_LOOK);
    }
}
