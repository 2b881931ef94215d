//! Processes below a process, as `/proc` shows them.

use std::fs;

/// A process, and what it goes by: its program's name, with ` child` behind it for a worker's child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pid: i32,
    name: String,
}

impl Process {
    fn of(pid: i32) -> Process {
        let line = command_line(pid);
        let program = line.split([' ', ':']).next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        let child = if line.contains("--child") { " child" } else { "" };
        Process {
            pid,
            name: format!("{program}{child}"),
        }
    }

    pub fn pid(&self) -> i32 {
        self.pid
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

/// All below `pid`, parents before their children. What is dead and not yet waited for is left out.
pub fn descendants(pid: i32) -> Vec<Process> {
    let mut found = children(pid);
    let mut next = 0;
    while let Some(pid) = found.get(next).copied() {
        found.extend(children(pid));
        next += 1;
    }
    found.into_iter().filter(|pid| runs(*pid)).map(Process::of).collect()
}

pub fn children(pid: i32) -> Vec<i32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten();
    threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<i32>>()
        })
        .collect()
}

pub fn command_line(pid: i32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

/// One that is dead and not yet waited for does not run.
pub fn runs(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// Resident memory, in KiB.
pub fn resident_kib(pid: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().split(' ').next()?.parse().ok()
}
