//! Other processes, of any user, as listed in `/proc`.

use procfs::process::{Process, all_processes};
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;

/// The child processes of `parent`. Processes that end meanwhile are left out.
pub fn children_of(parent: u32) -> Vec<Pid> {
    let is_child = |process: &Process| process.stat().is_ok_and(|stat| u32::try_from(stat.ppid) == Ok(parent));
    all().filter(is_child).filter_map(pid_of).collect()
}

/// The live processes of the program `name` whose command line contains `mark`.
pub fn marked(name: &str, mark: &str) -> Vec<Pid> {
    all()
        .filter(|process| is_marked(process, name, mark))
        .filter_map(pid_of)
        .collect()
}

/// Sends a signal to each process. One that has already ended is ignored.
pub fn signal_all(pids: &[Pid], signal: Signal) {
    for pid in pids {
        let _ = kill_process(*pid, signal);
    }
}

fn all() -> impl Iterator<Item = Process> {
    all_processes().into_iter().flatten().flatten()
}

fn pid_of(process: Process) -> Option<Pid> {
    Pid::from_raw(process.pid())
}

fn is_marked(process: &Process, name: &str, mark: &str) -> bool {
    let line = process.cmdline().unwrap_or_default().join(" ");
    // Postgres puts a colon behind its name.
    let program = line.split([' ', ':']).next().unwrap_or_default();
    Path::new(program).file_name().is_some_and(|file| file == name) && line.contains(mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn children_are_found_by_parent_and_by_mark() {
        let mut child = Command::new("tail")
            .args(["-f", "/dev/null", "--pid=1", "--sleep-interval=0.734519"])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let pid = Pid::from_child(&child);
        assert!(children_of(std::process::id()).contains(&pid));
        // Between fork and exec the child still has our own command line.
        while !marked("tail", "0.734519").contains(&pid) {
            assert!(child.try_wait().unwrap().is_none());
        }
        assert!(!marked("tail", "no such mark").contains(&pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!children_of(std::process::id()).contains(&pid));
    }
}
