//! Workers that are asked to stop.

use crate::support::{Fleet, Worker, gone};
use fleet_tests::trial::Step;
use fleet_tests::wait_until;
use queue_schema::{Outcome, State};
use rustix::process::Signal;
use uuid::Uuid;

fn waiting(fleet: &Fleet, sign: &str) -> [Step; 2] {
    [Step::SignIn(fleet.sign("in")), Step::AwaitFile(fleet.sign(sign))]
}

async fn handed_back(fleet: &Fleet, task: Uuid) {
    assert_eq!(fleet.state(task).await, State::Ready);
    assert_eq!(fleet.outcomes(task).await, [Outcome::HandedBack]);
    let spent: i32 = fleet.cell("SELECT attempts FROM tasks WHERE id = $1", task).await;
    assert_eq!(spent, 0);
}

async fn forgotten(fleet: &Fleet, worker: &Worker) {
    assert!(fleet.workers().await.iter().all(|row| row.id != worker.id));
}

#[tokio::test]
async fn a_drain_lets_tasks_finish_and_hands_back_the_rest() {
    let fleet = Fleet::new(&[("WORKER_SLOTS", "2"), ("DRAIN_SECONDS", "8")]).await;
    let mut worker = fleet.worker().await;
    let quick = fleet.enqueue(waiting(&fleet, "go")).await;
    let slow = fleet.enqueue(waiting(&fleet, "never")).await;
    let pids = fleet.pids("in", 2).await;

    worker.signal(Signal::TERM);
    worker.logs("a second signal stops at once").await;
    let late = fleet.enqueue([]).await;
    fleet.give("go");
    fleet.done_once(quick).await;
    assert!(worker.ended().await);

    handed_back(&fleet, slow).await;
    assert_eq!(fleet.state(late).await, State::Ready);
    assert_eq!(fleet.attempts(late).await, [], "a draining worker takes nothing new");
    gone(&pids).await;
    forgotten(&fleet, &worker).await;
    let left = std::fs::read_dir(fleet.scratch()).expect("the folder").count();
    assert_eq!(left, 0, "its scratch folder is gone with it");
}

#[tokio::test]
async fn a_second_signal_hands_back_at_once_and_another_worker_goes_on() {
    let fleet = Fleet::new(&[("DRAIN_SECONDS", "3600"), ("WORKER_SLOTS", "2")]).await;
    let mut worker = fleet.worker().await;
    let tasks = [
        fleet.enqueue(waiting(&fleet, "go")).await,
        fleet.enqueue([Step::SignIn(fleet.sign("in")), Step::Spin]).await,
    ];
    let pids = fleet.pids("in", 2).await;
    worker.signal(Signal::TERM);
    worker.logs("a second signal stops at once").await;
    worker.signal(Signal::INT);
    assert!(worker.ended().await);
    for task in tasks {
        handed_back(&fleet, task).await;
    }
    gone(&pids).await;

    let _other = fleet.worker().await;
    fleet.give("go");
    fleet.done_once(tasks[0]).await;
    let numbers: Vec<i32> = fleet.attempts(tasks[0]).await.iter().map(|a| a.number).collect();
    assert_eq!(numbers, [1, 1], "the hand-back has its row and spent nothing");
}

#[tokio::test]
async fn an_operator_drains_a_worker_from_afar() {
    let fleet = Fleet::new(&[]).await;
    let mut worker = fleet.worker().await;
    let task = fleet.enqueue(waiting(&fleet, "go")).await;
    fleet.pids("in", 1).await;
    assert!(fleet.broker.drain(worker.id, "a test").await.expect("a row"));
    worker.logs("asked to drain").await;
    let late = fleet.enqueue([]).await;
    fleet.give("go");
    fleet.done_once(task).await;
    assert!(worker.ended().await);
    assert_eq!(fleet.state(late).await, State::Ready);
    forgotten(&fleet, &worker).await;
}

#[tokio::test]
async fn an_idle_worker_stops_when_told() {
    let fleet = Fleet::new(&[]).await;
    let mut worker = fleet.worker().await;
    worker.signal(Signal::TERM);
    assert!(worker.ended().await);
    forgotten(&fleet, &worker).await;
}

/// Workers are stopped repeatedly with tasks in progress. At any moment, they hand back what they have claimed.
#[tokio::test]
async fn stopping_in_the_act_loses_nothing() {
    let fleet = Fleet::new(&[("WORKER_SLOTS", "2"), ("DRAIN_SECONDS", "3600")]).await;
    let mut tasks = Vec::new();
    for n in 0..40 {
        tasks.push(fleet.enqueue([Step::SignIn(fleet.sign(&format!("task {n}")))]).await);
    }
    let stubborn = fleet.enqueue(waiting(&fleet, "never")).await;
    for n in [0, 5, 10, 15] {
        let mut worker = fleet.worker().await;
        fleet.lines(&format!("task {n}"), 1).await;
        worker.signal(Signal::TERM);
        worker.logs("a second signal stops at once").await;
        worker.signal(Signal::TERM);
        assert!(worker.ended().await);
        let running: i64 = fleet
            .cell(
                "SELECT count(*) FROM tasks WHERE state = 'running' AND id <> $1",
                Uuid::nil(),
            )
            .await;
        assert_eq!(running, 0);
    }
    let _worker = fleet.worker().await;
    for task in tasks {
        fleet.done_once(task).await;
    }
    wait_until("the last one to run", async || {
        fleet.state(stubborn).await == State::Running
    })
    .await;
}
