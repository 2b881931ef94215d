use crate::support::{Fleet, PATIENCE, QUEUES, Results, Then, opening, run_of, task};
use broker::{Error, Renewal, Usage};
use queue_schema::{Outcome, Queue, State};
use std::collections::HashSet;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

#[tokio::test]
async fn many_claim_and_each_task_runs_once() {
    let fleet = Fleet::new().await;
    let tasks: Vec<_> = (0..60).map(|_| task()).collect();
    fleet.enqueue(&tasks).await;
    let claimers: Vec<_> = (0..8)
        .map(|_| {
            let broker = fleet.broker.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                while let Some(claimed) = broker.claim_next(Uuid::now_v7(), QUEUES).await.unwrap() {
                    mine.push(claimed.id);
                }
                mine
            })
        })
        .collect();
    let mut all = Vec::new();
    for claimer in claimers {
        all.extend(claimer.await.unwrap());
    }
    assert_eq!(all.len(), 60);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 60);
}

#[tokio::test]
async fn a_claim_spends_an_attempt_and_is_renewed_with_its_progress() {
    let fleet = Fleet::new().await;
    let running = fleet.running().await;
    assert_eq!(running.attempt, 1);
    let renewal = Renewal {
        id: running.id,
        token: running.token,
        progress: Some((3, 10)),
    };
    let renewed = fleet.broker.renew(&[renewal]).await.unwrap();
    assert_eq!((renewed[0].id, &renewed[0].cancel), (running.id, &None));
    let done: i32 = fleet
        .cell("SELECT progress_done FROM tasks WHERE id = $1", running.id)
        .await;
    assert_eq!(done, 3);
    let stranger = Renewal {
        token: Uuid::now_v7(),
        ..renewal
    };
    assert!(fleet.broker.renew(&[stranger]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_renewal_without_an_answer_times_out() {
    let fleet = Fleet::new().await;
    fleet.enqueue(&[task()]).await;
    let mut client = fleet.broker.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    tx.batch_execute("LOCK TABLE lease_watch").await.unwrap();
    let renewal = fleet.broker.renew(&[]);
    assert!(timeout(Duration::from_millis(200), renewal).await.is_err());
    // The connection on which the renewal waits is not reused.
    assert!(
        timeout(PATIENCE, fleet.next())
            .await
            .expect("claimed in time")
            .is_some()
    );
}

#[tokio::test]
async fn a_lost_lease_writes_nothing() {
    let follower = task();
    let follower_id = follower.id();
    let fleet = Fleet::following(Then(follower)).await;
    let late = fleet.running().await;
    fleet.expire(late.id).await;
    let renewal = Renewal {
        id: late.id,
        token: late.token,
        progress: None,
    };
    assert!(fleet.broker.renew(&[renewal]).await.unwrap().is_empty());
    let ended = fleet
        .broker
        .complete(run_of(&late), Usage::default(), Results::default())
        .await;
    assert!(matches!(ended, Err(Error::LeaseLost(id)) if id == late.id), "{ended:?}");
    let failed = fleet
        .broker
        .fail(run_of(&late), Outcome::Failed, None, Usage::default())
        .await;
    assert!(matches!(failed, Err(Error::LeaseLost(_))), "{failed:?}");

    // The task is taken back and claimed again, so the token of the late run is no longer valid.
    assert_eq!(fleet.broker.reap(10).await.unwrap(), 1);
    let second = fleet.next().await.unwrap();
    assert_eq!((second.id, second.attempt), (late.id, 2));
    let ended = fleet
        .broker
        .complete(run_of(&late), Usage::default(), Results::default())
        .await;
    assert!(matches!(ended, Err(Error::LeaseLost(_))), "{ended:?}");
    assert_eq!(fleet.state(second.id).await, State::Running);
    let followers: i64 = fleet
        .cell("SELECT count(*) FROM tasks WHERE id = $1", follower_id)
        .await;
    assert_eq!(followers, 0);
}

#[tokio::test]
async fn lanes_are_served_in_their_order() {
    let fleet = Fleet::new().await;
    let waiting = fleet.enqueue(&[opening(), opening().urgent(true)]).await;
    let lanes = [Queue::PriorityOcr, Queue::Ocr];
    let order = [
        fleet.broker.claim_next(fleet.worker, &lanes).await.unwrap().unwrap().id,
        fleet.broker.claim_next(fleet.worker, &lanes).await.unwrap().unwrap().id,
    ];
    assert_eq!(order, [waiting[1].id, waiting[0].id]);
}

#[tokio::test]
async fn a_worker_claims_from_its_own_queues_only() {
    let fleet = Fleet::new().await;
    let waiting = fleet.enqueue(&[opening()]).await.remove(0);
    let broker = &fleet.broker;
    assert!(
        broker
            .claim(fleet.worker, QUEUES, &[waiting.id])
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        broker
            .claim(fleet.worker, &[Queue::Ocr], &[waiting.id])
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        broker
            .claim(fleet.worker, &[Queue::Ocr], &[waiting.id])
            .await
            .unwrap()
            .is_empty()
    );
}
