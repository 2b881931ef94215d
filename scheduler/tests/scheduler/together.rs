//! Whole schedulers, as their binary runs them.

use broker::{Broker, NewTask};
use fleet_tests::{Home, Services, wait_until};
use queue_schema::Queue;
use queue_schema::payload::SweepStorage;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

fn start(home: &Home, stop: &CancellationToken) -> JoinHandle<anyhow::Result<()>> {
    start_with(home, "1", stop)
}

fn start_with(home: &Home, lease: &str, stop: &CancellationToken) -> JoinHandle<anyhow::Result<()>> {
    let (settings, stop) = (home.settings_with(&[("LEASE_SECONDS", lease)]), stop.clone());
    tokio::spawn(async move { scheduler::run(&settings, &stop).await })
}

async fn in_state(broker: &Broker, state: &str) -> i64 {
    let Ok(client) = broker.pool().get().await else {
        return -1;
    };
    let count = "SELECT count(*) FROM tasks WHERE state = $1";
    let counted = client.query_one(count, &[&state]).await;
    counted.map_or(-1, |row| row.get(0))
}

async fn scheduled(broker: &Broker) {
    let client = broker.pool().get().await.unwrap();
    let task = NewTask::new(&SweepStorage {}).unwrap().due_in(Duration::from_millis(1));
    broker.enqueue(&**client, &[task]).await.unwrap();
}

#[tokio::test]
async fn three_schedulers_work_side_by_side_and_stop_when_told() {
    let home = Services::shared().database();
    let stop = CancellationToken::new();
    let three = [(); 3].map(|()| start(&home, &stop));
    let broker = Broker::open(&home.settings(), Arc::new(())).await.unwrap();
    for _ in 0..5 {
        scheduled(&broker).await;
    }
    wait_until("due tasks to be released", async || {
        in_state(&broker, "ready").await == 5
    })
    .await;
    let client = broker.pool().get().await.unwrap();
    let release = "UPDATE schedules SET last_fire = now() - interval '2 days'";
    wait_until("the schedules to be known", async || {
        client.execute(release, &[]).await.unwrap() > 0
    })
    .await;
    wait_until("the schedule to fire", async || in_state(&broker, "ready").await == 6).await;
    stop.cancel();
    for scheduler in three {
        scheduler.await.unwrap().unwrap();
    }
    let fires: i64 = client
        .query_one("SELECT count(*) FROM schedule_fires", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!((fires, in_state(&broker, "ready").await), (1, 6));
}

/// The reaper's interval is five seconds here. If followers reaped at their slower pace, it would be fifty.
#[tokio::test]
async fn a_leader_that_hangs_keeps_no_lost_task_from_the_others() {
    let home = Services::shared().database();
    let broker = Broker::open(&home.settings(), Arc::new(())).await.unwrap();
    let leader = broker.pool().get().await.unwrap();
    leader
        .batch_execute("SELECT pg_advisory_lock(x'62656174'::bigint)")
        .await
        .unwrap();
    let lost = async || {
        let claimed = broker.claim_next(Uuid::now_v7(), &[Queue::Maintenance]).await.unwrap();
        assert!(claimed.is_some());
        let expire = "UPDATE tasks SET lease_until = now() - interval '1 second'";
        leader.batch_execute(expire).await.unwrap();
    };
    let client = broker.pool().get().await.unwrap();
    let task = NewTask::new(&SweepStorage {}).unwrap();
    broker.enqueue(&**client, &[task]).await.unwrap();
    lost().await;
    let stop = CancellationToken::new();
    let other = start_with(&home, "20", &stop);
    // Every scheduler starts with a round.
    let found = async || in_state(&broker, "ready").await == 1;
    wait_until("the task to be found", found).await;
    lost().await;
    wait_until("the task to be found again", found).await;
    stop.cancel();
    other.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_scheduler_waits_for_its_servers_and_outlasts_them() {
    let services = Services::start();
    let home = services.database();
    let broker = Broker::open(&home.settings(), Arc::new(())).await.unwrap();
    services.kill_postgres();
    services.kill_redis();
    let stop = CancellationToken::new();
    let scheduler = start(&home, &stop);
    services.start_postgres();
    wait_until("Postgres to answer again", async || {
        in_state(&broker, "ready").await == 0
    })
    .await;
    scheduled(&broker).await;
    wait_until("a task to be released without Redis", async || {
        in_state(&broker, "ready").await == 1
    })
    .await;
    services.kill_postgres();
    services.start_postgres();
    services.start_redis();
    wait_until("Postgres to answer again", async || {
        in_state(&broker, "ready").await == 1
    })
    .await;
    scheduled(&broker).await;
    wait_until("a task to be released again", async || {
        in_state(&broker, "ready").await == 2
    })
    .await;
    assert!(!scheduler.is_finished());
    stop.cancel();
    scheduler.await.unwrap().unwrap();
}
