//! On any screen: everything is named, and can be read.

use crate::common::{PDF, Server, file};
use fleet_tests::Browser;

/// A gateway with something on every page, and the pages.
async fn furnished() -> (Server, Vec<String>) {
    let server = Server::start(&[]).await;
    let long = "a-document-with-quite-a-long-name-that-says-little-about-what-it-is-2026-05-01.pdf";
    let queued = server.accepted(file(long, PDF).text("project", "acme")).await;
    let queued = crate::common::id(&queued);
    let read = server.queued().await;
    server.reading(&read, 3, 12).await;
    let failed = server.queued().await;
    let script = format!(
        r#"UPDATE tasks SET state = 'dead', finished_at = now(), outcome = 'failed' WHERE document_id = '{failed}';
           UPDATE documents SET status = 'failed', finished_at = now(),
                  error = '{{"code":"encrypted_pdf","message":"the file is encrypted","stage":"ocr"}}' WHERE id = '{failed}'"#
    );
    server.postgres().await.batch_execute(&script).await.unwrap();
    let done = server.done().await;
    server.page_image(&done, 1).await;
    let pages = [
        "/".into(),
        "/?q=total".into(),
        "/?q=nothing&project=acme".into(),
        format!("/documents/{queued}"),
        format!("/documents/{read}"),
        format!("/documents/{failed}"),
        format!("/documents/{done}"),
        format!("/documents/{done}/delete"),
        "/documents/nobody".into(),
    ];
    (server, pages.to_vec())
}

#[tokio::test]
async fn every_page_can_be_read_and_has_names_for_everything() {
    let (server, pages) = furnished().await;
    let browser = Browser::start().await;
    let found = browser.faults_of(&server.base, &pages).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}
