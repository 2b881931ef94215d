//! Dead letters: found, counted, and dealt with in bulk.

use crate::support::{Server, assert_problem};
use queue_schema::{Outcome, Queue};
use serde_json::{Value, json};
use uuid::Uuid;

async fn bulk(server: &Server, order: Value) -> Value {
    server.order("/api/v1/tasks/bulk", &order).await.json().await.unwrap()
}

#[tokio::test]
async fn the_count_is_told_before_and_only_what_was_seen_is_hit() {
    let server = Server::start().await;
    for n in 0..3 {
        server.dead(&format!("the printer ate page {n}")).await;
    }
    let page = server.page("/dead?search=PRINTER").await;
    let until = page
        .split("name=\"until\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let later = server.dead("the printer ate page 9").await;
    let fields = [("what", "retry-all"), ("search", "printer"), ("until", &until)];
    let asked = server.form("/dead/confirm", &fields).await.text().await.unwrap();
    assert!(asked.contains("Retry 3 dead letters?"), "{asked}");
    let done = server.form("/dead/apply", &fields).await.text().await.unwrap();
    assert!(done.contains("3 dead letters retried"), "{done}");
    let left = server.json("/api/v1/tasks?state=dead").await;
    assert_eq!(left["tasks"].as_array().unwrap().len(), 1);
    assert_eq!(left["tasks"][0]["id"], json!(later));
}

#[tokio::test]
async fn selected_letters_are_discarded_and_stay_dead() {
    let server = Server::start().await;
    let (one, other) = (server.dead("a").await.to_string(), server.dead("b").await.to_string());
    let fields = [("what", "discard-selected"), ("id", one.as_str())];
    let asked = server.form("/dead/confirm", &fields).await.text().await.unwrap();
    assert!(asked.contains("Discard 1 dead letter?"), "{asked}");
    server.form("/dead/apply", &fields).await;
    let page = server.page("/dead").await;
    assert!(page.contains(&other) && !page.contains(&one));
    assert_eq!(server.json(&format!("/api/v1/tasks/{one}")).await["state"], "dead");
    let again = server.post(&format!("/api/v1/tasks/{one}/discard")).await;
    assert_problem(again, 409, "refused").await;
}

#[tokio::test]
async fn filters_tell_letters_apart() {
    let server = Server::start().await;
    let id = server.dead("first").await;
    server.document("crash.pdf").await;
    let claimed = server.claim(Uuid::now_v7(), Queue::Ocr).await;
    server.fail(&claimed, Outcome::Refused, "second 100% <b>").await;
    let count = async |filter: Value| {
        bulk(&server, json!({"action": "retry", "filter": filter, "dry_run": true})).await["matched"].as_i64()
    };
    assert_eq!(count(json!({"queue": "processing"})).await, Some(1));
    assert_eq!(count(json!({"kind": "open_document"})).await, Some(1));
    assert_eq!(count(json!({"outcome": "refused"})).await, Some(2));
    assert_eq!(
        count(json!({"search": "100%"})).await,
        Some(1),
        "a sign of patterns is a sign like any other"
    );
    assert_eq!(count(json!({"ids": [id]})).await, Some(1));
    assert_eq!(count(json!({"document": Uuid::nil()})).await, Some(0));
    let page = server.page("/dead?queue=ocr").await;
    assert!(
        page.contains("second 100% &lt;b&gt;") && !page.contains("first"),
        "{page}"
    );
}

#[tokio::test]
async fn letters_of_one_document_are_retried_together() {
    let server = Server::start().await;
    let document = server.document("two-bad-pages.pdf").await;
    let claimed = server.claim(Uuid::now_v7(), Queue::Ocr).await;
    server.fail(&claimed, Outcome::Refused, "bad").await;
    let twin = format!(
        "INSERT INTO tasks (id, queue, kind, payload, state, policy, flow, rank, document_id, stage, finished_at, outcome)
         SELECT gen_random_uuid(), queue, kind, payload, 'dead', policy, flow, rank, document_id, stage, now(), 'crashed'
         FROM tasks WHERE document_id = '{document}'"
    );
    server.sql(&twin).await;
    let result = bulk(&server, json!({"action": "retry", "filter": {"document": document}})).await;
    assert_eq!(
        (&result["matched"], &result["done"], &result["refused"]),
        (&json!(2), &json!(2), &json!(0))
    );
    assert_eq!(
        server.store.document(document).await.unwrap().version,
        2,
        "it began again once"
    );
}

#[tokio::test]
async fn what_cannot_be_helped_is_told_and_stays() {
    let server = Server::start().await;
    let document = server.document("gone.pdf").await;
    let claimed = server.claim(Uuid::now_v7(), Queue::Ocr).await;
    server.fail(&claimed, Outcome::Refused, "bad").await;
    server.store.delete(document, "a test").await.unwrap();
    let result = bulk(&server, json!({"action": "retry", "filter": {"queue": "ocr"}})).await;
    assert_eq!(
        (&result["done"], &result["refused"]),
        (&json!(0), &json!(1)),
        "{result}"
    );
    assert!(result["reasons"][0].as_str().unwrap().contains("gone"), "{result}");
    assert_eq!(server.json("/api/v1/queues/ocr").await["dead"], 1);
}

#[tokio::test]
async fn waiting_tasks_are_cancelled_by_queue() {
    let server = Server::start().await;
    let ids = [server.waiting().await, server.waiting().await];
    let result = bulk(&server, json!({"action": "cancel", "filter": {"queue": "processing"}})).await;
    assert_eq!(result["done"], 2);
    for id in ids {
        assert_eq!(server.json(&format!("/api/v1/tasks/{id}")).await["state"], "cancelled");
    }
}

#[tokio::test]
async fn an_order_that_names_nothing_does_nothing() {
    let server = Server::start().await;
    let id = server.dead("a").await;
    for action in ["retry", "discard", "cancel"] {
        let answer = server
            .order("/api/v1/tasks/bulk", &json!({"action": action, "filter": {}}))
            .await;
        assert_problem(answer, 400, "empty_filter").await;
    }
    let misspelt = json!({"action": "discard", "filter": {"quue": "processing"}});
    assert_problem(
        server.order("/api/v1/tasks/bulk", &misspelt).await,
        400,
        "invalid_order",
    )
    .await;
    assert_eq!(
        server.json("/api/v1/tasks?state=dead").await["tasks"][0]["id"],
        json!(id)
    );
}
