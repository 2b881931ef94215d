//! Limits on time, progress and memory.

use crate::support::{Fleet, gone, runs, send};
use fleet_tests::trial::Step;
use queue_schema::{Outcome, State};
use rustix::process::Signal;
use std::path::{Path, PathBuf};

fn orphans(fleet: &Fleet) -> [Step; 2] {
    [false, true].map(|own_session| Step::Orphan {
        file: fleet.sign("orphans"),
        own_session,
    })
}

#[tokio::test]
async fn the_hard_limit_ends_a_task_that_hears_nothing_and_all_that_it_started() {
    let fleet = Fleet::new(&[("CLEAN_DELETED_DOCUMENT_TIME_LIMIT", "2")]).await;
    let _worker = fleet.worker().await;
    let [plain, own_session] = orphans(&fleet);
    let signed = Step::SignIn(fleet.sign("in"));
    let task = fleet
        .enqueue([plain, own_session, Step::IgnoreSigterm, signed, Step::Spin])
        .await;

    let mut pids = fleet.pids("in", 1).await;
    pids.extend(fleet.pids("orphans", 2).await);
    send(pids[0], Signal::TERM);
    assert!(pids.iter().all(|pid| runs(*pid)));
    let end = fleet.first_end(task).await;

    assert_eq!(end.outcome, Some(Outcome::TimedOut));
    assert!(end.message().contains("hard limit"), "{end:?}");
    assert!(end.cpu_ms.is_some_and(|ms| ms > 0), "{end:?}");
    gone(&pids).await;
}

#[tokio::test]
async fn the_second_time_limit_is_the_last() {
    let fleet = Fleet::new(&[("CLEAN_DELETED_DOCUMENT_TIME_LIMIT", "1")]).await;
    let _worker = fleet.worker().await;
    let task = fleet.enqueue([Step::Spin]).await;
    fleet.reaches(task, State::Dead).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::TimedOut; 2]);
}

#[tokio::test]
async fn a_task_may_put_down_its_work_at_the_soft_limit() {
    let fleet = Fleet::new(&[("CLEAN_DELETED_DOCUMENT_TIME_LIMIT", "20")]).await;
    let _worker = fleet.worker().await;
    let signed = Step::SignIn(fleet.sign("in"));
    let task = fleet.enqueue([signed.clone(), Step::AwaitStop]).await;
    let end = fleet.first_end(task).await;
    assert_eq!(
        (end.outcome, end.message()),
        (Some(Outcome::TimedOut), "put down at the soft limit")
    );

    // Its process was not at fault and continues. The request to stop was only for that task.
    let next = fleet.enqueue([signed]).await;
    fleet.done_once(next).await;
    let pids = fleet.pids("in", 2).await;
    assert_eq!(pids[0], pids[1]);
}

#[tokio::test]
async fn silence_is_ended_and_slow_progress_is_not() {
    let fleet = Fleet::new(&[("WORKER_NO_PROGRESS_LIMIT", "3"), ("WORKER_SLOTS", "2")]).await;
    let _worker = fleet.worker().await;
    let slow = fleet.enqueue([Step::AwaitFileReporting(fleet.sign("go"))]).await;
    let silent = fleet.enqueue([Step::AwaitFile(fleet.sign("never"))]).await;

    let end = fleet.first_end(silent).await;
    assert_eq!(end.outcome, Some(Outcome::TimedOut));
    assert!(end.message().contains("without progress"), "{end:?}");
    // The second silent period begins after the first has ended, so the slow task takes twice its limit in all.
    fleet.reaches(silent, State::Dead).await;
    let seen: Option<i32> = fleet.cell("SELECT progress_done FROM tasks WHERE id = $1", slow).await;
    assert!(seen.is_some_and(|done| done > 1), "{seen:?}");
    fleet.give("go");
    fleet.done_once(slow).await;
    assert_eq!(fleet.outcomes(slow).await, [Outcome::Done]);
}

#[tokio::test]
async fn a_hoarder_of_memory_is_ended_and_its_neighbour_is_not() {
    let fleet = Fleet::new(&[("WORKER_KILL_MEMORY_PER_CHILD", "200000"), ("WORKER_SLOTS", "2")]).await;
    let worker = fleet.worker().await;
    let neighbour = fleet
        .enqueue([Step::SignIn(fleet.sign("in")), Step::AwaitFile(fleet.sign("go"))])
        .await;
    fleet.pids("in", 1).await;
    let hoarder = fleet.enqueue([Step::Hoard { step: 64, upto: 320 }]).await;

    let end = fleet.first_end(hoarder).await;
    assert_eq!(end.outcome, Some(Outcome::OutOfMemory));
    assert!(end.message().contains("WORKER_KILL_MEMORY_PER_CHILD"), "{end:?}");
    assert!(end.peak_kib.is_some_and(|kib| kib >= 200_000), "{end:?}");
    fleet.reaches(hoarder, State::Dead).await;
    assert_eq!(fleet.outcomes(hoarder).await, [Outcome::OutOfMemory; 3]);

    fleet.give("go");
    fleet.done_once(neighbour).await;
    assert_eq!(fleet.outcomes(neighbour).await, [Outcome::Done]);
    fleet.recycles(&worker, &serde_json::json!({"kill_memory": 3})).await;
}

