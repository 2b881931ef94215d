//! Tasks while a disk is full.

use crate::support::Fleet;
use broker::inspect::Reason;
use fleet_tests::trial::Step;
use fleet_tests::wait_until;
use queue_schema::{Outcome, State};
use rustix::process::geteuid;
use std::path::{Path, PathBuf};
use std::process::Command;
use uuid::Uuid;

/// Mounts a small file system as the worker's scratch folder, invisible to other processes, and then executes the worker.
const ON_A_SMALL_DISK: &str = "mount -t tmpfs -o size=64m,mode=777 none \"$WORKER_SCRATCH_DIR\" && exec \"$@\"";
const MIB: usize = 1 << 20;

impl Fleet {
    /// Waits until the worker has reported that it has no space, and the task's reasons show it.
    async fn waits_for_room(&self, task: Uuid) {
        wait_until("the task to wait for space", async || {
            let why = self.broker.why(task).await.expect("reasons");
            why.iter().any(|why| why.reason == Reason::NoRoom)
        })
        .await;
    }
}

#[tokio::test]
async fn without_space_tasks_wait_but_for_those_that_make_some() {
    let fleet = Fleet::new(&[]).await;
    let waits = fleet.enqueue_needing_room([]).await;
    let full = fleet
        .worker_with(&[("STORAGE_RESERVE_BYTES", u64::MAX.to_string())])
        .await;
    let deletes = fleet.enqueue([]).await;
    fleet.done_once(deletes).await;
    fleet.waits_for_room(waits).await;
    assert_eq!(
        (fleet.state(waits).await, fleet.attempts(waits).await),
        (State::Ready, vec![])
    );
    full.logs("stay in reserve").await;

    let _roomy = fleet.worker().await;
    fleet.done_once(waits).await;
    assert_eq!(fleet.outcomes(waits).await, [Outcome::Done]);
}

#[tokio::test]
async fn a_run_that_meets_a_full_disk_is_handed_back_until_there_is_space() {
    let fleet = Fleet::new(&[]).await;
    if !geteuid().is_root() || !mounts(&fleet.scratch()) {
        return eprintln!("not shown: only root can mount a small file system and look into it");
    }
    let worker = fleet
        .worker_by(&["unshare", "--mount", "sh", "-c", ON_A_SMALL_DISK, "sh"])
        .await;
    let disk = PathBuf::from(format!("/proc/{}/root{}", worker.pid(), fleet.scratch().display()));
    let (signed, go) = (Step::SignIn(fleet.sign("in")), Step::AwaitFile(fleet.sign("go")));
    let task = fleet.enqueue_needing_room([signed, go, Step::Write { mib: 8 }]).await;
    fleet.pids("in", 1).await;
    let ballast = disk.join("ballast");
    std::fs::write(&ballast, vec![1; 62 * MIB]).expect("it fits, just");
    fleet.give("go");

    let end = fleet.first_end(task).await;
    assert_eq!(end.outcome, Some(Outcome::HandedBack), "{end:?}");
    let told = ["waits for space", "WORKER_SCRATCH_DIR", "No space left"];
    assert!(told.iter().all(|words| end.message().contains(words)), "{end:?}");
    fleet.waits_for_room(task).await;
    assert_eq!(
        fleet
            .cell::<i32>("SELECT attempts FROM tasks WHERE id = $1", task)
            .await,
        0
    );
    std::fs::remove_file(&ballast).expect("our own file");
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::HandedBack, Outcome::Done]);

    // Even an empty disk would be too small for this task.
    let greedy = fleet.enqueue_needing_room([Step::Write { mib: 100 }]).await;
    assert_eq!(fleet.first_end(greedy).await.outcome, Some(Outcome::Failed));
}

fn mounts(folder: &Path) -> bool {
    let tried = Command::new("unshare")
        .args(["--mount", "mount", "-t", "tmpfs", "none"])
        .arg(folder)
        .status();
    tried.is_ok_and(|status| status.success())
}
