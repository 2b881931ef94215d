//! Leases and fencing tokens: workers that die, sleep, or are told that their task is no longer wanted.

use crate::support::{Fleet, gone, runs, send};
use fleet_tests::trial::Step;
use fleet_tests::wait_until;
use queue_schema::{Outcome, State};
use rustix::process::Signal;
use uuid::Uuid;

const SHORT: (&str, &str) = ("LEASE_SECONDS", "2");
/// For tests that poll while a lease expires: if polls paused for half a lease, the lease would count as still valid.
const WATCHED: (&str, &str) = ("LEASE_SECONDS", "6");

fn waiting(fleet: &Fleet) -> [Step; 2] {
    [Step::SignIn(fleet.sign("in")), Step::AwaitFile(fleet.sign("go"))]
}

/// Waits until the lease of a task has expired by the database's clock, while another fleet still reaches Postgres.
async fn lease_ran_out(fleet: &Fleet, task: Uuid) {
    wait_until("the lease to run out", async || {
        fleet.broker.watch_leases().await.expect("noted");
        fleet
            .cell(
                "SELECT coalesce(lease_until < now(), false) FROM tasks WHERE id = $1",
                task,
            )
            .await
    })
    .await;
}

/// Waits until the lease of a task has been renewed to more than this many seconds after the task's start.
async fn renewed_past(fleet: &Fleet, task: Uuid, seconds: i32) {
    wait_until("the lease to be renewed", async || {
        let lasts = "SELECT extract(epoch FROM lease_until - started_at)::integer FROM tasks WHERE id = $1";
        fleet
            .cell::<Option<i32>>(lasts, task)
            .await
            .is_some_and(|s| s > seconds)
    })
    .await;
}

#[tokio::test]
async fn a_killed_worker_takes_its_children_along_and_its_task_runs_elsewhere() {
    let fleet = Fleet::new(&[SHORT]).await;
    let mut worker = fleet.worker().await;
    let orphan = |own_session| Step::Orphan {
        file: fleet.sign("orphans"),
        own_session,
    };
    let signed = Step::SignIn(fleet.sign("in"));
    let busy = Step::AwaitFile(fleet.sign("go"));
    let task = fleet.enqueue([orphan(false), orphan(true), signed, busy]).await;
    let mut pids = fleet.pids("in", 1).await;
    pids.extend(fleet.pids("orphans", 2).await);
    worker.signal(Signal::KILL);
    assert!(!worker.ended().await);
    gone(&pids).await;

    let second = fleet.worker().await;
    fleet.give("go");
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
    let ran: Vec<Uuid> = fleet.attempts(task).await.iter().map(|a| a.worker).collect();
    assert_eq!(ran, [worker.id, second.id]);
    let left = std::fs::read_dir(fleet.scratch()).expect("the folder").count();
    assert_eq!(left, 1, "the second worker swept up after the first");
}

#[tokio::test]
async fn what_is_left_of_a_child_that_died_with_its_worker_goes_with_the_next_worker() {
    let fleet = Fleet::new(&[SHORT]).await;
    let mut worker = fleet.worker().await;
    let orphan = Step::Orphan {
        file: fleet.sign("orphans"),
        own_session: true,
    };
    let [signed, busy] = waiting(&fleet);
    fleet.enqueue([orphan, signed, busy]).await;
    let (child, orphans) = (fleet.pids("in", 1).await, fleet.pids("orphans", 1).await);
    // The stopped worker does not notice its child's death.
    worker.signal(Signal::STOP);
    send(child[0], Signal::KILL);
    worker.signal(Signal::KILL);
    assert!(!worker.ended().await);
    assert!(runs(orphans[0]), "nobody was left to end it");
    fleet.give("go");
    let _next = fleet.worker().await;
    gone(&orphans).await;
}

#[tokio::test]
async fn a_spinning_child_goes_with_its_killed_worker() {
    let fleet = Fleet::new(&[]).await;
    let worker = fleet.worker().await;
    fleet.enqueue([Step::SignIn(fleet.sign("in")), Step::Spin]).await;
    let pids = fleet.pids("in", 1).await;
    worker.signal(Signal::KILL);
    gone(&pids).await;
}

