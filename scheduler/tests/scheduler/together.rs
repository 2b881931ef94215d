//! Whole schedulers, as their binary runs them.

use broker::{Broker, NewTask};
use fleet_tests::{Home, Services, wait_until};
use queue_schema::payload::SweepStorage;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(60);

fn start(home: &Home, stop: &CancellationToken) -> JoinHandle<anyhow::Result<()>> {
    let (settings, stop) = (home.settings_with(&[("LEASE_SECONDS", "1")]), stop.clone());
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
    wait_until("due tasks to be released", PATIENCE, async || {
        in_state(&broker, "ready").await == 5
    })
    .await;
    let client = broker.pool().get().await.unwrap();
    let release = "UPDATE schedules SET last_fire = now() - interval '2 days'";
    wait_until("the schedules to be known", PATIENCE, async || {
        client.execute(release, &[]).await.unwrap() > 0
    })
    .await;
    wait_until("the schedule to fire", PATIENCE, async || {
        in_state(&broker, "ready").await == 6
    })
    .await;
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
    wait_until("Postgres to answer again", PATIENCE, async || {
        in_state(&broker, "ready").await == 0
    })
    .await;
    scheduled(&broker).await;
    wait_until("a task to be released without Redis", PATIENCE, async || {
        in_state(&broker, "ready").await == 1
    })
    .await;
    services.kill_postgres();
    services.start_postgres();
    services.start_redis();
    wait_until("Postgres to answer again", PATIENCE, async || {
        in_state(&broker, "ready").await == 1
    })
    .await;
    scheduled(&broker).await;
    wait_until("a task to be released again", PATIENCE, async || {
        in_state(&broker, "ready").await == 2
    })
    .await;
    assert!(!scheduler.is_finished());
    stop.cancel();
    scheduler.await.unwrap().unwrap();
}
