use crate::support::{Fleet, PATIENCE, run_of, task};
use broker::{Renewal, Usage, cancel, cancel_document};
use fleet_tests::wait_until;
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

/// Two cancels of the same runs in different order must not deadlock.
#[tokio::test]
async fn cancelling_several_runs_locks_them_in_one_order() {
    let fleet = Fleet::new().await;
    let (first, second) = (fleet.running().await.id, fleet.running().await.id);
    // Its row is written last and its lease ends last, so it comes after the other in every order but that of ids.
    let later = "UPDATE tasks SET lease_until = lease_until + interval '1 second' WHERE id = $1";
    fleet.alter(later, first).await;
    let mut client = fleet.broker.pool().get().await.unwrap();
    let locking = client.transaction().await.unwrap();
    let lock = "SELECT FROM tasks WHERE id = $1 FOR UPDATE NOWAIT";
    locking.execute(lock, &[&first]).await.unwrap();
    let mut other = fleet.broker.pool().get().await.unwrap();
    let cancelled = tokio::spawn(async move {
        let tx = other.transaction().await.unwrap();
        let waiting = cancel(&tx, &[second, first], "nobody wants it").await;
        tx.commit().await.unwrap();
        waiting
    });
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let looking = fleet.broker.pool().get().await.unwrap();
    wait_until("it to wait for the first", async || {
        looking.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    locking
        .execute(lock, &[&second])
        .await
        .expect("nobody has locked the second");
    locking.commit().await.unwrap();
    assert_eq!(cancelled.await.unwrap().unwrap(), 0);
}

/// A row may be locked by a long commit, or by one whose worker is gone. The worker's other leases must not expire because of
/// it.
#[tokio::test]
async fn a_renewal_waits_for_no_lock() {
    let fleet = Fleet::new().await;
    let runs = [fleet.running().await, fleet.running().await];
    let ends = async |id| {
        let ends = "SELECT extract(epoch FROM lease_until)::float8 FROM tasks WHERE id = $1";
        fleet.cell::<f64>(ends, id).await
    };
    let before = [ends(runs[0].id).await, ends(runs[1].id).await];
    let mut client = fleet.broker.pool().get().await.unwrap();
    let locking = client.transaction().await.unwrap();
    let lock = "SELECT FROM tasks WHERE id = $1 FOR UPDATE";
    locking.execute(lock, &[&runs[0].id]).await.unwrap();
    let renewals = runs.each_ref().map(|run| Renewal {
        id: run.id,
        token: run.token,
        progress: None,
    });
    let renewed = tokio::time::timeout(PATIENCE, fleet.broker.renew(&renewals)).await;
    let renewed = renewed.expect("nobody is waited for").unwrap();
    assert_eq!(renewed.len(), 2, "neither is lost");
    locking.commit().await.unwrap();
    let after = [ends(runs[0].id).await, ends(runs[1].id).await];
    assert_eq!(after[0], before[0]);
    assert!(after[1] > before[1]);
}
