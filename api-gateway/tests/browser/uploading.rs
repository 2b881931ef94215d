//! Files come in, and none is lost silently.

use crate::common::{PDF, Server, pdf};
use fleet_tests::{Browser, wait_until};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};
use tempfile::TempDir;

/// Files to drop, in a folder that goes with the test.
struct Files(TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Whether the page that was loaded first is still there: what came since came by itself.
async fn stayed(browser: &Browser) -> Value {
    browser.eval("window.stays === true").await
}

#[tokio::test]
async fn several_files_at_once_are_taken_or_refused_each_by_itself() {
    let server = Server::start(&[]).await;
    let files = Files::new();
    let good = ["a.pdf", "b.pdf", "c.pdf", "d.pdf"].map(|name| files.write(name, PDF));
    let bad = files.write("notes.txt", b"nothing that is read here");
    let all: Vec<_> = good.iter().chain([&bad]).map(PathBuf::as_path).collect();
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    browser.says("No documents yet").await;
    browser.eval("window.stays = true").await;
    browser.drop_files("#upload", &all).await;
    browser.says("is, by its content, none of the types").await;
    wait_until("four rows", async || {
        browser.eval("document.querySelectorAll('#list article').length").await == 4
    })
    .await;
    browser.press("Dismiss").await;
    assert_eq!(browser.eval("document.querySelectorAll('#uploads li').length").await, 0);
    assert_eq!(stayed(&browser).await, true);
}

#[tokio::test]
async fn a_reload_breaks_uploads_off_and_says_so() {
    let server = Server::start(&[]).await;
    let files = Files::new();
    let mut long = PDF.to_vec();
    long.resize(4 << 20, b'%');
    let long = files.write("long.pdf", &long);
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    throttle(&browser, 10_000).await;
    browser.drop_files("#upload", &[long.as_path()]).await;
    let warns = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    assert_eq!(browser.eval(warns).await, true, "leaving is warned of");
    browser.go(&server.base).await;
    throttle(&browser, -1).await;
    browser
        .says("1 upload was broken off by the reload: long.pdf. Drop it again.")
        .await;
    assert_eq!(browser.eval(warns).await, false, "nothing is under way any more");

    browser.drop_files("#upload", &[long.as_path()]).await;
    browser.says("4 MiB").await;
    assert!(!browser.text().await.contains("broken off"));
    browser.go(&server.base).await;
    browser.says("4 MiB").await;
    assert!(!browser.text().await.contains("broken off"));
}

/// Bytes that may leave the browser in a second; -1: as many as will.
async fn throttle(browser: &Browser, bytes: i64) {
    let conditions = json!({"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes});
    let devtools = browser.driver.cdp();
    devtools.send_raw("Network.enable", json!({})).await.unwrap();
    devtools
        .send_raw("Network.emulateNetworkConditions", conditions)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_broken_off_after_its_last_byte_makes_no_second_document() {
    let server = Server::start(&[]).await;
    let files = Files::new();
    let path = files.write("invoice.pdf", PDF);
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        .unwrap();
    // The gateway has the file, and the page was left before it heard so.
    let upload = server.client.post(server.url("/api/v1/documents"));
    let upload = upload.header("idempotency-key", "k1").multipart(pdf());
    assert_eq!(upload.send().await.unwrap().status(), 202);
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    let kept = json!([{"name": "invoice.pdf", "size": PDF.len(), "changed": 1_700_000_000_000_u64, "key": "k1"}]);
    let kept = format!("sessionStorage.setItem('uploads under way', '{kept}')");
    browser.eval(&kept).await;
    browser.go(&server.base).await;
    browser.says("1 upload was broken off by the reload: invoice.pdf").await;
    browser.drop_files("#upload", &[path.as_path()]).await;
    let settled = "document.getElementById('broken').hidden && document.querySelectorAll('#uploads li').length === 0";
    wait_until("the upload to be settled", async || browser.eval(settled).await == true).await;
    let list: Value = server.get("/api/v1/documents").await.json().await.unwrap();
    assert_eq!(list["documents"].as_array().unwrap().len(), 1, "{list}");
}

#[tokio::test]
async fn what_is_broken_off_may_be_let_go() {
    let server = Server::start(&[]).await;
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    let kept = r#"sessionStorage.setItem("uploads under way", JSON.stringify([{name: "a.pdf", key: "k1"}, {name: "b.pdf", key: "k2"}]))"#;
    browser.eval(kept).await;
    browser.go(&server.base).await;
    browser
        .says("2 uploads were broken off by the reload: a.pdf, b.pdf. Drop them again.")
        .await;
    browser.press("Dismiss").await;
    browser.go(&server.base).await;
    browser.says("No documents yet").await;
    assert!(!browser.text().await.contains("broken off"));
}

#[tokio::test]
async fn progress_is_seen_again_after_a_reload() {
    let server = Server::start(&[]).await;
    let id = server.queued().await;
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    browser.says("invoice.pdf").await;
    server.reading(&id, 3, 12).await;
    browser.says("3 of 12 pages").await;
    browser.go(&server.base).await;
    browser.says("3 of 12 pages").await;
    let bar = "(({value, max}) => [value, max])(document.querySelector('article progress'))";
    assert_eq!(browser.eval(bar).await, json!([3, 12]));
}
