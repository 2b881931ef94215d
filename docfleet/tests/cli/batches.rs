//! `process` and `submit --wait`: how they go, and what they end with.

use crate::support::{Fleet, interrupt, pdf};
use crate::terminal::{CTRL_C, Terminal, widest};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn file(fleet: &Fleet, name: &str, bytes: &[u8]) -> PathBuf {
    let path = fleet.tmp.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn status(fleet: &Fleet, id: &str) -> String {
    let document: Value = serde_json::from_slice(&fleet.call(&["status", id, "--json"]).stdout).unwrap();
    document["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_terminal_has_a_bar_with_rate_and_time_left() {
    let fleet = Fleet::start();
    let (one, two) = (file(&fleet, "one.pdf", &pdf()), file(&fleet, "two.pdf", &pdf()));
    let out = fleet.tmp.path().join("out");
    let files = [one.to_str().unwrap(), two.to_str().unwrap()];
    for call in [
        &["process", files[0], files[1], "--out", out.to_str().unwrap()][..],
        &["submit", "--wait", files[0], files[1]],
    ] {
        let (code, shown) = Terminal::run(90, &fleet.data(), &[], call).end();
        assert_eq!(code, Some(0), "{shown}");
        for part in ["/2 files", " pages/s", " left", "2 of 2 files done, 2 pages"] {
            assert!(shown.contains(part), "no {part:?} in {shown:?}");
        }
        let lines = shown
            .lines()
            .filter(|line| !line.contains("done  0"))
            .collect::<Vec<_>>();
        assert!(widest(&lines.join("\n")) <= 90, "{shown:?}");
    }

    let waited = fleet.call(&["submit", "--wait", files[0], files[1]]);
    let said = String::from_utf8(waited.stdout).unwrap();
    assert_eq!(
        said.lines().filter(|line| line.starts_with("done  ")).count(),
        2,
        "{said}"
    );
    assert!(
        !said.contains('\u{1b}') && !String::from_utf8_lossy(&waited.stderr).contains(" left"),
        "{said}"
    );
}

#[test]
fn what_failed_is_told_with_its_reason_and_the_rest_is_done() {
    let fleet = Fleet::start();
    let (good, bad) = (
        file(&fleet, "good.pdf", &pdf()),
        file(&fleet, "bad.pdf", b"not a document"),
    );
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let mixed = fleet.call(&["submit", "--wait", bad, good, "--json"]);
    assert_eq!(mixed.status.code(), Some(1));
    let answers: Value = serde_json::from_slice(&mixed.stdout).unwrap();
    assert!(answers[0]["error"].is_string(), "{answers}");
    assert_eq!(answers[1]["status"], "done", "{answers}");
    let stderr = String::from_utf8(mixed.stderr).unwrap();
    assert!(stderr.contains("bad.pdf  unsupported_type: "), "{stderr}");

    let out = fleet.tmp.path().join("out");
    let mixed = fleet.call(&["process", bad, good, "--out", out.to_str().unwrap()]);
    assert_eq!(mixed.status.code(), Some(1));
    assert!(out.join("good.pdf").is_file());
}

#[test]
fn who_is_interrupted_says_so() {
    let fleet = Fleet::start();
    let path = file(&fleet, "waits.pdf", &pdf());
    let path = path.to_str().unwrap();
    assert!(fleet.call(&["pause", "ocr"]).status.success());

    // It has no more than the wait left to do once its document is there.
    let waiting = fleet.talk(&["submit", "--wait", path]);
    let id = fleet.newest_document(&[]);
    interrupt(waiting.pid());
    let (code, _) = waiting.end();
    assert_eq!(code, Some(130));
    assert_eq!(status(&fleet, &id), "queued", "nobody asked for its end");

    let out = fleet.tmp.path().join("out");
    let mut processing = Terminal::run(
        90,
        &fleet.data(),
        &[],
        &["process", path, "--out", out.to_str().unwrap()],
    );
    // The bar appears once the answer to the upload is there.
    processing.until(|text| text.contains("0/1 files"));
    let second = fleet.newest_document(&[&id]);
    processing.press(CTRL_C);
    processing.until(|text| text.contains("interrupted before it was done"));
    assert_eq!(processing.end().0, Some(130));
    assert_eq!(
        status(&fleet, &second),
        "cancelled",
        "its results were for this call alone"
    );
    assert!(fleet.call(&["resume", "ocr"]).status.success());
}
