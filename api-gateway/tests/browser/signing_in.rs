//! A clerk with a key.

use crate::common::{PDF, Server};
use fleet_tests::Browser;
use store::Scope;

#[tokio::test]
async fn a_clerk_signs_in_uploads_and_signs_out() {
    let server = Server::start(&[]).await;
    let secret = server.key("clerk", &[Scope::Upload, Scope::Read]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("letter.pdf");
    std::fs::write(&file, PDF).unwrap();
    let browser = Browser::start().await;
    browser.go(&server.base).await;
    browser.says("Whoever runs this fleet makes a key").await;
    browser.fill_in("key", &secret).await;
    browser.press("Sign in").await;
    browser.says("No documents yet").await;
    assert!(browser.faults().await.is_empty());
    // Uploads and events come with the session, and from this page.
    browser.drop_files("#upload", &[&file]).await;
    browser.press("letter.pdf").await;
    browser.press("Cancel").await;
    browser.says("Cancelled by clerk.").await;
    browser.press("Delete…").await;
    browser.press("Delete").await;
    browser
        .says("The key clerk is not for this: it would need the scope operate")
        .await;
    browser.go(&server.base).await;
    browser.press("Sign out").await;
    browser.says("Whoever runs this fleet makes a key").await;
}
