//! What an operator does, and the row that says so.

use crate::support::{Server, assert_problem};
use broker::Condition;
use queue_schema::{Outcome, Queue};
use serde_json::json;
use uuid::Uuid;

fn row(action: &str, target: impl ToString) -> (String, String) {
    (action.to_owned(), target.to_string())
}

#[tokio::test]
async fn a_queue_is_paused_and_resumed_once_each() {
    let server = Server::start().await;
    for _ in 0..2 {
        let paused = server.post("/api/v1/queues/ocr/pause").await;
        assert_eq!(paused.json::<serde_json::Value>().await.unwrap()["paused"], true);
    }
    let page = server.page("/queues/ocr").await;
    assert!(page.contains("Paused by an operator at the dashboard"), "{page}");
    let resumed = server.form("/queues/ocr/resume", &[]).await;
    assert_eq!(
        (resumed.status().as_u16(), &resumed.headers()["location"]),
        (303, &"/queues/ocr".parse().unwrap())
    );
    assert_eq!(server.json("/api/v1/queues/ocr").await["paused"], false);
    assert_eq!(
        server.audit().await,
        [row("queue.resume", "ocr"), row("queue.pause", "ocr")]
    );
    assert_problem(
        server.post("/api/v1/queues/letters/pause").await,
        404,
        "queue_not_found",
    )
    .await;
}

#[tokio::test]
async fn a_dead_task_is_retried_once_and_leaves_the_list() {
    let server = Server::start().await;
    let id = server.dead("no such page").await;
    let begun: serde_json::Value = server
        .post(&format!("/api/v1/tasks/{id}/retry"))
        .await
        .json()
        .await
        .unwrap();
    let again = begun["task"].as_str().unwrap();
    assert_eq!(server.json("/api/v1/tasks?state=dead").await["tasks"], json!([]));
    let old = server.json(&format!("/api/v1/tasks/{id}")).await;
    assert_eq!((&old["state"], &old["retried_as"]), (&json!("dead"), &json!(again)));
    let why = assert_problem(server.post(&format!("/api/v1/tasks/{id}/retry")).await, 409, "refused").await;
    assert!(why.contains(again), "{why}");
    assert_eq!(server.audit().await, [row("task.retry", id)]);
}

#[tokio::test]
async fn retrying_a_documents_task_begins_the_document_again() {
    let server = Server::start().await;
    let document = server.document("broken.pdf").await;
    let claimed = server.claim(Uuid::now_v7(), Queue::Ocr).await;
    server.fail(&claimed, Outcome::Refused, "the file is broken").await;
    assert_eq!(
        server
            .store
            .view(document, &store::Reach::default())
            .await
            .unwrap()
            .status
            .as_str(),
        "failed"
    );
    let answer = server.form(&format!("/tasks/{}/retry", claimed.id), &[]).await;
    assert_eq!(answer.headers()["location"], format!("/documents/{document}").as_str());
    assert_eq!(
        server
            .store
            .view(document, &store::Reach::default())
            .await
            .unwrap()
            .status
            .as_str(),
        "queued"
    );
    assert_eq!(
        server.json("/api/v1/queues/ocr").await["dead"],
        0,
        "what failed before is behind it"
    );
    assert_eq!(server.audit().await, [row("document.retry", document)]);
}

#[tokio::test]
async fn cancelling_a_waiting_task_ends_it() {
    let server = Server::start().await;
    let id = server.waiting().await;
    let task: serde_json::Value = server
        .post(&format!("/api/v1/tasks/{id}/cancel"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(task["state"], "cancelled");
    assert_problem(server.post(&format!("/api/v1/tasks/{id}/cancel")).await, 409, "refused").await;
    assert_eq!(server.audit().await, [row("task.cancel", id)]);
}

#[tokio::test]
async fn cancelling_a_documents_task_cancels_the_document() {
    let server = Server::start().await;
    let document = server.document("unwanted.pdf").await;
    let tasks = server.json(&format!("/api/v1/tasks?document={document}")).await;
    let task = tasks["tasks"][0]["id"].as_str().unwrap();
    assert_eq!(server.post(&format!("/api/v1/tasks/{task}/cancel")).await.status(), 200);
    assert_eq!(
        server
            .store
            .view(document, &store::Reach::default())
            .await
            .unwrap()
            .status
            .as_str(),
        "cancelled"
    );
    assert_eq!(server.audit().await, [row("document.cancel", document)]);
}

#[tokio::test]
async fn a_worker_is_asked_to_drain() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Ocr]).await;
    assert_eq!(
        server.post(&format!("/api/v1/workers/{worker}/drain")).await.status(),
        202
    );
    let heard = server.broker().heartbeat(worker, &Condition::default()).await.unwrap();
    assert_eq!(heard, Some(true));
    assert!(server.page("/workers").await.contains("draining"));
    let nobody = server.post(&format!("/api/v1/workers/{}/drain", Uuid::now_v7())).await;
    assert_problem(nobody, 404, "worker_not_found").await;
    assert_eq!(server.audit().await, [row("worker.drain", worker)]);
}

#[tokio::test]
async fn a_schedule_runs_now_and_is_switched_off_and_on() {
    let server = Server::start().await;
    assert_eq!(server.post("/api/v1/schedules/sweep_storage/run").await.status(), 200);
    let waiting = server.json("/api/v1/tasks?kind=sweep_storage").await;
    assert_eq!(waiting["tasks"][0]["state"], "ready");
    assert_problem(server.post("/api/v1/schedules/sweep_storage/run").await, 409, "refused").await;
    let off: serde_json::Value = server
        .post("/api/v1/schedules/sweep_storage/disable")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(off[0]["enabled"], false);
    assert!(!server.broker().last_fire("sweep_storage").await.unwrap().enabled);
    assert_eq!(server.form("/schedules/sweep_storage/enable", &[]).await.status(), 303);
    assert!(server.broker().last_fire("sweep_storage").await.unwrap().enabled);
    assert_problem(
        server.post("/api/v1/schedules/tea/run").await,
        404,
        "schedule_not_found",
    )
    .await;
    let done: Vec<String> = server.audit().await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(done, ["schedule.enable", "schedule.disable", "schedule.run"]);
}
