use crate::support::{Fleet, run_of};
use broker::Usage;
use queue_schema::{Outcome, State};
use uuid::Uuid;

#[tokio::test]
async fn a_dead_task_gets_a_successor_and_stays_dead() {
    let fleet = Fleet::new().await;
    let running = fleet.running().await;
    let mut client = fleet.broker.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    assert!(
        fleet.broker.retry(&tx, running.id).await.unwrap().is_none(),
        "it still runs"
    );
    drop(tx);
    fleet
        .broker
        .fail(run_of(&running), Outcome::Refused, None, Usage::default())
        .await
        .unwrap();
    let tx = client.transaction().await.unwrap();
    let again = fleet.broker.retry(&tx, running.id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(fleet.state(running.id).await, State::Dead);
    let of: Uuid = fleet.cell("SELECT retry_of FROM tasks WHERE id = $1", again.id).await;
    assert_eq!(of, running.id);
    let claimed = fleet.next().await.unwrap();
    assert_eq!((claimed.id, claimed.attempt), (again.id, 1));
}
