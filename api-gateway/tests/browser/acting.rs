//! What one does to documents, and what is said when it cannot be done.

use crate::common::Server;
use fleet_tests::Browser;
use thirtyfour::{By, Key};

#[tokio::test]
async fn a_document_is_cancelled_retried_and_deleted_on_its_page() {
    let server = Server::start(&[]).await;
    let id = server.queued().await;
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    browser.press("invoice.pdf").await;
    browser.says("No worker serves queue ocr").await;
    browser.press("Cancel").await;
    browser.says("Cancelled by somebody at the gateway.").await;
    browser.press("Retry").await;
    browser.says("● queued").await;
    // Somebody else cancels it; the open page tells.
    server.store.cancel(id.parse().unwrap(), "anna").await.unwrap();
    browser.says("Cancelled by anna.").await;
    browser.press("Delete…").await;
    browser.says("Delete invoice.pdf?").await;
    browser.press("Keep").await;
    browser.press("Delete…").await;
    browser.press("Delete").await;
    browser.says("No documents yet").await;
    browser.go(&server.url(&format!("/documents/{id}"))).await;
    browser.says(&format!("There is no document {id}.")).await;
}

#[tokio::test]
async fn a_document_is_retried_from_a_stage_one_chooses() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    let browser = Browser::start().await;
    browser.go(&server.url(&format!("/documents/{id}"))).await;
    let stage = browser.driver.find(By::Css("option[value=extract]")).await.unwrap();
    stage.click().await.unwrap();
    browser.press("Retry").await;
    browser.says("No worker serves queue extract").await;
    let tasks = "SELECT kind FROM tasks WHERE state = 'ready' AND stage IS NOT NULL";
    let kinds = server.postgres().await.query(tasks, &[]).await.unwrap();
    let kinds: Vec<&str> = kinds.iter().map(|row| row.get(0)).collect();
    assert_eq!(kinds, ["extract_fields"]);
}

#[tokio::test]
async fn one_stays_at_the_list_and_its_filter() {
    let server = Server::start(&[]).await;
    let done = server.done().await;
    server.queued().await;
    let browser = Browser::start().await;
    browser.go(&server.url("/?q=invoice")).await;
    browser.eval("window.stays = true").await;
    browser.press("Cancel").await;
    browser.says("⊘ cancelled").await;
    browser.press("Retry").await;
    browser.says("● queued").await;
    assert_eq!(browser.eval("window.stays").await, true);
    // As if it had ended in the moment before the button is pressed: a list that is kept fresh no more, and the other one.
    browser.eval("document.getElementById('list').id = 'old'").await;
    let late = format!("document.querySelector('#old form').action = '/documents/{done}/cancel'");
    browser.eval(&late).await;
    browser.press("Cancel").await;
    browser.says("is done already").await;
}

#[tokio::test]
async fn a_document_is_reached_cancelled_and_left_by_keys_alone() {
    let server = Server::start(&[]).await;
    server.queued().await;
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    tab_to(&browser, "invoice.pdf").await;
    browser.key(Key::Enter).await;
    browser.says("Stages").await;
    tab_to(&browser, "Cancel").await;
    browser.key(Key::Enter).await;
    browser.says("Cancelled by somebody").await;
    tab_to(&browser, "Documents").await;
    browser.key(Key::Enter).await;
    browser.says("Drop documents here").await;
}

#[tokio::test]
async fn a_gateway_that_is_gone_is_told_of() {
    let server = Server::start(&[]).await;
    server.queued().await;
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    server.drain.cancel();
    browser
        .says("The gateway does not answer; what is shown may be old.")
        .await;
    browser.says("invoice.pdf").await;
}

/// Presses Tab until what has the focus says so.
pub async fn tab_to(browser: &Browser, words: &str) {
    for _ in 0..40 {
        browser.key(Key::Tab).await;
        let focused = browser.eval("document.activeElement.innerText").await;
        if focused.as_str().is_some_and(|text| text.contains(words)) {
            return;
        }
    }
    panic!("{words:?} is not reached by Tab");
}
