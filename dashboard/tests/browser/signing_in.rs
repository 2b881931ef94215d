//! A person with a key.

use crate::support::Server;
use fleet_tests::{Browser, wait_for};
use thirtyfour::By;

#[tokio::test]
async fn the_first_key_is_made_signed_in_with_acted_with_and_revoked() {
    let server = Server::start().await;
    let browser = Browser::start().await;
    browser.go(&server.url("/keys")).await;
    browser.says("No key is needed yet").await;
    browser.fill_in("name", "ada").await;
    browser.press("Make the key").await;
    browser.says("This is its secret").await;
    let secret = browser.eval("document.querySelector('code.secret').textContent").await;
    let secret = secret.as_str().unwrap();
    // From now on this browser needs it too, and is brought back to where it wanted to go.
    browser.go(&server.url("/queues/ocr")).await;
    browser.says("Sign in").await;
    browser.fill_in("key", "df_0123").await;
    browser.press("Sign in").await;
    browser.says("The key is not known here").await;
    browser.fill_in("key", secret).await;
    browser.press("Sign in").await;
    browser.press("Pause").await;
    browser.says("Paused by ada").await;
    browser.press("Audit").await;
    browser.says("queue.pause").await;
    // A key that is revoked lets its owner out.
    browser.press("Keys").await;
    browser.says("in force").await;
    browser.press("Revoke").await;
    browser.says("Whoever runs this fleet makes a key").await;
}

#[tokio::test]
async fn who_may_only_look_is_told_so() {
    let server = Server::start().await;
    let secret = server.key("clerk", store::Scope::Read).await;
    let browser = Browser::start().await;
    browser.go(&server.url("/queues/ocr")).await;
    browser.fill_in("key", &secret).await;
    browser.press("Sign in").await;
    browser.says("clerk").await;
    browser.press("Pause").await;
    browser
        .says("The key clerk is not for this: it would need the scope operate")
        .await;
    browser.press("Sign in with another key").await;
    browser.says("Whoever runs this fleet makes a key").await;
    browser.go(&server.base).await;
    browser.says("Whoever runs this fleet makes a key").await;
}

#[tokio::test]
async fn who_guesses_is_told_to_wait() {
    let server = Server::start().await;
    server.key("clerk", store::Scope::Read).await;
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    // Five guesses are free, and from then on each wait is twice the one before, however slow this machine.
    let mut said = String::new();
    for _ in 0..30 {
        browser.fill_in("key", "df_guess").await;
        browser.press("Sign in").await;
        // The page that answers has an empty field, and else says what the one before it said.
        wait_for("the answer", async || {
            let field = browser.driver.find(By::Id("key")).await.ok()?;
            let value = field.prop("value").await.ok()?;
            (value.as_deref() == Some("")).then_some(())
        })
        .await;
        let text = browser.eval("document.querySelector('[role=alert]').textContent").await;
        said = text.as_str().unwrap().to_owned();
        if said != "The key is not known here, has expired or was revoked." {
            break;
        }
    }
    assert!(
        said.starts_with("Too many wrong keys came from 127.0.0.1; try again in"),
        "{said}"
    );
}

#[tokio::test]
async fn whose_session_ends_is_led_to_sign_in() {
    let server = Server::start().await;
    let secret = server.key("clerk", store::Scope::Read).await;
    let browser = Browser::start().await;
    browser.go(&server.url("/queues/ocr")).await;
    browser.fill_in("key", &secret).await;
    browser.press("Sign in").await;
    browser.says("clerk").await;
    server.sql("DELETE FROM sessions").await;
    // Whatever makes the page look for news.
    browser.eval("document.dispatchEvent(new Event('news'))").await;
    browser.says("Whoever runs this fleet makes a key").await;
    browser.fill_in("key", &secret).await;
    browser.press("Sign in").await;
    browser.says("Queue ocr").await;
}