#[tokio::test]
async fn a_store_that_hangs_does_not_hold_a_slot_for_ever() {
    let fleet = Fleet::new(&[("CLEAN_DELETED_DOCUMENT_TIME_LIMIT", "1"), ("WORKER_SLOTS", "1")]).await;
    let _worker = fleet.worker().await;
    for (step, words) in [(Step::HangBefore, "preparing"), (Step::HangAfter, "publishing")] {
        let task = fleet.enqueue([step]).await;
        let end = fleet.first_end(task).await;
        assert_eq!(end.outcome, Some(Outcome::TimedOut));
        assert!(end.message().contains(words), "{end:?}");
    }
}

#[tokio::test]
async fn native_code_that_hears_no_signal_is_gone_and_its_neighbour_notices_nothing() {
    let fleet = Fleet::new(&[("CLEAN_DELETED_DOCUMENT_TIME_LIMIT", "3"), ("WORKER_SLOTS", "2")]).await;
    let _worker = fleet.worker().await;
    let spinner = fleet
        .enqueue([
            Step::BlockSignals,
            Step::IgnoreSigterm,
            Step::SignIn(fleet.sign("spinner")),
            Step::Spin,
        ])
        .await;
    let spinning = fleet.pids("spinner", 1).await;
    let neighbours = fleet.sign("neighbours");
    // One after the other in the other slot, all in the same process.
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let task = fleet.enqueue([Step::SignIn(neighbours.clone())]).await;
        fleet.done_once(task).await;
        tasks.push(task);
    }
    let end = fleet.first_end(spinner).await;
    assert_eq!(end.outcome, Some(Outcome::TimedOut), "{end:?}");
    gone(&spinning).await;

    for task in tasks {
        assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
    }
    let mut pids = fleet.pids("neighbours", 20).await;
    pids.dedup();
    assert_eq!(pids.len(), 1, "{pids:?}");
}

/// At a GiB per second, the process is killed at most half a GiB above its limit.
#[tokio::test]
async fn a_fast_hoarder_does_not_come_far() {
    const KILL_MIB: usize = 1024;
    let kill_kib = (KILL_MIB * 1024).to_string();
    let fleet = Fleet::new(&[("WORKER_KILL_MEMORY_PER_CHILD", &kill_kib)]).await;
    let _worker = fleet.worker().await;
    let file = fleet.sign("hoarded");
    let hoarder = fleet
        .enqueue([Step::HoardAt {
            mib_per_second: 1024,
            file: file.clone(),
        }])
        .await;
    let end = fleet.first_end(hoarder).await;
    assert_eq!(end.outcome, Some(Outcome::OutOfMemory), "{end:?}");
    let hoarded = std::fs::metadata(file).expect("it told").len() as usize;
    assert!(hoarded <= KILL_MIB + 512, "{hoarded} MiB");
}

/// A process group with a common memory limit, using cgroup v1 or v2, whichever this kernel has.
struct MemoryGroup(PathBuf);

impl MemoryGroup {
    fn of(bytes: u64) -> std::io::Result<MemoryGroup> {
        let name = format!("docfleet-test-{}", std::process::id());
        let (folder, limit) = if Path::new("/sys/fs/cgroup/memory").is_dir() {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        } else {
            ("/sys/fs/cgroup", "memory.max")
        };
        let group = MemoryGroup(Path::new(folder).join(name));
        std::fs::create_dir(&group.0)?;
        std::fs::write(group.0.join(limit), bytes.to_string())?;
        Ok(group)
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[tokio::test]
async fn what_the_kernel_ends_for_want_of_memory_is_out_of_memory_and_its_supervisor_lives() {
    let group = match MemoryGroup::of(256 << 20) {
        Ok(group) => group,
        Err(error) => return eprintln!("not shown: no group of processes can be made here: {error}"),
    };
    let fleet = Fleet::new(&[]).await;
    let enter = format!("echo $$ > {}/cgroup.procs && exec \"$@\"", group.0.display());
    let mut worker = fleet.worker_by(&["sh", "-c", &enter, "sh"]).await;
    let hoarder = fleet.enqueue([Step::Hoard { step: 16, upto: 512 }]).await;
    let end = fleet.first_end(hoarder).await;
    assert_eq!(end.outcome, Some(Outcome::OutOfMemory), "{end:?}");
    assert!(end.message().contains("ran out of memory"), "{end:?}");
    fleet.reaches(hoarder, State::Dead).await;

    let next = fleet.enqueue([]).await;
    fleet.done_once(next).await;
    assert_eq!(fleet.attempts(next).await[0].worker, worker.id);
    worker.signal(Signal::TERM);
    assert!(worker.ended().await);
}
