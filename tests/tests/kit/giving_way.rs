//! A run of several steps ends early, between two steps, when a shorter or more urgent task waits for its slot.

use crate::support::Fleet;
use broker::NewTask;
use fleet_tests::trial::{Step, Trial};
use fleet_tests::wait_until;
use queue_schema::{Outcome, State};
use rustix::process::Signal;

fn long(steps: u32) -> Trial {
    Trial::of([Step::AwaitGivingWay { steps }])
}

#[tokio::test]
async fn a_long_run_gives_way_to_a_short_task_when_no_slot_is_free() {
    let fleet = Fleet::new(&[("WORKER_SLOTS", "1")]).await;
    let _worker = fleet.worker().await;
    let scan = fleet.put(NewTask::new(&long(9)).unwrap().of_steps(9)).await;
    fleet.reaches(scan, State::Running).await;
    // It would wait for ever: only the request to give way ends it.
    let receipt = fleet.enqueue([]).await;
    fleet.done_once(receipt).await;
    assert_eq!(fleet.outcomes(scan).await, [Outcome::Done]);
}

#[tokio::test]
async fn urgency_outweighs_length() {
    let fleet = Fleet::new(&[("WORKER_SLOTS", "1")]).await;
    let _worker = fleet.worker().await;
    let scan = fleet.put(NewTask::new(&long(2)).unwrap().of_steps(2)).await;
    fleet.reaches(scan, State::Running).await;
    let urgent = NewTask::new(&Trial::of([])).unwrap().of_steps(50).urgent(true);
    let urgent = fleet.put(urgent).await;
    fleet.done_once(urgent).await;
    assert_eq!(fleet.outcomes(scan).await, [Outcome::Done]);
}

#[tokio::test]
async fn a_drain_does_not_wait_for_what_can_be_put_down() {
    let fleet = Fleet::new(&[("WORKER_SLOTS", "1"), ("DRAIN_SECONDS", "3600")]).await;
    let mut worker = fleet.worker().await;
    let scan = fleet.put(NewTask::new(&long(9)).unwrap().of_steps(9)).await;
    // Until its child works, a drain hands the task back.
    wait_until("the child's first word of progress", async || {
        let progress = "SELECT progress_done FROM tasks WHERE id = $1";
        fleet.cell::<Option<i32>>(progress, scan).await.is_some()
    })
    .await;
    worker.signal(Signal::TERM);
    assert!(worker.ended().await);
    assert_eq!(fleet.outcomes(scan).await, [Outcome::Done]);
}
