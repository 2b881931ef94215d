use broker::{Broker, NewTask, Run, Usage};
use fleet_tests::Services;
use queue_schema::payload::{RenderPage, SweepStorage};
use queue_schema::{Outcome, Queue};
use scheduler::{Duty, Reap, Release, Retention, Round};
use std::sync::Arc;
use uuid::Uuid;

async fn broker() -> (Broker, settings::Settings) {
    let settings = Services::shared().database().settings();
    (Broker::open(&settings, Arc::new(())).await.unwrap(), settings)
}

async fn enqueue(broker: &Broker, task: NewTask) -> Uuid {
    let client = broker.pool().get().await.unwrap();
    broker.enqueue(&**client, &[task]).await.unwrap()[0].id
}

fn task() -> NewTask {
    NewTask::new(&SweepStorage {}).unwrap()
}

async fn claim(broker: &Broker) -> Option<broker::Claimed> {
    broker.claim_next(Uuid::now_v7(), &[Queue::Maintenance]).await.unwrap()
}

async fn alter(broker: &Broker, statement: &str) {
    broker
        .pool()
        .get()
        .await
        .unwrap()
        .batch_execute(statement)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_task_of_a_lost_worker_runs_again() {
    let (broker, _) = broker().await;
    let id = enqueue(&broker, task()).await;
    claim(&broker).await.unwrap();
    let mut reap = Reap::new(broker.clone());
    assert_eq!(reap.round().await.unwrap().done, 0);
    alter(&broker, "UPDATE tasks SET lease_until = now() - interval '1 second'").await;
    assert_eq!(reap.round().await.unwrap(), Round { done: 1, more: false });
    let again = claim(&broker).await.unwrap();
    assert_eq!((again.id, again.attempt), (id, 2));
}

#[tokio::test]
async fn a_task_whose_time_has_come_is_released() {
    let (broker, _) = broker().await;
    let id = enqueue(&broker, task().due_in(std::time::Duration::from_secs(3600))).await;
    let mut release = Release::new(broker.clone());
    assert_eq!(release.round().await.unwrap().done, 0);
    alter(&broker, "UPDATE tasks SET due_at = now()").await;
    assert_eq!(release.round().await.unwrap().done, 1);
    assert_eq!(claim(&broker).await.unwrap().id, id);
}

#[tokio::test]
async fn old_tasks_of_no_document_are_forgotten() {
    let (broker, settings) = broker().await;
    let page = |document| {
        let payload = RenderPage {
            document,
            page: 1,
            width: 100,
        };
        NewTask::new(&payload)
            .unwrap()
            .on_queue(Queue::Maintenance)
            .of_document(document, 1)
    };
    let (kept, gone) = (Uuid::now_v7(), Uuid::now_v7());
    let insert = format!(
        "INSERT INTO documents (id, project, file_name, content_type, size_bytes, sha256, original, languages, status) \
         VALUES ('{kept}', '', '', '', 0, '', '', '', 'queued')"
    );
    alter(&broker, &insert).await;
    for task in [task(), page(kept), page(gone)] {
        enqueue(&broker, task).await;
        let claimed = claim(&broker).await.unwrap();
        let run = Run {
            id: claimed.id,
            token: claimed.token,
            document: claimed.document,
        };
        broker
            .fail(run, Outcome::Refused, None, Usage::default())
            .await
            .unwrap();
    }
    let waiting = enqueue(&broker, task()).await;
    let mut retention = Retention::new(broker.clone(), &settings);
    assert_eq!(retention.round().await.unwrap().done, 0, "nothing is old");
    alter(
        &broker,
        "UPDATE tasks SET finished_at = now() - interval '31 days' WHERE finished_at IS NOT NULL",
    )
    .await;
    assert_eq!(retention.round().await.unwrap().done, 2);
    let left = broker
        .search_tasks(&broker::TaskSearch {
            limit: 10,
            ..Default::default()
        })
        .await
        .unwrap()
        .tasks;
    assert_eq!(left.len(), 2);
    assert!(left.iter().all(|t| t.id == waiting || t.document == Some(kept)));
}
