use crate::support::{Fleet, PATIENCE, QUEUES, Results, run_of, task};
use apalis::prelude::*;
use broker::{Broker, Claimed, Claimer, TaskSource, Usage};
use fleet_tests::{follow, wait_until};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

async fn in_state(fleet: &Fleet, state: &str) -> i64 {
    let client = fleet.broker.pool().get().await.unwrap();
    let count = "SELECT count(*) FROM tasks WHERE state = $1";
    client.query_one(count, &[&state]).await.unwrap().get(0)
}

fn source(fleet: &Fleet, stop: &CancellationToken) -> TaskSource {
    let poll = Duration::from_secs(1);
    TaskSource::start(Claimer::new(
        fleet.broker.clone(),
        fleet.worker,
        QUEUES.to_vec(),
        poll,
        stop.clone(),
    ))
}

async fn complete(claimed: Claimed, broker: Data<Broker>) {
    broker
        .complete(run_of(&claimed), Usage::default(), Results::default())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn apalis_drains_a_queue() {
    let fleet = Fleet::new().await;
    let tasks: Vec<_> = (0..200).map(|_| task()).collect();
    fleet.enqueue(&tasks).await;
    let stop = CancellationToken::new();
    let worker = WorkerBuilder::new("t")
        .backend(source(&fleet, &stop))
        .data(fleet.broker.clone())
        .concurrency(4)
        .build(complete);
    let stopped = stop.clone();
    let running = tokio::spawn(worker.run_until(async move {
        stopped.cancelled().await;
        Ok::<(), WorkerError>(())
    }));
    follow("200 tasks to be done", async || match in_state(&fleet, "done").await {
        200 => Ok(()),
        done => Err(done),
    })
    .await;
    stop.cancel();
    tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap().unwrap();
    let twice: i64 = fleet
        .cell(
            "SELECT count(*) FROM tasks WHERE attempts <> 1 AND id <> $1",
            uuid::Uuid::nil(),
        )
        .await;
    assert_eq!(twice, 0);
}

/// A task that was claimed but not started is handed back without spending an attempt. A started task is finished.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_worker_hands_back_what_it_has_not_begun() {
    let fleet = Fleet::new().await;
    let tasks: Vec<_> = (0..20).map(|_| task()).collect();
    fleet.enqueue(&tasks).await;
    let stop = CancellationToken::new();
    let gate = std::sync::Arc::new(Semaphore::new(0));
    let worker = WorkerBuilder::new("t")
        .backend(source(&fleet, &stop))
        .data(fleet.broker.clone())
        .data(gate.clone())
        .concurrency(4)
        .build(
            async |claimed: Claimed, broker: Data<Broker>, gate: Data<std::sync::Arc<Semaphore>>| {
                gate.acquire().await.unwrap().forget();
                complete(claimed, broker).await;
            },
        );
    let stopped = stop.clone();
    let running = tokio::spawn(worker.run_until(async move {
        stopped.cancelled().await;
        Ok::<(), WorkerError>(())
    }));
    wait_until("every slot to be taken", async || {
        in_state(&fleet, "running").await >= 4
    })
    .await;
    stop.cancel();
    gate.add_permits(20);
    tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap().unwrap();
    let (done, ready) = (in_state(&fleet, "done").await, in_state(&fleet, "ready").await);
    assert_eq!(done + ready, 20, "{done} done, {ready} ready");
    assert!(done >= 4 && ready > 0, "{done} done, {ready} ready");
    let spent: i64 = fleet
        .cell(
            "SELECT coalesce(sum(attempts), 0) FROM tasks WHERE state = 'ready' AND id <> $1",
            uuid::Uuid::nil(),
        )
        .await;
    assert_eq!(spent, 0);
}

/// apalis requests a task and then, when stopped, does not poll again until all running tasks have ended. Until then nothing
/// would renew the lease of the requested task.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_claimed_as_the_worker_stopped_goes_back_before_the_worker_ends() {
    let fleet = Fleet::new().await;
    let stop = CancellationToken::new();
    let mut source = source(&fleet, &stop);
    let asked = std::future::poll_fn(|cx| {
        let worker = WorkerContext::new("t");
        std::task::Poll::Ready(source.poll_next(cx, &worker).is_pending())
    });
    assert!(asked.await, "nothing is there yet");
    fleet.enqueue(&[task()]).await;
    wait_until("the task to be claimed", async || {
        in_state(&fleet, "running").await == 1
    })
    .await;
    stop.cancel();
    wait_until("the task to be handed back", async || {
        in_state(&fleet, "ready").await == 1
    })
    .await;
    drop(source);
}