#[tokio::test]
async fn a_worker_that_slept_past_its_lease_writes_nothing() {
    let fleet = Fleet::new(&[WATCHED]).await;
    let sleeper = fleet.worker().await;
    let task = fleet.enqueue(waiting(&fleet)).await;
    let child = fleet.pids("in", 1).await;
    sleeper.signal(Signal::STOP);
    lease_ran_out(&fleet, task).await;
    assert_eq!(fleet.broker.reap(10).await.expect("reaped"), 1);
    let second = fleet.worker().await;
    fleet.pids("in", 2).await;

    sleeper.signal(Signal::CONT);
    gone(&child).await;
    sleeper.logs("outcome=\"lease_lost\"").await;
    fleet.give("go");
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
    assert_eq!(fleet.attempts(task).await[1].worker, second.id);
    // The sleeper works again.
    drop(second);
    let next = fleet.enqueue([]).await;
    fleet.done_once(next).await;
    assert_eq!(fleet.attempts(next).await[0].worker, sleeper.id);
}

#[tokio::test]
async fn a_result_that_came_while_its_worker_slept_is_not_written() {
    let fleet = Fleet::new(&[WATCHED]).await;
    let sleeper = fleet.worker().await;
    let task = fleet.enqueue(waiting(&fleet)).await;
    fleet.pids("in", 1).await;
    sleeper.signal(Signal::STOP);
    fleet.give("go");
    lease_ran_out(&fleet, task).await;
    sleeper.signal(Signal::CONT);
    sleeper.logs("outcome=\"lease_lost\"").await;
    assert_eq!(
        (fleet.state(task).await, fleet.effects(task).await),
        (State::Running, 0)
    );
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
}

#[tokio::test]
async fn a_cancelled_task_ends_while_it_runs() {
    let fleet = Fleet::new(&[SHORT]).await;
    let _worker = fleet.worker().await;
    let task = fleet
        .enqueue([Step::SignIn(fleet.sign("in")), Step::IgnoreSigterm, Step::Spin])
        .await;
    let pids = fleet.pids("in", 1).await;
    assert!(runs(pids[0]));
    let mut client = fleet.broker.pool().get().await.expect("a connection");
    let tx = client.transaction().await.expect("a transaction");
    broker::cancel(&tx, &[task], "nobody wants it")
        .await
        .expect("cancelled");
    tx.commit().await.expect("committed");

    fleet.reaches(task, State::Cancelled).await;
    let end = fleet.first_end(task).await;
    assert_eq!(
        (end.outcome, end.message()),
        (Some(Outcome::Cancelled), "nobody wants it")
    );
    gone(&pids).await;
}

#[tokio::test]
async fn a_task_that_waits_for_a_slot_is_not_claimed() {
    let fleet = Fleet::new(&[SHORT, ("WORKER_SLOTS", "1")]).await;
    let _busy = fleet.worker().await;
    let first = fleet.enqueue(waiting(&fleet)).await;
    fleet.pids("in", 1).await;
    let second = fleet.enqueue([]).await;
    // Renewals continue for longer than a lease, and the second task is not claimed meanwhile.
    renewed_past(&fleet, first, 5).await;
    assert_eq!(fleet.state(second).await, State::Ready);
    assert_eq!(fleet.attempts(second).await, []);

    let _idle = fleet.worker().await;
    fleet.done_once(second).await;
    fleet.give("go");
    fleet.done_once(first).await;
}

#[tokio::test]
async fn a_commit_that_takes_long_costs_no_other_task_its_lease() {
    let fleet = Fleet::new(&[WATCHED, ("WORKER_SLOTS", "2")]).await;
    let _worker = fleet.worker().await;
    let neighbour = fleet.enqueue(waiting(&fleet)).await;
    fleet.pids("in", 1).await;
    let mut client = fleet.broker.pool().get().await.expect("a connection");
    let tx = client.transaction().await.expect("a transaction");
    tx.batch_execute("LOCK TABLE effects").await.expect("a lock");
    let slow = fleet.enqueue([Step::SignIn(fleet.sign("in"))]).await;
    fleet.pids("in", 2).await;

    renewed_past(&fleet, neighbour, 8).await;
    // Its lease has expired meanwhile. The reaper must leave it to its commit, and must not wait for the lock.
    lease_ran_out(&fleet, slow).await;
    let reaped = tokio::time::timeout(fleet_tests::PATIENCE, fleet.broker.reap(10)).await;
    assert_eq!(reaped.expect("an answer in spite of the lock").expect("reaped"), 0);
    tx.commit().await.expect("unlocked");
    fleet.give("go");
    for task in [slow, neighbour] {
        fleet.done_once(task).await;
        assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
    }
}
