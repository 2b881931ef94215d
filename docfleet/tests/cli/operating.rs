//! The operator's hands: each command answers, to people and in JSON.

use crate::support::Fleet;
use serde_json::Value;
use std::process::Output;

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn every_command_of_the_operator_answers() {
    let fleet = Fleet::start();
    fleet.process_one("document");
    let id = fleet.newest_document(&[]);

    let paused = fleet.call(&["pause", "extract", "--json"]);
    assert_eq!(json(&paused)["paused"], true);
    let queues = json(&fleet.call(&["queues", "--json"]));
    let extract = queues
        .as_array()
        .unwrap()
        .iter()
        .find(|queue| queue["name"] == "extract");
    assert_eq!(extract.unwrap()["paused"], true);

    let again = fleet.call(&["retry", &id, "--from-stage", "extract", "--json"]);
    assert!(again.status.success(), "{}", json(&again));
    let cancelled = fleet.call(&["cancel", &id, "--json"]);
    assert!(cancelled.status.success(), "{}", json(&cancelled));
    assert_eq!(json(&fleet.call(&["status", &id, "--json"]))["status"], "cancelled");
    let resumed = fleet.call(&["resume", "extract", "--json"]);
    assert_eq!(json(&resumed)["paused"], false);

    let tasks = json(&fleet.call(&["tasks", "--document", &id, "--state", "cancelled", "--json"]));
    assert_eq!(tasks[0]["queue"], "extract", "{tasks}");
    let workers = json(&fleet.call(&["workers", "--json"]));
    let worker = workers[0]["id"].as_str().unwrap();
    assert_eq!(json(&fleet.call(&["drain", worker, "--json"]))["draining"], true);

    assert_eq!(json(&fleet.call(&["models", "--json"])), Value::Array(Vec::new()));
    let untrained = fleet.call(&["train"]);
    assert_eq!(untrained.status.code(), Some(1));
    let said = String::from_utf8(untrained.stderr).unwrap();
    assert!(said.contains("upload some with a category"), "{said}");
    let settings = json(&fleet.call(&["config", "--json"]));
    assert!(
        settings
            .as_array()
            .unwrap()
            .iter()
            .any(|setting| setting["name"] == "API_KEY")
    );
    let findings = json(&fleet.call(&["doctor", "--json"]));
    assert!(findings[0]["mend"].is_string(), "{findings}");
    assert!(json(&fleet.call(&["down", "--json"]))["stopped"].is_u64());
}
