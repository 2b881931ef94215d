//! Without a mouse, on any screen: everything can be reached, is named, and can be read.

use crate::support::Server;
use broker::Condition;
use fleet_tests::Browser;
use queue_schema::{Outcome, Queue};
use thirtyfour::{By, Key};

/// A fleet with something on every page, and the pages.
async fn furnished() -> (Server, Vec<String>) {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Ocr, Queue::Processing]).await;
    let slots = serde_json::json!([{"pid": 7, "task": null, "rss_kib": 90_000, "tasks_done": 3, "age_s": 60}]);
    let condition = Condition {
        slots,
        recycles: serde_json::json!({"memory": 2}),
        ..Condition::default()
    };
    server.broker().heartbeat(worker, &condition).await.unwrap();
    let document = server
        .document("a-document-with-quite-a-long-name-that-says-little-2026-05-01.pdf")
        .await;
    let claimed = server.claim(worker, Queue::Ocr).await;
    server.fail(&claimed, Outcome::Failed, "the storage was away").await;
    server.dead("bad").await;
    server.post("/api/v1/queues/extract/pause").await;
    let mut pages: Vec<String> = [
        "/",
        "/wall",
        "/tasks",
        "/dead",
        "/workers",
        "/schedules",
        "/audit",
        "/documents",
        "/keys",
        "/sign-in",
    ]
    .map(str::to_owned)
    .to_vec();
    pages.extend([
        "/queues/ocr?state=scheduled".into(),
        format!("/tasks/{}", claimed.id),
        format!("/documents/{document}"),
    ]);
    (server, pages)
}

#[tokio::test]
async fn every_page_can_be_read_and_has_names_for_everything() {
    let (server, pages) = furnished().await;
    let browser = Browser::start().await;
    let found = browser.faults_of(&server.base, &pages).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn a_queue_is_paused_by_keys_alone() {
    let (server, _) = furnished().await;
    let browser = Browser::start().await;
    browser.go(&server.url("/queues/ocr")).await;
    browser.key(Key::Tab).await;
    assert_eq!(
        browser.eval("document.activeElement.textContent").await,
        "Skip to the content"
    );
    browser.key(Key::Enter).await;
    browser.key(Key::Tab).await;
    assert_eq!(browser.eval("document.activeElement.textContent").await, "Pause");
    browser.key(Key::Enter).await;
    browser.says("Paused by an operator").await;
    let visible = browser.driver.find(By::Css("[aria-current]")).await;
    assert!(visible.is_ok(), "the page says where one is");
}
