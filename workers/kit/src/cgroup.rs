//! Limits on children's memory by the kernel, if a control group (cgroup v2) was delegated to this worker, as by systemd with
//! `Delegate=memory`. Without one, memory is only sampled (see [`crate::usage`]), and a child may exceed its limit between two
//! samples.
//!
//! <https://docs.kernel.org/admin-guide/cgroup-v2.html>: processes live in the leaves, so the supervisor moves into one.

use crate::usage::PROC;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A control group that may be divided.
#[derive(Debug)]
pub struct Groups {
    whole: PathBuf,
    made: AtomicU64,
    /// Groups of dead children that still had a process and could not be removed yet.
    left: Arc<Mutex<Vec<PathBuf>>>,
}

impl Groups {
    /// Divides the group that this process is in.
    ///
    /// # Errors
    /// Why the group cannot be divided. Most workers have no delegated group.
    pub fn divide() -> Result<Groups, String> {
        let read = |name: &str| fs::read_to_string(format!("{PROC}/self/{name}")).unwrap_or_default();
        let whole = own_group(&read("cgroup"), &read("mountinfo")).ok_or("no control groups (cgroup v2) here")?;
        let controllers = fs::read_to_string(whole.join("cgroup.controllers")).unwrap_or_default();
        if !controllers.split_whitespace().any(|name| name == "memory") {
            return Err(format!("{} may not limit memory", whole.display()));
        }
        let groups = Groups {
            whole,
            made: AtomicU64::new(0),
            left: Arc::default(),
        };
        let supervisor = groups.whole.join(format!("supervisor-{}", std::process::id()));
        groups.settle_in(&supervisor).map_err(|error| {
            let _ = admit(&groups.whole, std::process::id());
            let _ = fs::remove_dir(&supervisor);
            format!("{} may not be divided: {error}", groups.whole.display())
        })?;
        Ok(groups)
    }

    fn settle_in(&self, supervisor: &Path) -> io::Result<()> {
        fs::create_dir(supervisor)?;
        admit(supervisor, std::process::id())?;
        fs::write(self.whole.join("cgroup.subtree_control"), "+memory")
    }

    /// Makes a group for the child `pid` and puts it into the group. `None`, with a warning, if that fails: memory is sampled
    /// anyway.
    pub fn for_child(&self, pid: u32) -> Option<Group> {
        let group = self.make(pid);
        group
            .inspect_err(|error| tracing::warn!(%error, pid, "the kernel does not limit a child's memory"))
            .ok()
    }

    fn make(&self, pid: u32) -> io::Result<Group> {
        lock(&self.left).retain(|path| fs::remove_dir(path).is_err());
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let path = self.whole.join(format!("child-{}-{number}", std::process::id()));
        fs::create_dir(&path)?;
        let group = Group {
            path,
            left: self.left.clone(),
        };
        // The kernel is to end the whole family, because a part of it could not finish the task.
        fs::write(group.path.join("memory.oom.group"), "1")?;
        admit(&group.path, pid)?;
        Ok(group)
    }
}

/// A child's group. Removed when dropped.
#[derive(Debug)]
pub struct Group {
    path: PathBuf,
    left: Arc<Mutex<Vec<PathBuf>>>,
}

impl Group {
    /// Limits the memory of the child's family, and forbids swapping.
    pub fn limit(&self, kib: u64) -> io::Result<()> {
        // Absent on a kernel without swap.
        let _ = fs::write(self.path.join("memory.swap.max"), "0");
        fs::write(self.path.join("memory.max"), kib.saturating_mul(1024).to_string())
    }

    /// How many processes of the family the kernel has killed because of the limit.
    pub fn kills(&self) -> u64 {
        let events = fs::read_to_string(self.path.join("memory.events")).unwrap_or_default();
        let kills = events.lines().find_map(|line| line.strip_prefix("oom_kill "));
        kills.and_then(|kills| kills.trim().parse().ok()).unwrap_or(0)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if fs::remove_dir(&self.path).is_err() {
            lock(&self.left).push(std::mem::take(&mut self.path));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn admit(group: &Path, pid: u32) -> io::Result<()> {
    fs::write(group.join("cgroup.procs"), pid.to_string())
}

/// The folder of this process's group, from `/proc/self/cgroup` and `/proc/self/mountinfo`.
fn own_group(cgroup: &str, mountinfo: &str) -> Option<PathBuf> {
    let group = cgroup.lines().find_map(|line| line.strip_prefix("0::"))?;
    mountinfo.lines().find_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let mut fields = mount.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        let within = Path::new(group).strip_prefix(root).ok()?;
        kind.starts_with("cgroup2 ").then(|| Path::new(point).join(within))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "22 1 0:21 / /proc rw,nosuid - proc proc rw\n\
                          30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

    #[test]
    fn the_own_group_is_found() {
        let folder = own_group("0::/system.slice/ocr.service\n", MOUNTS);
        assert_eq!(folder, Some("/sys/fs/cgroup/system.slice/ocr.service".into()));
        assert_eq!(own_group("0::/\n", MOUNTS), Some("/sys/fs/cgroup/".into()));
    }

    #[test]
    fn in_a_container_a_part_of_the_tree_is_mounted() {
        let mounts = "30 25 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
        let folder = own_group("0::/docker/abc/worker\n", mounts);
        assert_eq!(folder, Some("/sys/fs/cgroup/worker".into()));
        assert_eq!(own_group("0::/elsewhere\n", mounts), None);
    }

    #[test]
    fn old_control_groups_are_none() {
        let mounts = "31 25 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        assert_eq!(own_group("4:memory:/\n", mounts), None);
        assert_eq!(own_group("4:memory:/\n0::/\n", mounts), None);
    }
}
