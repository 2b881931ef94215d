//! What a child and all that it started take: resident memory, CPU time and processes, from /proc.
//!
//! Memory that several of a family share counts once for each. The kernel knows better (`smaps_rollup`), but walks all
//! pages for it and tells only who may debug the process, which an ordinary user's worker, and one in a container, may not.

use std::fs;
use std::time::Duration;

pub const PROC: &str = "/proc";
/// How often a child's memory and clocks are looked at.
pub const LOOK: Duration = Duration::from_millis(250);
/// A look costs a fraction of this.
const SOONEST_LOOK: Duration = Duration::from_millis(10);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    pub rss_kib: u64,
    /// Of the living and of the dead that were waited for.
    pub cpu: Duration,
    pub processes: usize,
}

/// Sums over the process and its descendants. A process that ends meanwhile counts as nothing.
pub fn sample(pid: u32) -> Sample {
    let mut sum = Sample::default();
    for one in std::iter::once(pid).chain(descendants(pid)).filter_map(of_process) {
        sum.rss_kib += one.rss_kib;
        sum.cpu += one.cpu;
        sum.processes += one.processes;
    }
    sum
}

/// When to look again at memory that grew so much since the last look: half-way to its limit at that rate.
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
    let threads = fs::read_dir(format!("{PROC}/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

/// All processes that there are.
pub fn processes() -> impl Iterator<Item = u32> {
    let all = fs::read_dir(PROC).into_iter().flatten().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Whether it is there and not dead.
pub fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("{PROC}/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// When it was started, in the kernel's ticks since the machine was.
pub fn born(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("{PROC}/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    // The 22nd field; the third comes first here.
    rest.split(' ').nth(19)?.parse().ok()
}

/// Whose process it is.
pub fn user(pid: u32) -> Option<u32> {
    status(pid, "Uid:")
}

/// How many processes and threads a user has.
pub fn tasks_of_user(id: u32) -> u64 {
    let theirs = processes().filter(|pid| user(*pid) == Some(id));
    theirs.filter_map(|pid| status(pid, "Threads:")).map(u64::from).sum()
}

fn status(pid: u32, field: &str) -> Option<u32> {
    let text = fs::read_to_string(format!("{PROC}/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_whitespace().next()?.parse().ok()
}

/// How many processes the kernel has ended so far because memory ran out, here or in any control group.
pub fn oom_kills() -> u64 {
    let counters = fs::read_to_string(format!("{PROC}/vmstat")).unwrap_or_default();
    let count = counters.lines().find_map(|line| line.strip_prefix("oom_kill "));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// Fields of `/proc/PID/stat` after the command's name, which may hold anything, blanks and brackets included.
fn of_process(pid: u32) -> Option<Sample> {
    let stat = fs::read_to_string(format!("{PROC}/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index).and_then(|f| f.parse::<u64>().ok());
    // proc_pid_stat(5) numbers from 1 with the name as 2: utime 14, stime 15, cutime 16, cstime 17, rss 24 (pages).
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some(Sample {
        rss_kib: number(21)? * rustix::param::page_size() as u64 / 1024,
        cpu: Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64),
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
