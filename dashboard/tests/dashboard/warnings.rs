//! What the overview warns of.

use crate::support::{Nothing, Server, no_room};
use broker::Condition;
use fleet_tests::{Services, wait_for, wait_until};
use queue_schema::Queue;
use serde_json::{Value, json};
use uuid::Uuid;

/// The warnings of the next event of the fleet.
async fn warnings(server: &Server) -> Vec<(String, String)> {
    let fleet = next_event(server).await;
    let text = |warning: &Value, name: &str| warning[name].as_str().unwrap().to_owned();
    let warnings = fleet["warnings"].as_array().unwrap();
    warnings.iter().map(|w| (text(w, "code"), text(w, "message"))).collect()
}

async fn next_event(server: &Server) -> Value {
    let mut answer = server.get("/api/v1/events").await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut heard = String::new();
    loop {
        let chunk = answer.chunk().await.unwrap().expect("the stream goes on");
        heard += std::str::from_utf8(&chunk).unwrap();
        if let Some((event, _)) = heard.split_once("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            assert!(event.contains("event: fleet"), "{event}");
            return serde_json::from_str(data).unwrap();
        }
    }
}

fn codes(warnings: &[(String, String)]) -> Vec<&str> {
    warnings.iter().map(|(code, _)| code.as_str()).collect()
}

#[tokio::test]
async fn an_idle_fleet_is_well() {
    let server = Server::start().await;
    assert!(warnings(&server).await.is_empty());
    assert!(server.page("/").await.contains("All is well"));
}

#[tokio::test]
async fn work_without_a_worker_is_warned_of() {
    let server = Server::start().await;
    server.waiting().await;
    let warned = warnings(&server).await;
    assert_eq!(codes(&warned), ["no_worker"]);
    assert!(warned[0].1.contains("processing has 1 task"), "{warned:?}");
    let page = server.page("/").await;
    assert!(
        page.contains("data-code=\"no_worker\"") && !page.contains("All is well"),
        "{page}"
    );
}

#[tokio::test]
async fn a_pause_and_dead_letters_are_told_after_what_is_worse() {
    let server = Server::start().await;
    server.dead("bad").await;
    server.waiting().await;
    server.post("/api/v1/queues/processing/pause").await;
    assert_eq!(
        codes(&warnings(&server).await),
        ["no_worker", "queue_paused", "dead_letters"]
    );
}

#[tokio::test]
async fn a_silent_worker_and_an_absent_scheduler_are_warned_of() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Processing]).await;
    server.waiting().await;
    server.claim(worker, Queue::Processing).await;
    server
        .sql(
            "UPDATE workers SET last_seen = now() - interval '1 minute';
             UPDATE tasks SET lease_until = now() - interval '1 minute' WHERE state = 'running'",
        )
        .await;
    let warned = warnings(&server).await;
    assert_eq!(codes(&warned), ["no_scheduler", "worker_silent"]);
    assert!(warned[0].1.starts_with("1 lease ran out"), "{warned:?}");
    assert!(warned[1].1.contains("worker-test on here"), "{warned:?}");
}

#[tokio::test]
async fn a_missed_firing_is_warned_of_until_it_is_switched_off() {
    let server = Server::start().await;
    server.broker().last_fire("sweep_storage").await.unwrap();
    server
        .sql("UPDATE schedules SET last_fire = now() - interval '3 days'")
        .await;
    assert_eq!(codes(&warnings(&server).await), ["schedule_missed"]);
    assert!(server.page("/schedules").await.contains("missed"));
    server.post("/api/v1/schedules/sweep_storage/disable").await;
    assert!(warnings(&server).await.is_empty());
}

#[tokio::test]
async fn the_last_hour_is_told_minute_by_minute() {
    let server = Server::start().await;
    for _ in 0..2 {
        server.waiting().await;
        let claimed = server.claim(Uuid::now_v7(), Queue::Processing).await;
        let run = broker::Run {
            id: claimed.id,
            token: claimed.token,
            document: None,
        };
        server
            .broker()
            .complete(run, broker::Usage::default(), Nothing)
            .await
            .unwrap();
    }
    server
        .sql("UPDATE tasks SET finished_at = date_trunc('minute', now()) - interval '5 minutes' WHERE state = 'done'")
        .await;
    server.dead("bad").await;
    let queue = server.json("/api/v1/queues/processing").await;
    let history = queue["history"].as_array().unwrap();
    assert_eq!(history.len(), 60);
    assert_eq!(history[54], json!({"done": 2, "failed": 0}), "{history:?}");
    let failed: i64 = history[58..]
        .iter()
        .map(|minute| minute["failed"].as_i64().unwrap())
        .sum();
    assert_eq!(failed, 1, "{history:?}");
    assert_eq!(queue["timings"]["tasks"], 2);
    assert!(queue["timings"]["wait"]["p95"].is_number());
}

#[tokio::test]
async fn what_redis_has_forgotten_is_warned_of_until_it_is_told() {
    let server = Server::start().await;
    server.worker(&[Queue::Processing]).await;
    server.waiting().await;
    let told = async || warnings(&server).await;
    let warned = wait_for("a warning of drift", async || told().await.into_iter().next()).await;
    assert_eq!(warned.0, "redis_drift");
    assert!(
        warned.1.contains("1 task that is ready in queue processing"),
        "{warned:?}"
    );
    let told_again = async || server.broker().reconcile().await.unwrap() == 1;
    wait_until("the task to be ready for a moment", told_again).await;
    wait_until("the warning to go", async || told().await.is_empty()).await;
}

#[tokio::test]
async fn a_redis_that_is_away_is_warned_of() {
    let nobody = [("BROKER_URL", "redis://127.0.0.1:1/0")];
    let server = Server::start_with(Services::shared().database(), &nobody).await;
    let warned = warnings(&server).await;
    assert_eq!(codes(&warned), ["redis_away"]);
    assert!(warned[0].1.contains("Nothing is lost"), "{warned:?}");
}

#[tokio::test]
async fn a_full_disk_is_warned_of_first_with_its_folder_and_what_to_do() {
    let most = u64::MAX.to_string();
    let server = Server::start_with(Services::shared().database(), &[("STORAGE_RESERVE_BYTES", &most)]).await;
    server.dead("bad").await;
    let warned = warnings(&server).await;
    assert_eq!(codes(&warned), ["storage_full", "dead_letters"]);
    let folder = server.home.storage().display().to_string();
    for words in [&folder, "STORAGE_URL", " free", "delete documents"] {
        assert!(warned[0].1.contains(words), "{words}: {warned:?}");
    }
}

#[tokio::test]
async fn a_disk_that_only_a_worker_sees_is_warned_of_once() {
    let server = Server::start().await;
    let full = Condition {
        shortage: Some(no_room()),
        ..Condition::default()
    };
    for queue in [Queue::Processing, Queue::Finalize] {
        let worker = server.worker(&[queue]).await;
        server.broker().heartbeat(worker, &full).await.unwrap();
    }
    let warned = warnings(&server).await;
    assert_eq!(codes(&warned), ["storage_full"]);
    assert!(
        warned[0].1.contains("On here: ") && warned[0].1.contains("/scratch"),
        "{warned:?}"
    );
    assert!(server.page("/workers").await.contains("waits for space"));
}
