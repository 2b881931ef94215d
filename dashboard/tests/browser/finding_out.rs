//! A person who knows a file's name finds out why the document is not done: one test for each of the ways to be stuck.

use crate::support::Server;
use fleet_tests::Browser;
use queue_schema::{Outcome, Queue};
use uuid::Uuid;

const NAME: &str = "contract-4711.pdf";

/// From the overview to the document, by its name.
async fn look_up(server: &Server) -> Browser {
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    browser.fill("Find a document or a task", NAME).await;
    browser.press("Find").await;
    browser.press(NAME).await;
    browser.says("Why it is not done").await;
    browser
}

#[tokio::test]
async fn its_queue_is_paused() {
    let server = Server::start().await;
    server.worker(&[Queue::Ocr]).await;
    server.document(NAME).await;
    server.broker().pause(Queue::Ocr, "anna").await.unwrap();
    look_up(&server).await.says("Queue ocr is paused by anna").await;
}

#[tokio::test]
async fn no_worker_serves_its_queue() {
    let server = Server::start().await;
    server.document(NAME).await;
    let browser = look_up(&server).await;
    browser.says("No worker serves queue ocr").await;
    // The page learns without being loaded again.
    server.worker(&[Queue::Ocr]).await;
    browser.says("Next in lane ocr").await;
}

#[tokio::test]
async fn it_waits_for_a_page() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Ocr]).await;
    let document = server.document(NAME).await;
    let script = format!(
        "UPDATE documents SET page_count = 3 WHERE id = '{document}';
         INSERT INTO pages (document_id, page, width, height, rotation, source, confidence, words, text)
         SELECT '{document}', n, 595, 842, 0, 'ocr', 1, '[]', '' FROM generate_series(1, 2) n;
         UPDATE tasks SET kind = 'read_pages',
                payload = '{{\"document\":\"{document}\",\"first\":3,\"last\":3,\"languages\":\"eng\",\"force_ocr\":false}}'
         WHERE document_id = '{document}'"
    );
    server.sql(&script).await;
    server.claim(worker, Queue::Ocr).await;
    let browser = look_up(&server).await;
    browser.says("It waits for 1 of 3 pages.").await;
    browser.says("read_pages (page 3)").await;
    browser.says("It runs: leased by worker worker-test on here").await;
}

#[tokio::test]
async fn it_backs_off_after_an_error() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Ocr]).await;
    server.document(NAME).await;
    let claimed = server.claim(worker, Queue::Ocr).await;
    server.fail(&claimed, Outcome::Failed, "the storage was away").await;
    let browser = look_up(&server).await;
    browser.says("(attempt 2 of 8), because: the storage was away").await;
}

#[tokio::test]
async fn it_is_dead_by_memory() {
    let server = Server::start().await;
    server.document(NAME).await;
    for _ in 0..3 {
        server
            .sql("UPDATE tasks SET state = 'ready', ready_at = now() WHERE state = 'scheduled'")
            .await;
        let claimed = server.claim(Uuid::now_v7(), Queue::Ocr).await;
        server
            .fail(&claimed, Outcome::OutOfMemory, "it took more than 2 GiB")
            .await;
    }
    server
        .sql("UPDATE documents SET status = 'failed', finished_at = now(), error = '{\"code\":\"out_of_memory\",\"message\":\"it took more than 2 GiB\",\"stage\":\"ocr\"}'")
        .await;
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    browser.fill("Find a document or a task", NAME).await;
    browser.press("Find").await;
    browser.press(NAME).await;
    browser.says("it took more than 2 GiB").await;
    let task = browser.driver.find(thirtyfour::By::Css("tbody a.id")).await.unwrap();
    task.click().await.unwrap();
    browser
        .says("was stopped by its memory limit (3 of 3 crashes spent)")
        .await;
    browser.says("292 MiB").await;
}

#[tokio::test]
async fn it_is_leased_by_a_dead_worker() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Ocr]).await;
    server.document(NAME).await;
    server.claim(worker, Queue::Ocr).await;
    server
        .sql(
            "UPDATE workers SET last_seen = now() - interval '5 minutes';
             UPDATE tasks SET lease_until = now() - interval '4 minutes' WHERE state = 'running'",
        )
        .await;
    let browser = look_up(&server).await;
    browser.says("without a sign of life since").await;
    browser.go(&server.base).await;
    browser.says("no scheduler seems to run").await;
}
