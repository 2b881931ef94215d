//! Other processes, as `/proc` shows them to everybody, whoever they belong to.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::Path;

/// The processes whose parent this is. Processes that end meanwhile are left out.
pub fn children_of(parent: u32) -> Vec<Pid> {
    pids().filter(|pid| parent_of(*pid) == Some(parent)).collect()
}

/// The live processes of the program `name` whose command line contains `mark`.
pub fn marked(name: &str, mark: &str) -> Vec<Pid> {
    pids().filter(|pid| is_marked(*pid, name, mark)).collect()
}

/// Sends a signal to each; who has ended meanwhile needs none.
pub fn signal_all(pids: &[Pid], signal: Signal) {
    for pid in pids {
        let _ = kill_process(*pid, signal);
    }
}

fn pids() -> impl Iterator<Item = Pid> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(Pid::from_raw)
}

fn parent_of(pid: Pid) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // "pid (name) state parent …"; the name may hold spaces and parentheses.
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

fn is_marked(pid: Pid, name: &str, mark: &str) -> bool {
    let Ok(line) = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())) else {
        return false;
    };
    let line = String::from_utf8_lossy(&line);
    let program = line.split(['\0', ' ', ':']).next().unwrap_or_default();
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
