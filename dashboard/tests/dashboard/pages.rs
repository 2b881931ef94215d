//! Every page: there, strict, and without anything from elsewhere.

use crate::support::Server;
use broker::Condition;
use fleet_tests::{wait_for, wait_until};
use queue_schema::{Outcome, Queue};
use uuid::Uuid;

#[tokio::test]
async fn every_page_is_strict_and_its_links_lead_somewhere() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Ocr, Queue::Processing]).await;
    let slots = serde_json::json!([{"pid": 7, "task": null, "rss_kib": 90_000, "tasks_done": 3, "age_s": 60}]);
    let condition = Condition {
        slots,
        recycles: serde_json::json!({"memory": 2}),
        ..Condition::default()
    };
    server.broker().heartbeat(worker, &condition).await.unwrap();
    let document = server.document("<script>alert(1)</script>.pdf").await;
    let claimed = server.claim(worker, Queue::Ocr).await;
    server.fail(&claimed, Outcome::Failed, "<img src=x>").await;
    server.dead("bad").await;
    server.post("/api/v1/queues/extract/pause").await;
    let mut paths: Vec<String> = [
        "/",
        "/wall",
        "/tasks",
        "/dead",
        "/workers",
        "/schedules",
        "/audit",
        "/documents",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend([
        "/queues/ocr?state=scheduled".to_owned(),
        format!("/tasks/{}", claimed.id),
        format!("/documents/{document}"),
        "/documents?q=alert".to_owned(),
    ]);
    let mut links = std::collections::BTreeSet::new();
    for path in &paths {
        let answer = server.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(answer.headers()["x-frame-options"], "DENY");
        let html = answer.text().await.unwrap();
        assert!(
            !html.contains("<script>") && !html.contains("<img src=x") && !html.contains("style=\""),
            "{path}"
        );
        for attribute in ["src=\"", "href=\"", "action=\""] {
            for address in html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(
                    address.starts_with('/') || address.starts_with('#'),
                    "{path}: {address} comes from elsewhere"
                );
                if attribute != "action=\"" && address.starts_with('/') {
                    links.insert(address.replace("&amp;", "&"));
                }
            }
        }
    }
    for link in links {
        let status = server.get(&link).await.status().as_u16();
        assert!(
            status == 200 || (status == 303 && link.starts_with("/docs")),
            "{link}: {status}"
        );
    }
}

#[tokio::test]
async fn the_box_finds_tasks_documents_and_names() {
    let server = Server::start().await;
    let document = server.document("März.pdf").await;
    let task = server.waiting().await;
    let to = async |q: String| {
        let answer = server.get(&format!("/find?q={q}")).await;
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    assert_eq!(to(task.to_string()).await, format!("/tasks/{task}"));
    assert_eq!(to(document.to_string()).await, format!("/documents/{document}"));
    assert_eq!(to("M%C3%A4rz".into()).await, "/documents?q=M%C3%A4rz");
    assert!(server.page("/documents?q=M%C3%A4rz").await.contains("März.pdf"));
}

#[tokio::test]
async fn what_is_not_there_is_told_on_a_page() {
    let server = Server::start().await;
    for path in [
        format!("/tasks/{}", Uuid::now_v7()),
        format!("/documents/{}", Uuid::now_v7()),
        "/queues/letters".to_owned(),
        "/tasks/7".to_owned(),
    ] {
        let answer = server.get(&path).await;
        assert_eq!(answer.status(), 404, "{path}");
        let html = answer.text().await.unwrap();
        assert!(
            html.contains("role=\"alert\"") && html.contains("<nav"),
            "{path}: {html}"
        );
    }
}

/// An operator must see where hostile documents meet less than a whole sandbox.
#[tokio::test]
async fn a_worker_says_which_parts_of_its_sandbox_are_missing() {
    let server = Server::start().await;
    let worker = server.worker(&[Queue::Ocr]).await;
    assert!(server.page("/workers").await.contains("has not told yet"));
    let told = async |missing: serde_json::Value| {
        let condition = Condition {
            sandbox: Some(serde_json::json!({"granted": ["files", "network"], "missing": missing})),
            ..Condition::default()
        };
        server.broker().heartbeat(worker, &condition).await.unwrap();
        wait_for("the page to be of now", async || {
            let page = server.page("/workers").await;
            (!page.contains("has not told yet")).then_some(page)
        })
        .await
    };
    let whole = told(serde_json::json!([])).await;
    assert!(whole.contains("every part is in force (files, network)"), "{whole}");
    let gap = serde_json::json!([{"part": "signals", "reason": "Linux 6.12 and later keep them in"}]);
    told(gap).await;
    wait_until("the gap to be shown", async || {
        let page = server.page("/workers").await;
        page.contains("lack a part") && page.contains("signals") && page.contains("Linux 6.12 and later keep them in")
    })
    .await;
    let rows = server.json("/api/v1/workers").await;
    assert_eq!(rows[0]["sandbox"]["missing"][0]["part"], "signals");
    assert_eq!(rows[0]["sandbox"]["granted"], serde_json::json!(["files", "network"]));
}
