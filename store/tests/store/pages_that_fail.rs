use crate::support::Fleet;
use queue_schema::Queue;
use queue_schema::document::{DocumentStatus, PageSource, Stage};

#[tokio::test]
async fn pages_that_went_down_together_are_tried_apart() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(4, 4).await;
    let together = fleet.kill(Queue::Ocr).await;
    assert_eq!(
        together.policy.unwrap().max_crashes,
        1,
        "one crash is enough to part them"
    );
    let apart = [fleet.read("one").await, fleet.read("two").await];
    assert_eq!(apart.map(|p| (p.first, p.last)), [(1, 1), (2, 2)]);
    fleet.kill(Queue::Ocr).await;
    assert!(fleet.nothing_in(Queue::Categorize).await, "page 4 is still to come");
    fleet.read("four").await;
    fleet.categorize("letter").await;
    let pages = fleet.store.pages(id).await.unwrap();
    let sources: Vec<_> = pages.iter().map(|p| p.source).collect();
    assert_eq!(
        sources,
        [
            PageSource::Ocr,
            PageSource::Ocr,
            PageSource::Unreadable,
            PageSource::Ocr
        ]
    );
    let error = pages[2].error.clone().unwrap();
    assert_eq!((error.page, error.stage), (Some(3), Some(Stage::Ocr)));
    assert_eq!(fleet.store.unreadable_pages(id).await.unwrap(), [(3, error)]);
    assert_eq!(fleet.status(id).await, DocumentStatus::Processing);
}

#[tokio::test]
async fn the_last_page_may_be_the_bad_one() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(2, 1).await;
    fleet.read("one").await;
    fleet.kill(Queue::Ocr).await;
    assert_eq!(fleet.claim(Queue::Categorize).await.document, Some(id));
}

#[tokio::test]
async fn a_document_without_a_readable_page_fails() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(2, 1).await;
    fleet.kill(Queue::Ocr).await;
    assert_eq!(fleet.status(id).await, DocumentStatus::Processing);
    fleet.kill(Queue::Ocr).await;
    let view = fleet.view(id).await;
    assert_eq!(view.status, DocumentStatus::Failed);
    assert_eq!(view.error.unwrap().stage, Some(Stage::Ocr));
}

/// For example a task of a newer docfleet that an older worker claims.
#[tokio::test]
async fn a_task_that_cannot_be_read_ends_its_document() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(2, 1).await;
    let client = fleet.store.broker().pool().get().await.unwrap();
    let unreadable = "UPDATE tasks SET payload = '{}' WHERE kind = 'read_pages'";
    assert_eq!(client.execute(unreadable, &[]).await.unwrap(), 2);
    fleet.kill(Queue::Ocr).await;
    assert_eq!(fleet.status(id).await, DocumentStatus::Failed);
    assert!(fleet.nothing_in(Queue::Ocr).await);
}
