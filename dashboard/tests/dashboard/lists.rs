//! Lists of tasks go on where they ended, in the order that matters.

use crate::support::{Server, assert_problem, task};
use queue_schema::Queue;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// Every task of a list, two a page, as state and id.
async fn walk(server: &Server, query: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server
            .json(&format!("/api/v1/tasks?limit=2&cursor={cursor}{query}"))
            .await;
        let text = |task: &Value, name: &str| task[name].as_str().unwrap().to_owned();
        found.extend(
            page["tasks"]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| (text(t, "state"), text(t, "id"))),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return found,
        }
    }
}

#[tokio::test]
async fn a_list_of_all_tasks_goes_through_the_states_and_tells_each_once() {
    let server = Server::start().await;
    let mut dead = Vec::new();
    for n in 0..3 {
        dead.push(server.dead(&format!("{n}")).await.to_string());
    }
    let gone = server.waiting().await;
    server.post(&format!("/api/v1/tasks/{gone}/cancel")).await;
    server.waiting().await;
    let running = server.claim(Uuid::now_v7(), Queue::Processing).await.id;
    let later = server.enqueue(&[task().due_in(Duration::from_secs(99))]).await[0];
    let mut ready = Vec::new();
    for _ in 0..3 {
        ready.push(server.waiting().await.to_string());
    }
    let found = walk(&server, "").await;
    let mut expected = vec![("running".to_owned(), running.to_string())];
    expected.extend(ready.iter().map(|id| ("ready".to_owned(), id.clone())));
    expected.push(("scheduled".to_owned(), later.to_string()));
    expected.extend(dead.iter().rev().map(|id| ("dead".to_owned(), id.clone())));
    expected.push(("cancelled".to_owned(), gone.to_string()));
    assert_eq!(found, expected);
    let only: Vec<String> = walk(&server, "&state=ready&queue=processing")
        .await
        .into_iter()
        .map(|(_, id)| id)
        .collect();
    assert_eq!(only, ready, "in the order in which they will run");
    assert!(walk(&server, "&queue=ocr").await.is_empty());
    assert_eq!(walk(&server, "&kind=render_page").await.len(), expected.len());
}

#[tokio::test]
async fn ready_tasks_of_all_queues_come_queue_by_queue_and_urgent_first() {
    let server = Server::start().await;
    let mut normal = Vec::new();
    for _ in 0..3 {
        normal.push(server.waiting().await.to_string());
    }
    let urgent = server.enqueue(&[task().urgent(true)]).await[0].to_string();
    server.document("a.pdf").await;
    let found: Vec<String> = walk(&server, "&state=ready")
        .await
        .into_iter()
        .map(|(_, id)| id)
        .collect();
    assert_eq!(found.len(), 5);
    assert_eq!(found[1], urgent);
    assert_eq!(found[2..], normal);
}

#[tokio::test]
async fn wrong_filters_are_named() {
    let server = Server::start().await;
    for query in ["queue=letters", "state=lost", "document=7", "limit=0", "cursor=zzz"] {
        let why = assert_problem(
            server.get(&format!("/api/v1/tasks?{query}")).await,
            400,
            "invalid_field",
        )
        .await;
        assert!(why.starts_with(query.split('=').next().unwrap()), "{why}");
        let page = server.get(&format!("/tasks?{query}")).await;
        assert_eq!(page.status(), 400);
        assert!(
            page.text().await.unwrap().contains("role=\"alert\""),
            "a person is told on a page"
        );
    }
}
