//! Kills a process at every moment at which something is half done (`broker::fault`). Another process has to continue from
//! there.

use crate::process::Process;
use crate::support::{Fleet, free_address};
use broker::fault::Moment;
use fleet_tests::trial::Step;
use fleet_tests::{follow, wait_for, wait_until};
use queue_schema::{Outcome, Queue, State};
use std::path::PathBuf;
use uuid::Uuid;

const QUICK: &[(&str, &str)] = &[("LEASE_SECONDS", "2"), ("POLL_SECONDS", "0.2")];

fn fault(fleet: &Fleet, at: Moment) -> (&'static str, String) {
    ("DOCFLEET_FAULT", format!("{at:?}:{}", mark(fleet).display()))
}

/// This file exists once a process has died.
fn mark(fleet: &Fleet) -> PathBuf {
    fleet.sign("died")
}

async fn all_done_once(fleet: &Fleet, count: usize) {
    follow(&format!("{count} tasks to be done"), async || {
        fleet.schedule().await;
        let states: Vec<State> = fleet.holds().await.tasks.iter().map(|task| task.state).collect();
        let all_done = states.len() == count && states.iter().all(|state| *state == State::Done);
        if all_done { Ok(()) } else { Err(states) }
    })
    .await;
    for task in fleet.holds().await.tasks {
        assert_eq!(fleet.effects(task.id).await, 1, "{task}");
    }
}

/// A worker dies at this moment of a task that another task follows. A second worker does the rest of both.
async fn a_worker_dies(at: Moment) -> (Fleet, Uuid) {
    let fleet = Fleet::new(QUICK).await;
    let mut doomed = fleet.worker_with(&[fault(&fleet, at)]).await;
    let task = fleet.enqueue([Step::ThenDo(Vec::new())]).await;
    assert!(!doomed.ended().await);
    assert!(mark(&fleet).exists(), "it died of something else");
    fleet.holds().await;
    let _heir = fleet.worker().await;
    all_done_once(&fleet, 2).await;
    (fleet, task)
}

#[tokio::test]
async fn a_worker_that_dies_with_a_fresh_claim_loses_nothing() {
    let (fleet, task) = a_worker_dies(Moment::Claimed).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
}

#[tokio::test]
async fn a_worker_that_dies_with_an_answer_loses_nothing() {
    let (fleet, task) = a_worker_dies(Moment::Answered).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
}

#[tokio::test]
async fn a_worker_that_dies_with_published_files_loses_nothing() {
    let (fleet, task) = a_worker_dies(Moment::Published).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
}

#[tokio::test]
async fn a_worker_that_dies_before_its_commit_has_written_nothing() {
    let (fleet, task) = a_worker_dies(Moment::Written).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
}

#[tokio::test]
async fn what_follows_a_task_is_found_although_its_worker_died_before_it_woke_anybody() {
    let (fleet, task) = a_worker_dies(Moment::Committed).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
}

#[tokio::test]
async fn a_worker_that_dies_while_it_tells_a_failure_spends_one_attempt() {
    let fleet = Fleet::new(QUICK).await;
    let mut doomed = fleet.worker_with(&[fault(&fleet, Moment::Written)]).await;
    let task = fleet
        .enqueue([Step::Fail {
            transient: false,
            message: "as always".into(),
        }])
        .await;
    assert!(!doomed.ended().await);
    let _heir = fleet.worker().await;
    fleet.reaches(task, State::Dead).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Refused]);
    fleet.holds_at_rest().await;
}

/// A scheduler dies at this moment, once there is a reason for it. The next one does the work.
async fn a_scheduler_dies(fleet: &Fleet, at: Moment) -> Process {
    let mut doomed = Process::start(fleet, "scheduler", &[fault(fleet, at)]);
    doomed.dies().await;
    assert!(mark(fleet).exists(), "it died of something else");
    fleet.holds().await;
    Process::start(fleet, "scheduler", &[])
}

