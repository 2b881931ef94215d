use crate::support::{Fleet, Results, What, run_of};
use broker::Usage;
use queue_schema::document::{DocumentStatus, ErrorCode, Stage};
use queue_schema::{Outcome, Queue, State};
use store::{NewDocument, StageState};

#[tokio::test]
async fn a_document_goes_through_all_stages() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(5, 2).await;
    let spans = [
        fleet.read("one two").await,
        fleet.read("three").await,
        fleet.read("four").await,
    ];
    assert_eq!(spans.map(|p| (p.first, p.last)), [(1, 2), (3, 4), (5, 5)]);
    fleet.categorize("letter").await;
    fleet.pass(Queue::Extract).await;
    let finalize = fleet.claim(Queue::Finalize).await;
    assert_eq!(finalize.payload["searchable_pdf"], true);
    assert_eq!(fleet.status(id).await, DocumentStatus::Processing);
    fleet.complete(run_of(&finalize), What::Nothing).await;
    let view = fleet.view(id).await;
    assert_eq!(view.status, DocumentStatus::Done);
    assert_eq!((view.page_count, view.pages_read), (Some(5), 5));
    assert!(
        view.stages
            .iter()
            .all(|s| s.state == StageState::Done && s.why.is_none())
    );
    let tasks = fleet
        .count("SELECT count(*) FROM tasks WHERE document_id = $1", id)
        .await;
    assert_eq!(tasks, 1 + 3 + 1 + 1 + 1);
}

#[tokio::test]
async fn what_a_run_leaves_that_gave_way_is_a_task_again_with_all_its_attempts() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(5, 5).await;
    fleet.read_most(2, "one two").await;
    assert_eq!(fleet.view(id).await.pages_read, 2, "what was read is kept");
    assert!(fleet.nothing_in(Queue::Categorize).await, "pages are missing");
    let rest = fleet.claim(Queue::Ocr).await;
    assert_eq!((&rest.payload["first"], &rest.payload["last"]), (&3.into(), &5.into()));
    assert_eq!(rest.attempt, 1, "giving way spends nothing");
    let broker = fleet.store.broker();
    let handed_back = broker.fail(run_of(&rest), Outcome::HandedBack, None, Usage::default());
    handed_back.await.unwrap();
    fleet.read_most(1, "three").await;
    fleet.read("four five").await;
    assert!(fleet.nothing_in(Queue::Ocr).await);
    fleet.categorize("letter").await;
    assert_eq!(fleet.view(id).await.pages_read, 5);
}

#[tokio::test]
async fn a_document_that_was_begun_anew_does_not_go_on_with_what_was_left_before() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(5, 5).await;
    fleet
        .execute("UPDATE documents SET version = version + 1 WHERE id = $1", id)
        .await;
    fleet.read_most(2, "one two").await;
    assert!(fleet.nothing_in(Queue::Ocr).await);
}

#[tokio::test]
async fn the_last_pages_bring_the_next_stage_in_whatever_order_they_end() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(2, 1).await;
    let (first, second) = (fleet.claim(Queue::Ocr).await, fleet.claim(Queue::Ocr).await);
    // Marked as read, so that the document has a readable page.
    fleet
        .execute("UPDATE pages SET source = 'ocr' WHERE document_id = $1", id)
        .await;
    let ending = [second, first].map(|claimed| {
        let store = fleet.store.clone();
        tokio::spawn(async move {
            let results = Results {
                store: store.clone(),
                what: What::Nothing,
            };
            let ended = store.broker().complete(run_of(&claimed), Usage::default(), results);
            ended.await
        })
    });
    for ended in ending {
        ended.await.unwrap().unwrap();
    }
    assert_eq!(fleet.claim(Queue::Categorize).await.document, Some(id));
    assert!(fleet.nothing_in(Queue::Categorize).await);
}

#[tokio::test]
async fn a_given_category_needs_no_categorizing() {
    let fleet = Fleet::new().await;
    let new = NewDocument {
        category: Some("invoice".into()),
        ..fleet.upload().await
    };
    fleet.store.create(&new).await.unwrap();
    fleet.open(new.id, 1, 1).await;
    fleet.read("Invoice").await;
    assert!(fleet.nothing_in(Queue::Categorize).await);
    let view = fleet.view(new.id).await;
    let stage = view.stages.iter().find(|s| s.stage == Stage::Categorize).unwrap();
    assert_eq!(stage.state, StageState::Skipped);
    assert_eq!(stage.why.as_deref(), Some("the category was given at upload"));
    assert_eq!(fleet.claim(Queue::Extract).await.document, Some(new.id));
}

#[tokio::test]
async fn a_stage_that_fails_for_good_fails_the_document() {
    let fleet = Fleet::new().await;
    let id = fleet.opened(1, 1).await;
    fleet.read("Dear reader").await;
    fleet.kill(Queue::Categorize).await;
    let view = fleet.view(id).await;
    let error = view.error.unwrap();
    assert_eq!(
        (view.status, error.stage),
        (DocumentStatus::Failed, Some(Stage::Categorize))
    );
    assert!(fleet.nothing_in(Queue::Extract).await);
    let stage = view.stages.iter().find(|s| s.stage == Stage::Categorize).unwrap();
    assert_eq!(
        (stage.state, stage.why.as_ref()),
        (StageState::Failed, Some(&error.message))
    );
}

#[tokio::test]
async fn a_document_that_cannot_be_opened_fails_with_its_reason() {
    let fleet = Fleet::new().await;
    let id = fleet.document().await;
    let opening = fleet.claim(Queue::Ocr).await;
    let error = queue_schema::document::DocumentError::new(ErrorCode::EncryptedPdf, "the PDF asks for a password");
    let broker = fleet.store.broker();
    let ended = broker.fail(run_of(&opening), Outcome::Refused, Some(error), Usage::default());
    assert_eq!(ended.await.unwrap(), State::Dead);
    let error = fleet.view(id).await.error.unwrap();
    assert_eq!((error.code, error.stage), (ErrorCode::EncryptedPdf, Some(Stage::Ocr)));
}

#[tokio::test]
async fn a_document_may_take_so_much_work_and_no_more() {
    let fleet = Fleet::with(&[("DOCUMENT_WORKFLOW_TIME_LIMIT", "60")]).await;
    let id = fleet.opened(2, 1).await;
    fleet
        .execute(
            "UPDATE tasks SET work_ms = 61000 WHERE document_id = $1 AND kind = 'open_document'",
            id,
        )
        .await;
    fleet.read("one").await;
    let view = fleet.view(id).await;
    let error = view.error.unwrap();
    assert_eq!((view.status, error.code), (DocumentStatus::Failed, ErrorCode::TimedOut));
    assert!(error.message.contains("DOCUMENT_WORKFLOW_TIME_LIMIT"), "{error}");
    assert!(
        fleet.nothing_in(Queue::Ocr).await,
        "the other page is not read any more"
    );
}
