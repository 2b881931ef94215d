use crate::support::{Fleet, What, run_of};
use queue_schema::Queue;
use queue_schema::document::{DocumentStatus, ErrorCode, Stage};
use store::{Bytes, Error, Reach, StageState};

#[tokio::test]
async fn a_cancelled_document_ends_at_once_and_its_run_is_told() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(3, 1).await;
    let running = fleet.claim(Queue::Ocr).await;
    assert!(fleet.store.cancel(id, "anna").await.unwrap());
    let view = fleet.view(id).await;
    assert_eq!(view.status, DocumentStatus::Cancelled);
    assert_eq!(view.error.unwrap().code, ErrorCode::Cancelled);
    assert!(fleet.nothing_in(Queue::Ocr).await);
    let renewal = broker::Renewal {
        id: running.id,
        token: running.token,
        progress: None,
    };
    let told = fleet.store.broker().renew(&[renewal]).await.unwrap();
    assert_eq!(told[0].cancel.as_deref(), Some("cancelled by anna"));
    assert!(!fleet.store.cancel(id, "anna").await.unwrap(), "it had ended");
    assert!(!fleet.store.cancel(fleet.finished().await, "anna").await.unwrap());
}

#[tokio::test]
async fn a_retry_uses_what_earlier_stages_made() {
    let fleet = Fleet::new().await;
    let id = fleet.finished().await;
    let retry = fleet
        .store
        .retry(&fleet.settings, id, Some(Stage::Extract), "anna")
        .await
        .unwrap();
    assert_eq!((retry.stage, retry.version), (Stage::Extract, 2));
    let view = fleet.view(id).await;
    assert_eq!(view.status, DocumentStatus::Queued);
    let states: Vec<_> = view.stages.iter().map(|s| s.state).collect();
    let (done, waiting) = (StageState::Done, StageState::Waiting);
    assert_eq!(states, [done, done, waiting, waiting]);
    let unfinished = fleet.store.retry(&fleet.settings, id, None, "anna").await;
    assert!(matches!(unfinished, Err(Error::Refused(_))));
    fleet.pass(Queue::Extract).await;
    fleet.pass(Queue::Finalize).await;
    assert_eq!(fleet.status(id).await, DocumentStatus::Done);
    assert_eq!(fleet.store.pages(id).await.unwrap()[0].text(), "Dear reader");
}

#[tokio::test]
async fn a_retry_begins_where_it_failed() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(1, 1).await;
    fleet.read("Dear reader").await;
    fleet.categorize("letter").await;
    fleet.kill(Queue::Extract).await;
    let retry = fleet.store.retry(&fleet.settings, id, None, "anna").await.unwrap();
    assert_eq!(retry.stage, Stage::Extract);
}

#[tokio::test]
async fn a_retry_needs_the_pages_or_reads_them() {
    let fleet = Fleet::new().await;
    let id = fleet.document().await;
    fleet.kill(Queue::Ocr).await;
    let refused = fleet
        .store
        .retry(&fleet.settings, id, Some(Stage::Extract), "anna")
        .await;
    assert!(refused.is_err_and(|e| e.to_string().contains("retry from stage ocr")));
    assert_eq!(
        fleet
            .store
            .retry(&fleet.settings, id, None, "anna")
            .await
            .unwrap()
            .stage,
        Stage::Ocr
    );
    fleet.open(id, 1, 1).await;
    fleet.read("at last").await;
    fleet.categorize("letter").await;
}

#[tokio::test]
async fn a_deleted_document_is_gone_and_then_its_rows_and_bytes() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(2, 1).await;
    fleet.store.delete(id, "a test").await.unwrap();
    assert!(matches!(
        fleet.store.view(id, &Reach::default()).await,
        Err(Error::NoDocument(_))
    ));
    assert!(matches!(
        fleet.store.delete(id, "a test").await,
        Err(Error::NoDocument(_))
    ));
    assert!(fleet.nothing_in(Queue::Ocr).await);

    let deletion = fleet.claim(Queue::Maintenance).await;
    assert_eq!(fleet.store.remove_bytes(id).await.unwrap(), 1);
    assert!(fleet.store.bytes().stream(&Bytes::original_key(id)).await.is_err());
    fleet.complete(run_of(&deletion), What::Removed(id)).await;
    let rows =
        "SELECT (SELECT count(*) FROM documents WHERE id = $1) + (SELECT count(*) FROM pages WHERE document_id = $1)";
    assert_eq!(fleet.count(rows, id).await, 0);
}
