use crate::support::{Fleet, Results, run_of, task};
use broker::Usage;
use queue_schema::{Queue, State};
use std::time::Duration;

#[tokio::test]
async fn a_task_is_there_when_its_transaction_commits_and_not_before() {
    let fleet = Fleet::new().await;
    let mut client = fleet.broker.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    assert_eq!(fleet.broker.enqueue(&*tx, &[task()]).await.unwrap().len(), 1);
    assert!(fleet.next().await.is_none());
    tx.rollback().await.unwrap();
    assert!(fleet.next().await.is_none());
    fleet.enqueue(&[task()]).await;
    assert!(fleet.next().await.is_some());
}

#[tokio::test]
async fn one_live_task_per_unique_key() {
    let fleet = Fleet::new().await;
    let keyed = || task().unique("only one");
    assert_eq!(fleet.enqueue(&[keyed(), keyed()]).await.len(), 1);
    let running = fleet.next().await.unwrap();
    assert!(fleet.enqueue(&[keyed()]).await.is_empty(), "the first one is running");
    fleet
        .broker
        .complete(run_of(&running), Usage::default(), Results::default())
        .await
        .unwrap();
    assert_eq!(fleet.enqueue(&[keyed()]).await.len(), 1, "the first one has ended");
}

#[tokio::test]
async fn a_delayed_task_waits_for_its_release() {
    let fleet = Fleet::new().await;
    let delayed = fleet
        .enqueue(&[task().due_in(Duration::from_secs(3600))])
        .await
        .remove(0);
    assert_eq!(delayed.state, State::Scheduled);
    assert_eq!(fleet.broker.release_due(100).await.unwrap(), 0);
    fleet
        .alter("UPDATE tasks SET due_at = now() WHERE id = $1", delayed.id)
        .await;
    assert_eq!(fleet.broker.release_due(100).await.unwrap(), 1);
    assert_eq!(fleet.next().await.unwrap().id, delayed.id);
}

#[tokio::test]
async fn the_policy_of_the_moment_travels_with_the_task() {
    let fleet = Fleet::new().await;
    let running = fleet.running().await;
    assert_eq!(running.policy.unwrap(), *fleet.broker.policy(Queue::Processing));
}
