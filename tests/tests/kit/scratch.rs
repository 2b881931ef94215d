//! Limits on what tasks leave in their folders.

use crate::support::Fleet;
use fleet_tests::trial::Step;
use fleet_tests::wait_until;
use queue_schema::{Outcome, State};
use serde_json::json;

const MIB: u64 = 1 << 20;

/// Limits of 8 MiB and 50 files.
async fn small() -> Fleet {
    let bytes = (8 * MIB).to_string();
    Fleet::new(&[("WORKER_SCRATCH_MAX_BYTES", &bytes), ("WORKER_SCRATCH_MAX_FILES", "50")]).await
}

/// A task that leaves this behind is ended for good, with these words in its error.
async fn ends(steps: Vec<Step>, told: &str) {
    let fleet = small().await;
    let worker = fleet.worker().await;
    let task = fleet.enqueue(steps).await;
    fleet.reaches(task, State::Dead).await;
    let attempts = fleet.attempts(task).await;
    assert_eq!(attempts.len(), 1, "{attempts:?}");
    assert_eq!(attempts[0].outcome, Some(Outcome::Refused), "{attempts:?}");
    assert!(attempts[0].message().contains(told), "{attempts:?}");
    fleet.recycles(&worker, &json!({"scratch": 1})).await;
    let next = fleet.enqueue([]).await;
    fleet.done_once(next).await;
}

fn fill(files: u32, bytes: u64) -> Step {
    Step::Fill { files, bytes }
}

#[tokio::test]
async fn a_task_that_writes_too_much_is_ended_while_it_runs() {
    let wait = Step::AwaitFile("/never".into());
    ends(vec![fill(9, MIB), wait], "raise WORKER_SCRATCH_MAX_BYTES").await;
}

#[tokio::test]
async fn a_task_that_makes_too_many_files_is_ended_while_it_runs() {
    let wait = Step::AwaitFile("/never".into());
    ends(vec![fill(60, 0), wait], "raise WORKER_SCRATCH_MAX_FILES").await;
}

#[tokio::test]
async fn a_task_that_is_done_before_it_is_looked_at_has_written_too_much_all_the_same() {
    ends(vec![fill(60, 0)], "raise WORKER_SCRATCH_MAX_FILES").await;
}

#[tokio::test]
async fn one_file_that_is_too_large_is_told_as_such() {
    ends(vec![fill(1, 64 * MIB)], "raise WORKER_SCRATCH_MAX_BYTES").await;
}

#[tokio::test]
async fn what_stays_within_the_limits_is_fine_for_every_task_anew() {
    let fleet = small().await;
    let _worker = fleet.worker().await;
    for _ in 0..3 {
        let task = fleet.enqueue([fill(30, MIB / 8), Step::Litter]).await;
        fleet.done_once(task).await;
        assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
    }
}

#[tokio::test]
async fn folders_without_end_end_the_task_and_are_removed() {
    let fleet = Fleet::new(&[]).await;
    let mut worker = fleet.worker().await;
    let task = fleet.enqueue([Step::Dig { depth: 3_000 }]).await;
    fleet.reaches(task, State::Dead).await;
    let attempts = fleet.attempts(task).await;
    assert_eq!(attempts[0].outcome, Some(Outcome::Refused), "{attempts:?}");
    assert!(attempts[0].message().contains("nested folders"), "{attempts:?}");

    let next = fleet.enqueue([]).await;
    fleet.done_once(next).await;
    assert_eq!(fleet.attempts(next).await[0].worker, worker.id);
    worker.signal(rustix::process::Signal::TERM);
    assert!(worker.ended().await);
    wait_until("the scratch folders to be gone", async || {
        std::fs::read_dir(fleet.scratch()).expect("a folder").next().is_none()
    })
    .await;
}
