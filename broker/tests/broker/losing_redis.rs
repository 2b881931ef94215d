use crate::support::{Fleet, PATIENCE, QUEUES, task};
use broker::{Broker, Claimer, Enqueued};
use fleet_tests::{Home, Services, wait_until};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A poll interval so long that only a wake-up can lead to a claim.
const NEVER: Duration = Duration::from_secs(3600);
const OFTEN: Duration = Duration::from_millis(100);

fn claimer(fleet: &Fleet, poll: Duration) -> Claimer {
    Claimer::new(
        fleet.broker.clone(),
        fleet.worker,
        QUEUES.to_vec(),
        poll,
        CancellationToken::new(),
    )
}

async fn next(claimer: &mut Claimer) -> uuid::Uuid {
    let claimed = timeout(PATIENCE, claimer.next()).await.expect("claimed in time");
    claimed.expect("a task").id
}

#[tokio::test]
async fn a_wake_up_brings_the_most_urgent_task() {
    let fleet = Fleet::new().await;
    let mut claimer = claimer(&fleet, NEVER);
    let first = fleet.enqueue(&[task()]).await.remove(0).id;
    assert_eq!(next(&mut claimer).await, first);
    let waiting = fleet
        .enqueue(&[task().in_flow("x"), task().in_flow("y").urgent(true)])
        .await;
    assert_eq!(next(&mut claimer).await, waiting[1].id);
    assert_eq!(next(&mut claimer).await, waiting[0].id);
}

#[tokio::test]
async fn an_emptied_redis_is_filled_again() {
    let services = Services::start();
    let fleet = Fleet::in_home(services.database(), Arc::new(())).await;
    let waiting = fleet.enqueue(&[task(), task(), task()]).await;
    services.flush_redis();
    assert_eq!(
        fleet.broker.reconcile().await.unwrap(),
        0,
        "what became ready just now is on its way"
    );
    let client = fleet.broker.pool().get().await.unwrap();
    let older = "UPDATE tasks SET ready_at = now() - interval '3 seconds'";
    client.execute(older, &[]).await.unwrap();
    assert_eq!(fleet.broker.reconcile().await.unwrap(), 3);
    assert_eq!(fleet.broker.reconcile().await.unwrap(), 0, "nothing is in it twice");
    let mut waiter = fleet.broker.wake().waiter();
    for task in &waiting {
        let woken = waiter.next(QUEUES, PATIENCE).await.unwrap();
        assert_eq!(woken, Some(task.id), "in the same order");
    }
}

#[tokio::test]
async fn work_is_found_without_redis_and_with_a_new_one() {
    let services = Services::start();
    let fleet = Fleet::in_home(services.database(), Arc::new(())).await;
    let mut claimer = claimer(&fleet, OFTEN);
    services.kill_redis();
    let waiting = fleet.enqueue(&[task(), task()]).await;
    assert_eq!(next(&mut claimer).await, waiting[0].id);
    services.start_redis();
    assert_eq!(next(&mut claimer).await, waiting[1].id);
    let woken = fleet.enqueue(&[task()]).await.remove(0);
    assert_eq!(next(&mut claimer).await, woken.id);
    fleet_tests::wait_until("Redis to be told again", async || {
        let known: Result<u64, _> = fleet
            .broker
            .wake()
            .push(&[Enqueued {
                id: uuid::Uuid::now_v7(),
                ..woken.clone()
            }])
            .await;
        known.is_ok_and(|new| new == 1)
    })
    .await;
}

#[tokio::test]
async fn a_claimer_outlasts_postgres() {
    let services = Services::start();
    let fleet = Fleet::in_home(services.database(), Arc::new(())).await;
    let waiting = fleet.enqueue(&[task()]).await.remove(0);
    services.kill_postgres();
    let mut claimer = claimer(&fleet, OFTEN);
    let claiming = tokio::spawn(async move { next(&mut claimer).await });
    services.start_postgres();
    assert_eq!(claiming.await.unwrap(), waiting.id);
}

fn tell(home: &Home, words: &[&str]) {
    let client = redis::Client::open(home.broker_url()).unwrap();
    let mut command = redis::cmd(words[0]);
    command
        .arg(&words[1..])
        .exec(&mut client.get_connection().unwrap())
        .unwrap();
}

/// A Redis that accepts connections but does not answer is worse than one that is down.
#[tokio::test]
async fn workers_go_on_while_redis_is_silent() {
    let services = Services::start();
    let fleet = Fleet::in_home(services.database(), Arc::new(())).await;
    let mut claimer = claimer(&fleet, OFTEN);
    let first = fleet.enqueue(&[task()]).await.remove(0).id;
    assert_eq!(next(&mut claimer).await, first);
    tell(&fleet.home, &["CLIENT", "PAUSE", "600000", "ALL"]);
    let mut waiter = fleet.broker.wake().waiter();
    let silence = timeout(PATIENCE, waiter.next(QUEUES, OFTEN)).await;
    assert!(silence.expect("given up").is_err());
    // Only the first enqueue waits for Redis. Later ones know that it does not answer.
    for _ in 0..3 {
        let waiting = fleet.enqueue(&[task()]).await.remove(0).id;
        assert_eq!(next(&mut claimer).await, waiting);
    }
}

#[tokio::test]
async fn a_redis_that_throws_wake_ups_away_is_refused_with_the_mend() {
    let services = Services::start();
    let home = services.database();
    let open = async || Broker::open(&home.settings(), Arc::new(())).await;
    assert!(open().await.is_ok());
    tell(&home, &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let refusal = open().await.err().unwrap();
    assert!(!refusal.is_transient());
    let told = refusal.to_string();
    assert!(told.contains("BROKER_URL") && told.contains("allkeys-lru"), "{told}");
    assert!(
        told.contains("redis-cli CONFIG SET maxmemory-policy noeviction"),
        "{told}"
    );
    tell(&home, &["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    assert!(open().await.is_ok());
}

/// A queue that is never empty is served by polling Postgres, so nothing pops its wake-ups.
#[tokio::test]
async fn a_task_found_by_looking_leaves_no_wake_up_behind() {
    let fleet = Fleet::new().await;
    let mut claimer = claimer(&fleet, Duration::ZERO);
    let waiting = fleet.enqueue(&[task(), task(), task()]).await;
    for task in &waiting {
        assert_eq!(next(&mut claimer).await, task.id);
    }
    wait_until("Redis to know of none", async || {
        fleet.broker.wake().counts().await.unwrap()[&QUEUES[0]] == 0
    })
    .await;
}
