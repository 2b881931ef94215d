//! Killed piece by piece, working all the same, and stopped without a trace.

use crate::support::{Fleet, kill};
use serde_json::Value;

#[test]
fn a_fleet_outlives_its_processes_and_leaves_nothing() {
    let mut fleet = Fleet::start();
    fleet.process_one("first");

    let inner = fleet.inner_other_than(0);
    kill(inner);
    let inner = fleet.inner_other_than(inner);
    fleet.process_one("after-the-inner-one-was-killed");

    fleet.front.kill().unwrap();
    fleet.front.wait().unwrap();
    fleet.process_one("after-the-front-was-killed");
    let second = fleet.call(&["up"]);
    let said = String::from_utf8_lossy(&second.stdout).into_owned();
    assert!(second.status.success() && said.contains("already running"), "{said}");
    assert!(said.contains(&inner.to_string()), "{said}");

    for args in [
        &["queues", "--json"][..],
        &["tasks", "--json"],
        &["workers", "--json"],
        &["status", "--json"],
    ] {
        let answer = fleet.call(args);
        assert!(
            answer.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&answer.stderr)
        );
        serde_json::from_slice::<Value>(&answer.stdout).unwrap();
    }
    assert!(fleet.call(&["down"]).status.success());
    assert_eq!(fleet.left(), Vec::<String>::new());
}
