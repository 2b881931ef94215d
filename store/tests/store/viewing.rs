use crate::support::Fleet;
use broker::Registration;
use queue_schema::Queue;
use queue_schema::document::{DocumentStatus, Stage};
use store::StageState;
use uuid::Uuid;

async fn why(fleet: &Fleet, id: Uuid, stage: Stage) -> (StageState, Option<String>) {
    let stages = fleet.view(id).await.stages;
    let found = stages.into_iter().find(|s| s.stage == stage).unwrap();
    (found.state, found.why)
}

fn waiting(sentence: &str) -> (StageState, Option<String>) {
    (StageState::Waiting, Some(sentence.into()))
}

#[tokio::test]
async fn a_waiting_stage_says_why() {
    let fleet = Fleet::new().await;
    let (first, second) = (fleet.document().await, fleet.document().await);
    assert_eq!(
        why(&fleet, first, Stage::Ocr).await,
        waiting("no worker serves queue ocr")
    );
    assert_eq!(
        why(&fleet, first, Stage::Extract).await,
        waiting("waits for the stage before it")
    );
    let broker = fleet.store.broker();
    let worker = Registration {
        id: fleet.worker,
        name: "ocr".into(),
        host: "here".into(),
        queues: vec![Queue::Ocr],
    };
    broker.register(&worker).await.unwrap();
    assert_eq!(why(&fleet, first, Stage::Ocr).await, waiting("next in lane ocr"));
    assert_eq!(
        why(&fleet, second, Stage::Ocr).await,
        waiting("1 task ahead in lane ocr")
    );
    broker.pause(Queue::Ocr, "anna").await.unwrap();
    assert_eq!(
        why(&fleet, first, Stage::Ocr).await,
        waiting("queue ocr is paused by anna")
    );
}

#[tokio::test]
async fn a_document_is_processing_once_its_first_task_runs() {
    let fleet = Fleet::new().await;
    let id = fleet.document().await;
    assert_eq!(fleet.status(id).await, DocumentStatus::Queued);
    fleet.claim(Queue::Ocr).await;
    assert_eq!(fleet.status(id).await, DocumentStatus::Processing);
    assert_eq!(why(&fleet, id, Stage::Ocr).await, (StageState::Running, None));
}

#[tokio::test]
async fn pages_under_way_count_as_they_are_read() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(4, 2).await;
    fleet.read("one").await;
    let running = fleet.claim(Queue::Ocr).await;
    let renewal = broker::Renewal {
        id: running.id,
        token: running.token,
        progress: Some((1, 2)),
    };
    fleet.store.broker().renew(&[renewal]).await.unwrap();
    assert_eq!(fleet.view(id).await.pages_read, 3);
}

#[tokio::test]
async fn stages_after_a_failure_are_skipped() {
    let fleet = Fleet::new().await;
    let id = fleet.document().await;
    fleet.kill(Queue::Ocr).await;
    let skipped = (StageState::Skipped, Some("the document ended before this stage".into()));
    assert_eq!(why(&fleet, id, Stage::Finalize).await, skipped);
}
