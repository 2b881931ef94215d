//! Settings that a file holds.

use crate::support::Fleet;
use fleet_tests::binary;
use std::fs;
use std::process::Stdio;
use tokio::process::Command;

/// The processes of the fleet get the value. Each of them would refuse to start with both the value and the file.
#[tokio::test]
async fn a_setting_from_a_file_reaches_every_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pages");
    fs::write(&file, "7\n").unwrap();
    let fleet = Fleet::up(&[("MAX_PAGES_FILE", file.to_str().unwrap())]).await;
    let worker = fleet.pid_of("worker-ocr").unwrap();
    let environment = fs::read(format!("/proc/{worker}/environ")).unwrap();
    let variables: Vec<_> = environment
        .split(|byte| *byte == 0)
        .map(String::from_utf8_lossy)
        .collect();
    assert!(variables.iter().any(|variable| variable == "MAX_PAGES=7"));
    assert!(!variables.iter().any(|variable| variable.starts_with("MAX_PAGES_FILE=")));
    fleet.stop().await;
}

/// `docfleet process` starts a fleet of its own here.
#[tokio::test]
async fn a_setting_from_a_file_reaches_the_fleet_of_a_batch() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pages");
    fs::write(&file, "7").unwrap();
    let mut process = Command::new(binary("docfleet"));
    process
        .arg("process")
        .arg(samples::documents_dir().join("letter-de.pdf"))
        .arg("--out")
        .arg(folder.path().join("out"))
        .arg("--data")
        .arg(folder.path().join("data"))
        .env("MAX_PAGES_FILE", &file)
        .stdin(Stdio::null());
    let output = process.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join("out/letter-de.json").is_file());
}