#[tokio::test]
async fn a_scheduler_that_dies_while_it_takes_a_task_back_takes_it_back_once() {
    let fleet = Fleet::new(QUICK).await;
    let mut doomed = fleet.worker_with(&[fault(&fleet, Moment::Answered)]).await;
    let task = fleet.enqueue([]).await;
    doomed.ended().await;
    std::fs::remove_file(mark(&fleet)).expect("the mark");
    let _scheduler = a_scheduler_dies(&fleet, Moment::TakenBack).await;
    let _heir = fleet.worker().await;
    wait_until("the task to be done", async || fleet.state(task).await == State::Done).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
    assert_eq!(fleet.effects(task).await, 1);
    fleet.holds_at_rest().await;
}

#[tokio::test]
async fn what_a_dead_scheduler_released_is_run() {
    let fleet = Fleet::new(QUICK).await;
    let worker = fleet.worker().await;
    let task = fleet
        .enqueue([Step::Fail {
            transient: true,
            message: "not today".into(),
        }])
        .await;
    fleet.first_end(task).await;
    drop(worker);
    let due = "UPDATE tasks SET due_at = now() WHERE id = $1 RETURNING 1";
    fleet.cell::<i32>(due, task).await;
    let _scheduler = a_scheduler_dies(&fleet, Moment::Released).await;
    let _worker = fleet.worker().await;
    wait_until("a second run", async || fleet.outcomes(task).await.len() > 1).await;
    fleet.holds().await;
}

/// A scheduler dies while it catches up on a schedule that is a day behind.
async fn a_missed_firing(at: Moment) {
    let fleet = Fleet::new(QUICK).await;
    let client = fleet.broker.pool().get().await.expect("a connection");
    let missed = "INSERT INTO schedules (name, last_fire) VALUES ('sweep_storage', now() - interval '25 hours')";
    client.execute(missed, &[]).await.expect("a row");
    drop(client);
    let _scheduler = a_scheduler_dies(&fleet, at).await;
    let fired = wait_for("the schedule to fire", async || {
        let snapshot = fleet.holds().await;
        (!snapshot.firings.is_empty()).then_some(snapshot)
    })
    .await;
    assert_eq!((fired.firings.len(), fired.tasks.len()), (1, 1));
    // Redis is told as well, even if a process died before telling it.
    let mut waiter = fleet.broker.wake().waiter();
    let woken = wait_for("a wake-up", async || {
        waiter
            .next(&[Queue::Maintenance], std::time::Duration::from_secs(1))
            .await
            .expect("Redis")
    });
    assert_eq!(woken.await, fired.tasks[0].id);
}

#[tokio::test]
async fn a_firing_that_was_not_committed_is_fired_by_the_next_scheduler() {
    a_missed_firing(Moment::Fired).await;
}

#[tokio::test]
async fn a_firing_without_a_wake_up_is_not_fired_again() {
    a_missed_firing(Moment::FireCommitted).await;
}

#[tokio::test]
async fn an_upload_whose_answer_was_lost_is_known_by_its_key() {
    let fleet = Fleet::new(QUICK).await;
    let address = free_address();
    let bind = ("BIND", address.clone());
    let upload = async || {
        let part = reqwest::multipart::Part::bytes(b"%PDF-1.4\n%%EOF\n".to_vec()).file_name("a.pdf");
        let request = reqwest::Client::new()
            .post(format!("http://{address}/api/v1/documents"))
            .header("Idempotency-Key", "this-one")
            .multipart(reqwest::multipart::Form::new().part("file", part));
        request.send().await
    };
    let mut doomed = Process::start(&fleet, "api-gateway", &[bind.clone(), fault(&fleet, Moment::Accepted)]);
    // Connections are refused until it listens; then it dies without an answer.
    wait_until("the gateway to die", async || {
        upload().await.expect_err("no answer");
        doomed.is_dead()
    })
    .await;
    assert!(mark(&fleet).exists(), "it died of something else");
    let accepted = fleet.holds().await.tasks;
    assert_eq!(accepted.len(), 1);

    let _gateway = Process::start(&fleet, "api-gateway", &[bind]);
    let answer = wait_for("an answer", async || upload().await.ok()).await;
    assert_eq!(answer.status(), 202);
    let document: serde_json::Value = answer.json().await.expect("a document");
    assert_eq!(
        document["id"],
        accepted[0].document.expect("a document's task").to_string()
    );
    assert_eq!(fleet.holds().await.tasks.len(), 1, "one document, one task");
}
