//! Servers that go away.

use crate::support::Fleet;
use fleet_tests::Services;
use fleet_tests::trial::Step;
use queue_schema::Outcome;

fn waiting(fleet: &Fleet) -> [Step; 2] {
    [Step::SignIn(fleet.sign("in")), Step::AwaitFile(fleet.sign("go"))]
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
    // Who starts without Redis works without Redis.
    drop(_worker);
    let _late = fleet.worker().await;
    let task = fleet.enqueue([]).await;
    fleet.done_once(task).await;
    services.start_redis();
    let task = fleet.enqueue([]).await;
    fleet.done_once(task).await;
}

#[tokio::test]
async fn a_result_outlasts_a_restart_of_postgres_while_its_lease_stands() {
    let services = Services::start();
    let fleet = Fleet::on(&services, &[("LEASE_SECONDS", "60")]).await;
    let worker = fleet.worker().await;
    let task = fleet.enqueue(waiting(&fleet)).await;
    fleet.pids("in", 1).await;
    fleet.lose_postgres(&services).await;
    fleet.give("go");
    worker.logs("trying again while the lease stands").await;
    services.start_postgres();
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
}

#[tokio::test]
async fn a_result_that_finds_no_postgres_within_its_lease_is_made_again() {
    let services = Services::start();
    let fleet = Fleet::on(&services, &[("LEASE_SECONDS", "2")]).await;
    let worker = fleet.worker().await;
    let task = fleet.enqueue(waiting(&fleet)).await;
    fleet.pids("in", 1).await;
    fleet.lose_postgres(&services).await;
    fleet.give("go");
    worker.logs("outcome=\"lease_lost\"").await;
    services.start_postgres();
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::WorkerLost, Outcome::Done]);
}

#[tokio::test]
async fn a_task_runs_on_through_a_restart_of_postgres() {
    let services = Services::start();
    let fleet = Fleet::on(&services, &[("LEASE_SECONDS", "60")]).await;
    let _worker = fleet.worker().await;
    let task = fleet.enqueue(waiting(&fleet)).await;
    fleet.pids("in", 1).await;
    fleet.lose_postgres(&services).await;
    services.start_postgres();
    fleet.give("go");
    fleet.done_once(task).await;
    assert_eq!(fleet.outcomes(task).await, [Outcome::Done]);
    let next = fleet.enqueue([]).await;
    fleet.done_once(next).await;
}
