//! Malicious documents end with the right error code, and the next document is processed at once.

use crate::support::Fleet;
use fleet_tests::{REFUSED, data_set};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[tokio::test]
async fn hostile_documents_end_and_good_ones_among_them_are_done() {
    let (Some(found), Some(made)) = (data_set("hostile"), data_set("hostile_made")) else {
        return;
    };
    let fleet = Fleet::up(&[]).await;
    let out = tempfile::tempdir().unwrap();
    let broken = out.path().join("receipt-of-nothing.pdf");
    std::fs::write(&broken, "%PDF-1.7\nnothing at all").unwrap();
    let mut files: Vec<PathBuf> = [found, made]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|e| e.unwrap().path())
        .collect();
    files.retain(|file| file.extension().is_none_or(|e| e != "tsv"));
    files.sort();
    files.push(broken);
    let good = ["invoice-de.pdf", "letter-de.pdf"];
    files.extend(good.map(|name| samples::documents_dir().join(name)));

    let rows = fleet.process(&files, out.path());
    assert_eq!(rows.len(), files.len(), "a row for every file");
    let ends: BTreeMap<String, (String, String)> =
        rows.into_iter().map(|row| (row.file, (row.status, row.code))).collect();
    for (file, (status, code)) in &ends {
        let ended_well = status == "done" && code.is_empty();
        let ended_badly = status == "failed" && !code.is_empty() && code != "internal" && code != "crashed";
        assert!(ended_well || ended_badly, "{file}: {status} {code:?}");
    }
    for (file, code) in REFUSED.iter().chain(&[("receipt-of-nothing.pdf", "corrupt_file")]) {
        assert_eq!(ends[*file], ("failed".to_owned(), (*code).to_owned()), "{file}");
    }
    for file in good {
        assert_eq!(ends[file].0, "done", "{file}");
    }
    fleet.stop().await;
}
