//! What a shell is told.

use crate::support::docfleet;
use serde_json::Value;

#[test]
fn wrong_usage_is_told_by_its_exit_code() {
    let tmp = tempfile::tempdir().unwrap();
    let wrong = docfleet(&tmp).args(["up", "--workers", "orc=1"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    let wrong = docfleet(&tmp)
        .args(["up"])
        .env("LEASE_SECONDS", "soon")
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("LEASE_SECONDS"));
    let nowhere = docfleet(&tmp).arg("queues").output().unwrap();
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("docfleet up"));
}

#[test]
fn every_command_states_its_exit_codes() {
    let tmp = tempfile::tempdir().unwrap();
    let help = |args: &[&str]| {
        let output = docfleet(&tmp).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let all = help(&["--help"]);
    for code in [
        "0    all",
        "1    something",
        "2    wrong",
        "3    the fleet",
        "130  interrupted",
    ] {
        assert!(all.contains(code), "no {code:?} in {all}");
    }
    for command in [
        "up", "process", "submit", "status", "queues", "tasks", "workers", "train", "doctor",
    ] {
        assert!(help(&[command, "--help"]).contains("Exit codes: "), "{command}");
    }
}

#[test]
fn a_fleet_that_cannot_start_is_told_from_one_that_failed() {
    let tmp = tempfile::tempdir().unwrap();
    let refused = docfleet(&tmp).arg("up").env("BIND", "192.0.2.1:1").output().unwrap();
    assert_eq!(
        refused.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&refused.stderr)
    );
}

#[test]
fn what_the_doctor_misses_keeps_a_fleet_from_starting() {
    let tmp = tempfile::tempdir().unwrap();
    let full = |args: &[&str]| {
        let most = u64::MAX.to_string();
        docfleet(&tmp)
            .args(args)
            .env("STORAGE_RESERVE_BYTES", most)
            // No address of this machine: should the fleet get as far as that, it ends there.
            .env("BIND", "192.0.2.1:1")
            .output()
            .unwrap()
    };
    let doctor = full(&["doctor", "--json"]);
    assert_eq!(doctor.status.code(), Some(1));
    let findings: Value = serde_json::from_slice(&doctor.stdout).unwrap();
    let missing = findings.as_array().unwrap().iter();
    let missing: Vec<&str> = missing
        .filter(|finding| finding["found"].is_null() && finding["required"] == true)
        .filter_map(|finding| finding["what"].as_str())
        .collect();
    assert!(
        missing
            .iter()
            .any(|what| what.starts_with("disk space for the documents")),
        "{missing:?}"
    );

    let up = full(&["up"]);
    assert_eq!(up.status.code(), Some(3));
    let said = String::from_utf8_lossy(&up.stderr);
    assert!(missing.iter().all(|what| said.contains(what)), "{said}");
    assert!(
        said.contains("STORAGE_RESERVE_BYTES") && said.contains("delete documents"),
        "{said}"
    );
    assert!(!tmp.path().join("data/postgres").exists(), "nothing was begun");
}
