//! What a child and all that it started take: resident memory and CPU time, from /proc.

use std::fs;
use std::time::Duration;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    pub rss_kib: u64,
    /// Of the living and of the dead that were waited for.
    pub cpu: Duration,
}

/// Sums over the process and its descendants. A process that ends meanwhile counts as nothing.
pub fn sample(pid: u32) -> Sample {
    let mut sum = Sample::default();
    for one in std::iter::once(pid).chain(descendants(pid)).filter_map(of_process) {
        sum.rss_kib += one.rss_kib;
        sum.cpu += one.cpu;
    }
    sum
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
    let threads = fs::read_dir(format!("/proc/{pid}/task"))
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

/// Fields of `/proc/PID/stat` after the command's name, which may hold anything, blanks and brackets included.
fn of_process(pid: u32) -> Option<Sample> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index).and_then(|f| f.parse::<u64>().ok());
    // proc_pid_stat(5) numbers from 1 with the name as 2: utime 14, stime 15, cutime 16, cstime 17, rss 24 (pages).
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some(Sample {
        rss_kib: number(21)? * rustix::param::page_size() as u64 / 1024,
        cpu: Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64),
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
    }
}
