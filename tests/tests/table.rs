//! Compares the table of workers with the binaries.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use fleet_tests::binary;
use queue_schema::WORKERS;
use std::process::Command;

/// A worker's jobs determine the queues it serves; its row in the table must say the same.
#[test]
fn each_worker_serves_the_queues_of_its_row() {
    for worker in WORKERS {
        let output = Command::new(binary(&worker.binary())).arg("--help").output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        let served = help.split_once("the most urgent first (of ").unwrap().1;
        let served = served.split_once(')').unwrap().0;
        let row: Vec<&str> = worker.queues.iter().map(|queue| queue.as_str()).collect();
        assert_eq!(served, row.join(","), "{}", worker.binary());
    }
}
