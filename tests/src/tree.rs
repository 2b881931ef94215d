//! Descendants of a process, as listed in `/proc`.

use procfs::process::Process as Proc;

/// A process and its program's name, followed by ` child` for a worker's child.
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

/// All descendants of `pid`, parents before their children. Zombies are left out.
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
    let threads = Proc::new(pid).and_then(|process| process.tasks());
    let threads = threads.into_iter().flatten().flatten();
    let children = threads.filter_map(|thread| thread.children().ok()).flatten();
    children.filter_map(|child| child.try_into().ok()).collect()
}

pub fn command_line(pid: i32) -> String {
    let words = Proc::new(pid).and_then(|process| process.cmdline());
    words.unwrap_or_default().join(" ")
}

/// Whether the process runs. A zombie does not.
pub fn runs(pid: i32) -> bool {
    let stat = Proc::new(pid).and_then(|process| process.stat());
    stat.is_ok_and(|stat| !matches!(stat.state, 'Z' | 'X'))
}

/// Resident memory, in KiB.
pub fn resident_kib(pid: i32) -> Option<u64> {
    Proc::new(pid).ok()?.status().ok()?.vmrss
}
