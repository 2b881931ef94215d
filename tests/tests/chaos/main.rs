//! The fleet's guarantees under many faults at once, as in `make chaos`: a short, seeded run of each mode.

use fleet_tests::binary;
use std::process::Command;

/// # Panics
/// With the whole account, if any count is not zero that must be.
fn account(args: &[&str]) -> serde_json::Value {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let output = Command::new(binary("chaos"))
        .args(args)
        .arg("--json")
        .arg(file.path())
        .output()
        .expect("chaos can be run");
    assert!(
        output.status.success(),
        "chaos {args:?} ended with {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout),
    );
    let json = std::fs::read(file.path()).expect("the account");
    serde_json::from_slice(&json).expect("JSON")
}

#[test]
fn chaos_loses_nothing_and_doubles_nothing() {
    // With a short lease, outages outlast it, and recovering lost tasks does not prolong the test.
    let account = account(&["--seconds", "60", "--seed", "7", "--lease", "3"]);
    assert!(account["kills"].as_u64() > Some(10), "{account:#}");
    for work in ["documents", "tasks"] {
        assert!(account[work]["done"].as_u64() > Some(10), "{account:#}");
    }
}

#[test]
fn rolling_restarts_fail_nothing_and_spend_no_attempt() {
    let account = account(&["--rolling", "5", "--seed", "7"]);
    assert!(account["tasks"]["handed_back"].as_u64() > Some(0), "{account:#}");
}
