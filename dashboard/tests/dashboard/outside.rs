//! What the dashboard shows to strangers, browsers, Prometheus and readers of its API.

use crate::support::{Server, assert_problem};
use queue_schema::Queue;
use reqwest::header::{HOST, ORIGIN};
use serde_json::Value;
use store::Scope;

#[tokio::test]
async fn only_known_hosts_are_answered() {
    let server = Server::start().await;
    let ask = async |path: &str| {
        let request = server.client.get(server.url(path)).header(HOST, "evil.example");
        request.send().await.unwrap()
    };
    assert_problem(ask("/api/v1/queues").await, 421, "unknown_host").await;
    assert_eq!(ask("/").await.status(), 421);
    assert_eq!(ask("/healthz").await.status(), 200);
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let server = Server::start().await;
    for path in ["/api/v1/queues/ocr/pause", "/queues/ocr/pause", "/dead/apply"] {
        for origin in ["https://evil.example", "null"] {
            let request = server.client.post(server.url(path)).header(ORIGIN, origin);
            assert_problem(request.send().await.unwrap(), 403, "foreign_origin").await;
        }
    }
    assert!(server.audit().await.is_empty());
}

#[tokio::test]
async fn figures_for_prometheus_come_from_the_rows() {
    let server = Server::start().await;
    server.waiting().await;
    server.dead("bad").await;
    server.post("/api/v1/queues/ocr/pause").await;
    let text = server.page("/metrics").await;
    for line in [
        "docfleet_queue_depth{queue=\"processing\"} 1",
        "docfleet_queue_dead{queue=\"processing\"} 1",
        "docfleet_queue_paused{queue=\"ocr\"} 1",
        "docfleet_queue_workers{queue=\"processing\"} 0",
        "# TYPE docfleet_queue_oldest_age_seconds gauge",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
}

#[tokio::test]
async fn the_api_describes_itself() {
    let server = Server::start().await;
    let served: Value = server.json("/api/v1/openapi.json").await;
    let paths = served["paths"].as_object().unwrap();
    for path in [
        "/api/v1/queues",
        "/api/v1/tasks/bulk",
        "/api/v1/tasks/{id}",
        "/api/v1/events",
        "/metrics",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    assert_eq!(served, serde_json::to_value(dashboard::openapi()).unwrap());
    assert_problem(server.get("/nowhere").await, 404, "route_not_found").await;
    assert_problem(server.get("/api/v1/tasks/bulk").await, 405, "method_not_allowed").await;
}

#[tokio::test]
async fn it_does_what_its_api_says_and_nothing_else() {
    let server = Server::start().await;
    server.worker(&[Queue::Ocr]).await;
    server.dead("bad").await;
    for &scope in Scope::ALL {
        let key = server.key(scope.as_str(), scope).await;
        fleet_tests::tools::keeps_its_word(&server.base, &key).await;
    }
}
