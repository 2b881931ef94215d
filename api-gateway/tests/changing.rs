//! What a person says of a document, and what is done to many at once.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Server, assert_problem, pdf};
use serde_json::{Value, json};

const UNKNOWN: &str = "00000000-0000-7000-8000-000000000000";

async fn shown(server: &Server, path: &str) -> Value {
    server.get(path).await.json().await.unwrap()
}

#[tokio::test]
async fn a_person_says_what_a_document_is() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    let path = format!("/api/v1/documents/{id}");
    let patch = async |body: &str| {
        let request = server.client.patch(server.url(&path)).body(body.to_owned());
        request.send().await.unwrap()
    };
    let answer = patch(
        r#"{"category": "receipt", "metadata": {"order": 7},
            "fields": [{"label": "total", "values": ["99.00"]}, {"label": "iban", "values": []}]}"#,
    )
    .await;
    assert_eq!(answer.status(), 200);
    let document: Value = answer.json().await.unwrap();
    assert_eq!(document["category"]["name"], "receipt");
    assert_eq!(document["category"]["source"], "user");
    assert_eq!(document["metadata"]["order"], 7);
    let result = shown(&server, &format!("{path}/result")).await;
    let total = &result["fields"][0];
    assert_eq!(
        (total["value"].as_str(), total["source"].as_str()),
        (Some("99.00"), Some("user"))
    );
    assert!(total["page"].is_null() && total["box"].is_null());
    let page = server.get(&format!("/documents/{id}")).await.text().await.unwrap();
    assert!(page.contains("99.00"), "{page}");

    assert_eq!(
        patch(r#"{"fields": [{"label": "total", "values": null}]}"#)
            .await
            .status(),
        200
    );
    let result = shown(&server, &format!("{path}/result")).await;
    assert_eq!(result["fields"][0]["value"], "104.90", "what was found counts again");
    for (body, said) in [
        (r#"{"category": "a b"}"#, "category"),
        (r#"{"colour": "red"}"#, "unknown field `colour`"),
        (r#"{"fields": [{"label": "total"}]}"#, "missing field `values`"),
        (r#"{"fields": [{"label": "total", "values": [""]}]}"#, "values"),
        (
            r#"{"fields": [{"label": "a", "values": []}, {"label": "a", "values": []}]}"#,
            "more than once",
        ),
        (r#"{"metadata": {"a": "\u0000"}}"#, "NUL"),
    ] {
        let answer = patch(body).await;
        assert_eq!(answer.status(), 400, "{body}");
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
    }
}

#[tokio::test]
async fn many_documents_are_changed_at_once() {
    let server = Server::start(&[]).await;
    let bulk = async |order: Value| {
        let request = server
            .client
            .post(server.url("/api/v1/documents/bulk"))
            .body(order.to_string());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.unwrap()
    };
    for _ in 0..3 {
        server.accepted(pdf().text("project", "acme")).await;
    }
    let other = server.queued().await;
    let acme = json!({"project": "acme"});
    let counted = bulk(json!({"action": "cancel", "filter": acme, "dry_run": true})).await;
    assert_eq!((&counted["matched"], &counted["done"]), (&3.into(), &0.into()));
    let cancelled = bulk(json!({"action": "cancel", "filter": acme})).await;
    assert_eq!((&cancelled["matched"], &cancelled["done"]), (&3.into(), &3.into()));
    let retried = bulk(json!({"action": "retry", "filter": {"status": "cancelled"}})).await;
    assert_eq!(retried["done"], 3);
    let mixed = bulk(json!({"action": "retry", "filter": {"ids": [other, UNKNOWN]}})).await;
    assert_eq!((&mixed["done"], &mixed["refused"]), (&0.into(), &2.into()));
    let reasons = mixed["reasons"].to_string();
    assert!(
        reasons.contains("still being processed") && reasons.contains(UNKNOWN),
        "{reasons}"
    );
    let deleted = bulk(json!({"action": "delete", "filter": acme})).await;
    assert_eq!(deleted["done"], 3);
    let left = shown(&server, "/api/v1/documents").await;
    assert_eq!(left["documents"].as_array().unwrap().len(), 1);
    let everything = server
        .post("/api/v1/documents/bulk", r#"{"action": "delete", "filter": {}}"#)
        .await;
    assert_problem(everything, 400, "empty_filter").await;
}
