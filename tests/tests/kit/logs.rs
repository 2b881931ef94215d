//! Log lines of a run name its task, including those of its child process.

use crate::support::Fleet;
use fleet_tests::trial::Step;
use queue_schema::Queue;
use serde_json::Value;

#[tokio::test]
async fn what_a_child_logs_is_repeated_in_the_name_of_its_run() {
    let fleet = Fleet::new(&[("LOG_FORMAT", "json")]).await;
    let worker = fleet.worker().await;
    let task = fleet.enqueue([Step::Log("a thumbnail is missing".into())]).await;
    fleet.done_once(task).await;
    worker.logs("task ended").await;
    for (words, level) in [("a thumbnail is missing", "WARN"), ("task ended", "INFO")] {
        let log = worker.log();
        let line = log.lines().find(|line| line.contains(words)).expect(words);
        let line: Value = serde_json::from_str(line).expect("JSON");
        let run = &line["span"];
        assert_eq!(line["level"], level, "{line}");
        assert_eq!(run["task"], task.to_string(), "{line}");
        assert_eq!(run["queue"], Queue::Maintenance.as_str(), "{line}");
        assert_eq!(
            (&run["attempt"], run["kind"].is_string()),
            (&Value::from(1), true),
            "{line}"
        );
    }
}
