//! A document's first task has its trace; all others of the document have the same.

use crate::support::{Fleet, run_of, task};
use broker::Usage;
use queue_schema::{Outcome, TraceId};
use uuid::Uuid;

#[tokio::test]
async fn tasks_of_a_document_inherit_the_trace_of_its_first() {
    let fleet = Fleet::new().await;
    let (mine, other, trace) = (Uuid::now_v7(), Uuid::now_v7(), TraceId::random());
    fleet.enqueue(&[task().of_document(mine, 1).traced(Some(trace))]).await;
    fleet
        .enqueue(&[task().of_document(mine, 1), task().of_document(other, 1), task()])
        .await;
    for _ in 0..4 {
        let claimed = fleet.next().await.unwrap();
        let expected = (claimed.document == Some(mine)).then_some(trace);
        assert_eq!(claimed.trace, expected, "{claimed:?}");
    }
}

#[tokio::test]
async fn a_retried_task_keeps_its_trace() {
    let fleet = Fleet::new().await;
    let trace = TraceId::random();
    fleet.enqueue(&[task().traced(Some(trace))]).await;
    let claimed = fleet.next().await.unwrap();
    let ended = fleet
        .broker
        .fail(run_of(&claimed), Outcome::Refused, None, Usage::default());
    ended.await.unwrap();
    let mut client = fleet.broker.pool().get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    fleet.broker.retry(&tx, claimed.id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(fleet.next().await.unwrap().trace, Some(trace));
}
