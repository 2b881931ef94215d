//! A short document does not wait for a long one.

use crate::scan;
use crate::support::Fleet;
use fleet_tests::follow;

/// Enough for several tasks on every core, each page a few seconds of work.
const PAGES: i32 = 16;

#[tokio::test]
async fn one_page_sent_while_a_long_scan_runs_is_done_before_it() {
    let fleet = Fleet::up(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.pdf");
    scan::write(&samples::documents_dir().join("contract-scan-en.jpg"), PAGES, &long);
    let long = fleet.submit(&long);
    // Progress is shown page by page while the document is being read.
    let seen = follow("some pages to be read", async || {
        let status = fleet.status(&long);
        let pages = status.as_ref().and_then(|status| status["pages_read"].as_i64());
        pages.filter(|pages| *pages > 0).ok_or(status)
    })
    .await;
    assert!(seen < i64::from(PAGES), "the long document was read in one go");
    let short = fleet.submit(&samples::documents_dir().join("receipt-de.jpg"));
    assert_eq!(fleet.ended(&short).await["status"], "done");
    let long_now = fleet.status(&long).expect("an answer");
    assert_eq!(
        long_now["status"], "processing",
        "the long document ended first: {long_now:#}"
    );
    assert_eq!(fleet.ended(&long).await["status"], "done");
    fleet.stop().await;
}
