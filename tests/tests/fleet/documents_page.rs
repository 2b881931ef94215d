//! The documents page of a real fleet, used by a clerk who never reloads a page.

use crate::support::Fleet;
use fleet_tests::{Browser, data_set, follow, wait_for};
use serde_json::Value;
use thirtyfour::By;

/// A box may be off by rounding to screen pixels.
const CLOSE: f64 = 0.003;

#[tokio::test]
async fn a_dropped_file_is_seen_finishing_and_its_fields_are_seen_in_their_places() {
    let fleet = Fleet::up(&[]).await;
    let gateway = fleet.gateway();
    let sample = samples::documents_dir().join("invoice-de.pdf");
    let scan = samples::documents_dir().join("receipt-de.jpg");
    let browser = Browser::start().await;
    browser.go(&gateway).await;
    browser.eval("window.stays = true").await;
    browser.drop_files("#upload", &[sample.as_path(), scan.as_path()]).await;
    follow("both to be done", async || {
        let done = "document.querySelectorAll('#list [data-status=done]').length";
        if browser.eval(done).await == 2 {
            return Ok(());
        }
        Err(browser.text().await)
    })
    .await;
    assert_eq!(
        browser.eval("window.stays").await,
        true,
        "the page was not loaded again"
    );

    for file in ["receipt-de.jpg", "invoice-de.pdf"] {
        browser.go(&gateway).await;
        browser.press(file).await;
        browser.says("Stages").await;
        check_places(&browser, &gateway).await;
    }
    look_up_the_total(&browser).await;
    run_again(&browser).await;
    fleet.stop().await;
}

/// The API's result of the document that is open.
async fn result(browser: &Browser, gateway: &str) -> Value {
    let address = browser.driver.current_url().await.unwrap();
    let result = format!("{gateway}/api/v1{}/result", address.path());
    reqwest::get(result).await.unwrap().json().await.unwrap()
}

/// Each field's box on the screen is at the place in the image that the result states.
async fn check_places(browser: &Browser, gateway: &str) {
    let loaded = "document.querySelector('.sheet img').naturalWidth";
    wait_for("the image of the page", async || {
        (browser.eval(loaded).await == 1600).then_some(())
    })
    .await;
    let result = result(browser, gateway).await;
    let page = &result["pages"][0];
    let (width, height) = (page["width"].as_f64().unwrap(), page["height"].as_f64().unwrap());
    let fields = result["fields"].as_array().unwrap();
    assert!(fields.len() > 3, "{fields:?}");
    for (n, field) in fields.iter().enumerate() {
        let found = browser.place_in(&format!("#field-{n}"), ".sheet img").await;
        for (corner, found) in found.into_iter().enumerate() {
            let side = if corner % 2 == 0 { width } else { height };
            let right = field["box"][corner].as_f64().unwrap() / side;
            assert!((found - right).abs() < CLOSE, "{field}: {found} is not {right}");
        }
    }
}

/// Pointing at a field shows its place, even if the frame has to scroll for it.
async fn look_up_the_total(browser: &Browser) {
    let fields = browser.driver.find_all(By::Css(".field")).await.unwrap();
    let mut total = None;
    for field in fields {
        if field.text().await.unwrap().starts_with("Total") {
            total = field.attr("data-field").await.unwrap();
        }
    }
    let total = total.expect("an invoice has a total");
    browser.hover(&format!(".field[data-field='{total}']")).await;
    let lit = format!("document.getElementById('field-{total}').matches('[data-lit]')");
    assert_eq!(browser.eval(&lit).await, true);
    let box_in_frame = async || browser.place_in(&format!("#field-{total}"), ".frame").await;
    wait_for("the frame to scroll to the total", async || {
        let [_, top, _, bottom] = box_in_frame().await;
        (top >= 0.0 && bottom <= 1.0).then_some(())
    })
    .await;
}

/// Retries a stage, and sees the result on the open page.
async fn run_again(browser: &Browser) {
    let stage = browser.driver.find(By::Css("option[value=extract]")).await.unwrap();
    stage.click().await.unwrap();
    browser.press("Retry").await;
    follow("the document to be done again", async || {
        let done =
            "document.querySelector('h1 .pill.done') !== null && !('live' in document.getElementById('main').dataset)";
        if browser.eval(done).await == true {
            return Ok(());
        }
        Err(browser.text().await)
    })
    .await;
    browser.says("Total").await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_why_in_words() {
    let Some(hostile) = data_set("hostile") else {
        return;
    };
    let fleet = Fleet::up(&[]).await;
    let browser = Browser::start().await;
    browser.go(&fleet.gateway()).await;
    let encrypted = hostile.join("pdfminersix__aes-128.pdf");
    browser.drop_files("#upload", &[encrypted.as_path()]).await;
    browser.says("✕ failed").await;
    browser.press("pdfminersix__aes-128.pdf").await;
    browser.says("The PDF is protected by a password.").await;
    browser.says("It ended in stage ocr").await;
    fleet.stop().await;
}
