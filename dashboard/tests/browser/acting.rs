//! What an operator does with the mouse, and sees come true without loading a page again.

use crate::support::Server;
use fleet_tests::{Browser, binary, wait_for};
use queue_schema::Queue;
use std::process::{Command, Stdio};
use thirtyfour::By;

#[tokio::test]
async fn a_paused_queue_is_the_reason_on_its_tasks() {
    let server = Server::start().await;
    server.worker(&[Queue::Processing]).await;
    let task = server.waiting().await;
    let browser = Browser::start().await;
    browser.go(&server.url(&format!("/tasks/{task}"))).await;
    browser.says("Next in lane processing").await;
    browser.press("processing").await;
    browser.press("Pause").await;
    browser.says("Paused by an operator at the dashboard").await;
    browser.go(&server.url(&format!("/tasks/{task}"))).await;
    browser
        .says("Queue processing is paused by an operator at the dashboard")
        .await;
    // Somebody else resumes; the open page tells.
    server.broker().resume(Queue::Processing, "bert").await.unwrap();
    browser.says("Why it is not running\nNext in lane processing").await;
}

#[tokio::test]
async fn dead_letters_are_found_counted_and_retried_together() {
    let server = Server::start().await;
    for n in 0..3 {
        server.dead(&format!("the printer ate page {n}")).await;
    }
    server.dead("the disk is full").await;
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    browser.says("4 dead letters").await;
    browser.press("Dead letters").await;
    browser.fill("Words of the error", "printer").await;
    browser.press("Show").await;
    browser.press("Retry all 3…").await;
    browser.says("Retry 3 dead letters?").await;
    browser.press("Retry 3").await;
    browser.says("3 dead letters retried").await;
    browser.press("To the dead letters").await;
    browser.says("the disk is full").await;
    assert_eq!(server.json("/api/v1/queues/processing").await["depth"], 3);
    // The last one, by its box.
    browser
        .driver
        .find(By::Css("input[name=id]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.press("Discard selected").await;
    browser.press("Discard 1").await;
    browser.press("To the dead letters").await;
    browser.says("No dead letters").await;
    browser.press("Audit").await;
    browser.says("task.discard").await;
}

#[tokio::test]
async fn a_worker_drains_and_is_gone() {
    let server = Server::start().await;
    let mut worker = Command::new(binary("worker-test"))
        .args(["--queues", Queue::Maintenance.as_str()])
        .env("DOCFLEET_DIE_WITH_PARENT", std::process::id().to_string())
        .envs(server.home.env())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let browser = Browser::start().await;
    browser.go(&server.url("/workers")).await;
    browser.says("worker-test on").await;
    browser.says("idle").await;
    browser.press("Drain").await;
    browser.says("It finishes what it runs and stops").await;
    let status = wait_for("the worker to end", async || worker.try_wait().unwrap()).await;
    assert!(status.success(), "{status}");
    browser.says("No worker has made itself known").await;
}

#[tokio::test]
async fn a_ticked_box_and_typed_words_stay_while_the_page_lives() {
    let server = Server::start().await;
    server.dead("one").await;
    let browser = Browser::start().await;
    browser.go(&server.url("/dead")).await;
    browser
        .driver
        .find(By::Css("input[name=id]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    server.dead("two").await;
    let events = "(async () => { const e = new EventSource('/api/v1/events'); for (let n = 0; n < 2; n++) \
                  await new Promise(heard => e.addEventListener('fleet', heard, { once: true })); e.close(); return true })()";
    assert_eq!(browser.eval(events).await, true);
    assert_eq!(
        browser
            .eval("document.querySelectorAll('input[name=id]:checked').length")
            .await,
        1
    );
    assert!(
        !browser.text().await.contains("two"),
        "the list waits for the hand that selects"
    );
    browser
        .driver
        .find(By::Css("input[name=id]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.says("two").await;
}
