//! Outages of the servers.

use crate::process::Process;
use crate::support::{Fleet, Worker, free_address, gone};
use fleet_tests::trial::Step;
use fleet_tests::{Services, wait_until};
use queue_schema::Outcome;
use rustix::process::Signal;
use std::time::Duration;
use uuid::Uuid;

fn waiting(fleet: &Fleet) -> [Step; 2] {
    [Step::SignIn(fleet.sign("in")), Step::AwaitFile(fleet.sign("go"))]
}

/// Private servers, and a worker with a task in progress. With a short lease, outages are longer than the lease.
async fn at_work(lease: &str) -> (Services, Fleet, Worker, Uuid) {
    let services = Services::start();
    let fleet = Fleet::on(&services, &[("LEASE_SECONDS", lease)]).await;
    let worker = fleet.worker().await;
    let task = fleet.enqueue(waiting(&fleet)).await;
    fleet.pids("in", 1).await;
    (services, fleet, worker, task)
}

#[tokio::test]
async fn without_redis_tasks_are_still_done() {
    let services = Services::start();
    let fleet = Fleet::on(&services, &[("POLL_SECONDS", "0.2")]).await;
    let _worker = fleet.worker().await;
    let before = fleet.enqueue(waiting(&fleet)).await;
    fleet.pids("in", 1).await;
    services.kill_redis();
    fleet.give("go");
    fleet.done_once(before).await;
    for _ in 0..3 {
        let task = fleet.enqueue([]).await;
        fleet.done_once(task).await;
    }
    // A worker that starts without Redis works without Redis.
    drop(_worker);
    let _late = fleet.worker().await;
    let task = fleet.enqueue([]).await;
    fleet.done_once(task).await;
    services.start_redis();
    let task = fleet.enqueue([]).await;
    fleet.done_once(task).await;
}

/// Waits so long that a lease renewed last before Postgres went away has certainly expired.
async fn outlast(lease: u64) {
    tokio::time::sleep(Duration::from_secs(lease * 3 / 2)).await;
}

/// No worker could renew its lease during the outage, so no task is taken back: see lease_watch.
#[tokio::test]
async fn a_result_outlasts_an_outage_of_postgres_longer_than_its_lease() {
    let (services, fleet, worker, task) = at_work("6").await;
    fleet.lose_postgres(&services).await;
    fleet.give("go");
    worker.logs("trying again while the lease stands").await;
    outlast(6).await;
    services.start_postgres();
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
}

#[tokio::test]
async fn a_running_task_outlasts_an_outage_of_postgres_longer_than_its_lease() {
    let (services, fleet, worker, task) = at_work("6").await;
    fleet.lose_postgres(&services).await;
    worker.logs("leases not renewed; their runs go on").await;
    outlast(6).await;
    services.start_postgres();
    // A fleet's reaper may be the first to reconnect.
    assert_eq!(fleet.broker.reap(10).await.expect("reaped"), 0);
    fleet.give("go");
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
}

/// A worker that was unreachable while its task was taken back writes nothing when it is back.
#[tokio::test]
async fn who_alone_is_cut_off_loses_its_lease() {
    let lost = tempfile::NamedTempFile::new().expect("a file");
    let fault = format!("Renewal:{}", lost.path().display());
    let fleet = Fleet::new(&[("LEASE_SECONDS", "2"), ("DOCFLEET_FAULT", &fault)]).await;
    let cut_off = fleet.worker().await;
    let task = fleet.enqueue(waiting(&fleet)).await;
    let child = fleet.pids("in", 1).await;
    wait_until("the lease to be taken back", async || {
        fleet.broker.reap(10).await.expect("reaped") == 1
    })
    .await;
    drop(lost);
    gone(&child).await;
    cut_off.logs("outcome=\"lease_lost\"").await;
    assert_eq!(fleet.effects(task).await, 0);
    fleet.give("go");
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
}

#[tokio::test]
async fn a_task_runs_on_through_a_restart_of_postgres() {
    let (services, fleet, _worker, task) = at_work("60").await;
    fleet.lose_postgres(&services).await;
    services.start_postgres();
    fleet.give("go");
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
    let next = fleet.enqueue([]).await;
    fleet.done_once(next).await;
}

#[tokio::test]
async fn an_emptied_redis_is_filled_again_and_the_metric_says_so() {
    let fleet = Fleet::new(&[("LEASE_SECONDS", "2")]).await;
    let mut tasks = Vec::new();
    for _ in 0..3 {
        tasks.push(fleet.enqueue([]).await);
    }
    fleet.empty_redis();
    let address = free_address();
    let _scheduler = Process::start(&fleet, "scheduler", &[("METRICS_BIND", address.clone())]);
    wait_until("the drift to be repaired", async || {
        let answer = reqwest::get(format!("http://{address}/metrics")).await;
        let Ok(answer) = answer else { return false };
        let metrics = answer.text().await.expect("text");
        metrics
            .lines()
            .any(|line| line == "docfleet_wake_drift_repaired_total 3")
    })
    .await;
    let _worker = fleet.worker().await;
    for task in tasks {
        fleet.done_once(task).await;
    }
    fleet.holds_at_rest().await;
}

#[tokio::test]
async fn who_starts_while_postgres_is_away_waits_for_it() {
    let services = Services::start();
    let fleet = Fleet::on(&services, &[]).await;
    let task = fleet.enqueue([]).await;
    fleet.lose_postgres(&services).await;
    let (mut early, mut told_to_stop) = (fleet.start(&[], &[]), fleet.start(&[], &[]));
    early.logs("waiting for Postgres").await;
    told_to_stop.logs("waiting for Postgres").await;
    told_to_stop.signal(Signal::TERM);
    assert!(told_to_stop.ended().await);
    services.start_postgres();
    fleet.done_once(task).await;
    early.signal(Signal::TERM);
    assert!(early.ended().await);
}
