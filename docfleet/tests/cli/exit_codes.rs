//! What a shell is told.

use crate::support::docfleet;

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
