//! The list, narrowed down.

use crate::common::{PDF, Server, file, pdf};
use fleet_tests::{Browser, wait_for};
use std::collections::BTreeSet;
use thirtyfour::By;

/// The names that the list shows, once it shows so many.
async fn names(browser: &Browser, count: usize) -> BTreeSet<String> {
    let names = wait_for(&format!("{count} rows"), async || {
        let names = "[...document.querySelectorAll('#list h2')].map((name) => name.textContent)";
        let names: Vec<String> = serde_json::from_value(browser.eval(names).await).unwrap();
        (names.len() == count).then_some(names)
    })
    .await;
    names.into_iter().collect()
}

async fn choose(browser: &Browser, label: &str, value: &str) {
    let option = format!("select[aria-label={label:?}] option[value={value:?}]");
    browser
        .driver
        .find(By::Css(option))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser.press("Search").await;
}

#[tokio::test]
async fn documents_are_found_by_their_text_and_filtered() {
    let server = Server::start(&[]).await;
    server
        .accepted(
            file("letter.pdf", PDF)
                .text("project", "acme")
                .text("category", "letter"),
        )
        .await;
    server.accepted(pdf()).await;
    let done = server.done().await;
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    assert_eq!(names(&browser, 3).await.len(), 2, "two have the same name");

    browser.fill("Search text and names", "grüße").await;
    browser.press("Search").await;
    names(&browser, 1).await;
    browser.says("Page 2: Grüße").await;
    assert_eq!(
        browser.eval("document.querySelector('mark').textContent").await,
        "Grüße"
    );
    browser.press("Page 2").await;
    browser.says("Page 2 of 2").await;
    let address = browser.driver.current_url().await.unwrap();
    assert_eq!(address.path(), format!("/documents/{done}"));

    browser.go(&server.base).await;
    choose(&browser, "Status", "done").await;
    assert_eq!(names(&browser, 1).await, BTreeSet::from(["invoice.pdf".into()]));
    browser.press("Show all").await;
    choose(&browser, "Category", "letter").await;
    assert_eq!(names(&browser, 1).await, BTreeSet::from(["letter.pdf".into()]));
    choose(&browser, "Project", "default").await;
    browser.says("No document matches").await;
    // A filter holds while the list lives.
    server.accepted(pdf().text("category", "letter")).await;
    assert_eq!(names(&browser, 1).await, BTreeSet::from(["invoice.pdf".into()]));
}
