//! What was read of a document, seen where it stands.

use crate::acting::tab_to;
use crate::common::Server;
use fleet_tests::Browser;
use serde_json::{Value, json};
use thirtyfour::Key;

/// What is lit up, in the list of fields and on the page.
async fn lit(browser: &Browser) -> Value {
    let lit =
        "[...document.querySelectorAll('[data-lit]')].map((e) => e.tagName.toLowerCase() + e.dataset.field).sort()";
    browser.eval(lit).await
}

#[tokio::test]
async fn a_field_and_its_box_light_up_together() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    server.page_image(&id, 1).await;
    let browser = Browser::start().await;
    browser.go(&server.url(&format!("/documents/{id}"))).await;
    assert_eq!(lit(&browser).await, json!([]));
    browser.hover(".field").await;
    assert_eq!(lit(&browser).await, json!(["a0", "rect0"]));
    browser.hover("h1").await;
    assert_eq!(lit(&browser).await, json!([]));
    browser.hover("#field-0").await;
    assert_eq!(lit(&browser).await, json!(["a0", "rect0"]));
    browser.hover("h1").await;
    tab_to(&browser, "104.90").await;
    assert_eq!(lit(&browser).await, json!(["a0", "rect0"]));
    browser.key(Key::Tab).await;
    assert_eq!(lit(&browser).await, json!([]));
}

#[tokio::test]
async fn a_box_lies_where_its_page_says() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    server.page_image(&id, 1).await;
    let browser = Browser::start().await;
    browser.go(&server.url(&format!("/documents/{id}"))).await;
    for width in [1440, 390] {
        browser.look(width, 900, fleet_tests::Scheme::Light).await;
        // In shares of the image, as 40, 2, 70, 12 on a page of 595 by 842.
        let found = browser.place_in("#field-0", ".sheet img").await;
        for (found, right) in found
            .iter()
            .zip([40.0 / 595.0, 2.0 / 842.0, 70.0 / 595.0, 12.0 / 842.0])
        {
            assert!((found - right).abs() < 0.002, "{found} is not {right} at {width}");
        }
    }
}

#[tokio::test]
async fn words_are_shown_when_asked_for_and_stay_so() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    let browser = Browser::start().await;
    browser.go(&server.url(&format!("/documents/{id}"))).await;
    let shown = "document.querySelector('.words rect').getClientRects().length > 0";
    assert_eq!(browser.eval(shown).await, false);
    browser.eval("document.getElementById('show-words').click()").await;
    assert_eq!(browser.eval(shown).await, true);
    browser.press("Next").await;
    browser.says("Page 2 of 2").await;
    assert_eq!(browser.eval(shown).await, true);
    let word = "document.querySelector('.words rect title').textContent";
    assert_eq!(browser.eval(word).await, "Grüße · 100 %");
}

#[tokio::test]
async fn of_three_hundred_pages_a_few_are_shown() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    server.more_pages(&id, 300).await;
    server
        .artefact(&id, "thumbnail-149.jpg", "image/jpeg", b"\xff\xd8\xff")
        .await;
    let browser = Browser::start().await;
    browser.go(&server.url(&format!("/documents/{id}?page=150"))).await;
    browser.says("Page 150 of 300").await;
    browser.says("words of page 150").await;
    let nearby = "['a', 'img'].map((part) => document.querySelectorAll('.thumbnails ' + part).length)";
    assert_eq!(
        browser.eval(nearby).await,
        json!([13, 1]),
        "only images that are there are asked for"
    );
    browser.press("Previous").await;
    browser.says("words of page 149").await;
    browser.go(&server.url(&format!("/documents/{id}?page=301"))).await;
    browser.says("has 300 pages, and no page").await;
}

#[tokio::test]
async fn a_page_that_failed_says_so_in_its_place() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    let script = format!(
        r#"UPDATE pages SET source = 'unreadable', words = '[]', text = '',
                  error = '{{"code":"corrupt_file","message":"the image data of this page breaks off","page":2}}'
           WHERE document_id = '{id}' AND page = 2"#
    );
    server.postgres().await.batch_execute(&script).await.unwrap();
    let browser = Browser::start().await;
    browser.go(&server.url(&format!("/documents/{id}"))).await;
    browser.says("1 page could not be read: page 2.").await;
    browser.press("page 2").await;
    browser
        .says("This page could not be read. The image data of this page breaks off.")
        .await;
}

#[tokio::test]
async fn an_image_that_cannot_be_made_says_why() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    let browser = Browser::start().await;
    browser.go(&server.url(&format!("/documents/{id}"))).await;
    let postgres = server.postgres().await;
    let bury = "UPDATE tasks SET state = 'dead', finished_at = now(), error = '{\"code\":\"page_too_large\",\"message\":\"too many pixels\"}'
                WHERE kind = 'render_page' AND payload ->> 'width' = '1600' AND state = 'ready'";
    // Asked for by the image, and again by who wants to know why there is none.
    for _ in 0..2 {
        fleet_tests::wait_until("a worker to be asked", async || {
            postgres.execute(bury, &[]).await.unwrap() == 1
        })
        .await;
    }
    browser.says("could not be made: too many pixels").await;
}
