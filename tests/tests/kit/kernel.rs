//! Limits that only the kernel can enforce, tested on a separate kernel, because this machine's may not make its memory
//! controller available. User-mode Linux runs as a process and sees this machine's files.

use crate::support::Fleet;
use fleet_tests::trial::Step;
use fleet_tests::wait_until;
use queue_schema::Outcome;
use rustix::process::Signal;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// Debian's user-mode kernel knows processors up to AVX-512. If the host has more registers (AMX), its first process cannot be
/// set up.
const TOO_NEW: &str = "ptrace set fp regs failed";
/// Time limit from boot to halt.
const LIFE: Duration = Duration::from_secs(300);

#[tokio::test]
async fn where_a_control_group_is_delegated_the_kernel_keeps_a_childs_limit() {
    on_its_own_kernel("kernel::limits_in_a_delegated_group").await;
}

#[tokio::test]
#[ignore = "for the kernel that the test above boots"]
async fn limits_in_a_delegated_group() {
    const DELEGATED: &str = "/sys/fs/cgroup/delegated";
    std::fs::write("/sys/fs/cgroup/cgroup.subtree_control", "+memory").expect("a memory controller");
    std::fs::create_dir(DELEGATED).expect("a group");
    let kill_kib = (256 << 10).to_string();
    let fleet = Fleet::new(&[("WORKER_KILL_MEMORY_PER_CHILD", &kill_kib), ("LEASE_SECONDS", "60")]).await;
    let enter = format!("echo $$ > {DELEGATED}/cgroup.procs && exec \"$@\"");
    let worker = fleet.worker_by(&["sh", "-c", &enter, "sh"]).await;
    let (signed, go) = (Step::SignIn(fleet.sign("in")), fleet.sign("go"));
    let hoard = Step::Hoard { step: 16, upto: 512 };
    let hoarder = fleet.enqueue([signed, Step::AwaitFile(go.clone()), hoard]).await;
    fleet.pids("in", 1).await;
    // From now on only the kernel watches the child's memory.
    worker.signal(Signal::STOP);
    std::fs::write(go, "").expect("a sign");
    wait_until("the kernel to end the child", async || {
        let events = std::fs::read_to_string(format!("{DELEGATED}/memory.events")).unwrap_or_default();
        events
            .lines()
            .any(|line| line.starts_with("oom_kill ") && line != "oom_kill 0")
    })
    .await;
    worker.signal(Signal::CONT);
    let end = fleet.first_end(hoarder).await;
    assert_eq!(end.outcome, Some(Outcome::OutOfMemory), "{end:?}");
    assert!(end.message().contains("stopped at 256 MiB of memory"), "{end:?}");
    let next = fleet.enqueue([]).await;
    fleet.done_once(next).await;
    assert_eq!(fleet.attempts(next).await[0].worker, worker.id);
}

/// Boots a kernel for one of the tests of this binary.
async fn on_its_own_kernel(test: &str) {
    let out = tempfile::tempdir().expect("a folder");
    let binary = std::env::current_exe().expect("a process knows its own path");
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kit/kernel.sh");
    let mut kernel = Command::new("linux.uml");
    kernel
        .args([
            "rootfstype=hostfs",
            "rootflags=/",
            "rw",
            "mem=2G",
            "quiet",
            "con=null",
            "con0=null,fd:1",
        ])
        .arg(format!("init={}", first.display()))
        .arg(format!("BINARY={}", binary.display()))
        .arg(format!("RUN={test}"))
        .arg(format!("OUT={}", out.path().display()))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(LIFE, kernel.output())
        .await
        .expect("the kernel hung")
        .expect("user-mode Linux is installed; `make test` does it");
    let console = String::from_utf8_lossy(&output.stdout);
    if console.contains(TOO_NEW) {
        return println!("skipped: this version of user-mode Linux does not know this machine's processor");
    }
    let said = std::fs::read_to_string(out.path().join("said")).unwrap_or_default();
    let status = std::fs::read_to_string(out.path().join("status")).unwrap_or_default();
    assert!(status.trim() == "0" && said.contains("1 passed"), "{said}\n{console}");
}
