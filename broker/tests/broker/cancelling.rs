use crate::support::{Fleet, run_of, task};
use broker::{Renewal, Usage, cancel, cancel_document};
use queue_schema::{Outcome, State};
use uuid::Uuid;

async fn cancelled(fleet: &Fleet, ids: &[Uuid]) -> usize {
    let mut client = fleet.broker.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    let waiting = cancel(&tx, ids, "nobody wants it").await.unwrap();
    tx.commit().await.unwrap();
    waiting
}

#[tokio::test]
async fn what_waits_never_runs() {
    let fleet = Fleet::new().await;
    let waiting = fleet.enqueue(&[task()]).await.remove(0).id;
    assert_eq!(cancelled(&fleet, &[waiting]).await, 1);
    assert_eq!(fleet.state(waiting).await, State::Cancelled);
    assert!(fleet.next().await.is_none());
    assert_eq!(cancelled(&fleet, &[waiting]).await, 0, "it had ended");
}

#[tokio::test]
async fn what_runs_is_told_and_not_tried_again() {
    let fleet = Fleet::new().await;
    let running = fleet.running().await;
    assert_eq!(cancelled(&fleet, &[running.id]).await, 0, "none was waiting");
    let renewal = Renewal {
        id: running.id,
        token: running.token,
        progress: None,
    };
    let renewed = fleet.broker.renew(&[renewal]).await.unwrap();
    assert_eq!(renewed[0].cancel.as_deref(), Some("nobody wants it"));
    let state = fleet
        .broker
        .fail(run_of(&running), Outcome::Crashed, None, Usage::default())
        .await
        .unwrap();
    assert_eq!(state, State::Cancelled);
}

#[tokio::test]
async fn a_cancelled_run_whose_worker_is_lost_is_cancelled() {
    let fleet = Fleet::new().await;
    let running = fleet.running().await;
    cancelled(&fleet, &[running.id]).await;
    fleet.expire(running.id).await;
    assert_eq!(fleet.broker.reap(10).await.unwrap(), 1);
    assert_eq!(fleet.state(running.id).await, State::Cancelled);
}

#[tokio::test]
async fn a_document_is_cancelled_whole_and_alone() {
    let fleet = Fleet::new().await;
    let (mine, other) = (Uuid::now_v7(), Uuid::now_v7());
    let tasks = [
        task().of_document(mine, 1),
        task().of_document(mine, 1),
        task().of_document(other, 1),
    ];
    fleet.enqueue(&tasks).await;
    let mut client = fleet.broker.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    broker::lock(&tx, mine).await.unwrap();
    assert_eq!(cancel_document(&tx, mine, "gone").await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(fleet.next().await.unwrap().document, Some(other));
}
