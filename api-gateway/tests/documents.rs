//! Documents: listed, followed, ended, begun again, deleted, and what was made of them.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{PDF, Server, assert_problem, file, pdf};
use fleet_tests::wait_until;
use futures_util::StreamExt;
use serde_json::Value;

const NOBODY: &str = "00000000-0000-7000-8000-000000000000";

async fn json(server: &Server, path: &str) -> Value {
    let answer = server.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn lists_go_on_where_they_ended() {
    let server = Server::start(&[]).await;
    let mut uploaded = Vec::new();
    for _ in 0..5 {
        uploaded.push(server.queued().await);
    }
    uploaded.reverse();
    let (mut seen, mut path) = (Vec::new(), "/api/v1/documents?limit=2".to_owned());
    loop {
        let list = json(&server, &path).await;
        let documents = list["documents"].as_array().unwrap();
        assert!(documents.len() <= 2);
        seen.extend(documents.iter().map(common::id));
        let Some(cursor) = list["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/documents?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, uploaded);
}

#[tokio::test]
async fn lists_go_either_way_and_tell_how_many_there_are() {
    let server = Server::start(&[]).await;
    let mut uploaded = Vec::new();
    for _ in 0..3 {
        uploaded.push(server.queued().await);
    }
    let first = json(&server, "/api/v1/documents?sort=created_at&limit=2&total=True").await;
    assert_eq!(first["total"], 3);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = json(
        &server,
        &format!("/api/v1/documents?sort=created_at&limit=2&cursor={cursor}"),
    )
    .await;
    assert!(rest.get("total").is_none());
    let lists = [first, rest];
    let seen: Vec<_> = lists
        .iter()
        .flat_map(|list| list["documents"].as_array().unwrap())
        .map(common::id)
        .collect();
    assert_eq!(seen, uploaded);
}

#[tokio::test]
async fn lists_are_filtered() {
    let server = Server::start(&[]).await;
    server
        .accepted(pdf().text("project", "acme").text("category", "invoice"))
        .await;
    let metadata = r#"{"order":7,"paid":true}"#;
    server
        .accepted(
            file("letter.pdf", PDF)
                .text("project", "other")
                .text("metadata", metadata),
        )
        .await;
    let done = server.done().await;
    for (query, count) in [
        ("", 3),
        ("?project=acme", 1),
        ("?category=invoice", 2),
        ("?status=queued", 2),
        ("?q=letter", 1),
        ("?q=Gr%C3%BC%C3%9Fe", 1),
        ("?q=nothing", 0),
        ("?q=&status=&limit=&cursor=", 3),
        ("?created_after=2020-01-01", 3),
        ("?created_before=2020-01-01T00:00:00Z", 0),
        ("?metadata.order=7", 1),
        ("?metadata.order=7&metadata.paid=true", 1),
        ("?metadata.order=7&metadata.paid=false", 0),
    ] {
        let list = json(&server, &format!("/api/v1/documents{query}")).await;
        assert_eq!(list["documents"].as_array().unwrap().len(), count, "{query}");
    }
    let list = json(&server, "/api/v1/documents?status=done").await;
    assert_eq!(list["documents"][0]["id"], done.as_str());
    for query in ["?limit=0", "?limit=1000", "?status=finished", "?cursor=x", "?q=%00"] {
        assert_problem(
            server.get(&format!("/api/v1/documents{query}")).await,
            400,
            "invalid_field",
        )
        .await;
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = Server::start(&[]).await;
    for path in [
        "",
        "/result",
        "/text",
        "/original",
        "/searchable.pdf",
        "/hocr",
        "/events",
        "/pages/1",
        "/pages/1/image",
    ] {
        let answer = server.get(&format!("/api/v1/documents/{NOBODY}{path}")).await;
        assert_problem(answer, 404, "document_not_found").await;
    }
    assert_problem(server.get("/api/v1/documents/seven").await, 404, "document_not_found").await;
    assert_problem(server.get("/api/v2").await, 404, "route_not_found").await;
    assert_problem(
        server.post("/api/v1/documents/x/text", "").await,
        405,
        "method_not_allowed",
    )
    .await;
}

#[tokio::test]
async fn results_wait_for_the_end() {
    let server = Server::start(&[]).await;
    let id = server.queued().await;
    for path in ["result", "text", "searchable.pdf", "hocr"] {
        let answer = server.get(&format!("/api/v1/documents/{id}/{path}")).await;
        assert_problem(answer, 409, "not_finished").await;
    }
    let answer = server.get(&format!("/api/v1/documents/{id}/pages/1")).await;
    assert_problem(answer, 409, "not_read_yet").await;
}

#[tokio::test]
async fn a_result_has_pages_words_and_fields() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    let result = json(&server, &format!("/api/v1/documents/{id}/result")).await;
    assert_eq!(result["status"], "done");
    assert_eq!(result["category"]["name"], "invoice");
    assert_eq!(result["pages"][0]["words"][1]["text"], "104,90");
    assert_eq!(
        result["pages"][0]["words"][1]["box"],
        serde_json::json!([40.0, 2.0, 70.0, 12.0])
    );
    assert_eq!(result["pages"][1]["source"], "text_layer");
    assert_eq!(result["fields"][0]["value"], "104.90");
    let page = json(&server, &format!("/api/v1/documents/{id}/pages/2")).await;
    assert_eq!(page, result["pages"][1]);
    assert_problem(
        server.get(&format!("/api/v1/documents/{id}/pages/3")).await,
        404,
        "page_not_found",
    )
    .await;
    assert_problem(
        server.get(&format!("/api/v1/documents/{id}/pages/0")).await,
        404,
        "page_not_found",
    )
    .await;

    let text = server.get(&format!("/api/v1/documents/{id}/text")).await;
    assert_eq!(text.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(text.text().await.unwrap(), "Total 104,90\u{c}Grüße");
}

#[tokio::test]
async fn the_original_comes_back_whole_or_in_part() {
    let server = Server::start(&[]).await;
    let document = server.accepted(file("Rechnung März.pdf", PDF)).await;
    let path = format!("/api/v1/documents/{}/original", common::id(&document));
    let whole = server.get(&path).await;
    let headers = whole.headers().clone();
    assert_eq!(headers["content-type"], "application/pdf");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename=\"Rechnung M_rz.pdf\"; filename*=UTF-8''Rechnung%20M%C3%A4rz.pdf"
    );
    assert_eq!(whole.bytes().await.unwrap(), PDF);

    let ask = async |name: &'static str, value: &str| {
        let request = server.client.get(server.url(&path)).header(name, value);
        request.send().await.unwrap()
    };
    let part = ask("range", "bytes=1-3").await;
    assert_eq!(
        (part.status().as_u16(), part.headers()["content-length"].as_bytes()),
        (206, &b"3"[..])
    );
    assert_eq!(part.bytes().await.unwrap(), "PDF");
    assert_problem(ask("range", "bytes=9000-").await, 416, "range_not_satisfiable").await;
    let tag = headers["etag"].to_str().unwrap();
    for known in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let kept = ask("if-none-match", &known).await;
        assert_eq!(
            (kept.status().as_u16(), kept.headers()["etag"].to_str().unwrap()),
            (304, tag)
        );
        assert_eq!(kept.headers()["cache-control"], "private, no-cache");
    }
}

#[tokio::test]
async fn what_workers_made_is_handed_out() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    server.artefact(&id, "searchable.pdf", "application/pdf", PDF).await;
    server
        .artefact(&id, "document.hocr", "text/vnd.hocr+html; charset=utf-8", b"<html>")
        .await;
    server
        .artefact(&id, "thumbnail-1.jpg", "image/jpeg", b"\xff\xd8\xff")
        .await;
    let get = async |path: &str| server.get(&format!("/api/v1/documents/{id}/{path}")).await;
    let pdf = get("searchable.pdf").await;
    assert_eq!(
        pdf.headers()["content-disposition"],
        "attachment; filename=\"invoice.pdf\"; filename*=UTF-8''invoice.pdf"
    );
    assert_eq!(pdf.bytes().await.unwrap(), PDF);
    assert_eq!(get("hocr").await.bytes().await.unwrap(), "<html>");
    assert_eq!(get("pages/1/thumbnail").await.headers()["content-type"], "image/jpeg");
}

#[tokio::test]
async fn images_and_late_pdfs_are_made_on_demand_once() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    let asked = {
        let paths = [
            "pages/2/image?width=700",
            "pages/2/image?width=800",
            "searchable.pdf",
            "pages/2/thumbnail",
        ];
        let requests = paths.map(|path| server.get_owned(&format!("/api/v1/documents/{id}/{path}")));
        tokio::spawn(futures_util::future::join_all(requests))
    };
    let postgres = server.postgres().await;
    wait_until("workers to be asked", async || {
        let asked = "SELECT count(*) FROM tasks WHERE kind IN ('render_page', 'make_searchable_pdf')";
        postgres.query_one(asked, &[]).await.unwrap().get::<_, i64>(0) == 3
    })
    .await;
    server.artefact(&id, "page-2-800.png", "image/png", b"\x89PNG").await;
    server.artefact(&id, "page-2-240.png", "image/png", b"\x89PNG").await;
    server.artefact(&id, "searchable.pdf", "application/pdf", PDF).await;
    for answer in asked.await.unwrap() {
        assert_eq!(answer.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn what_cannot_be_made_is_told_with_its_reason() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    let asked = tokio::spawn(server.get_owned(&format!("/api/v1/documents/{id}/pages/2/image")));
    let postgres = server.postgres().await;
    let bury = "UPDATE tasks SET state = 'dead', finished_at = now(), error = '{\"code\":\"page_too_large\",\"message\":\"too many pixels\"}'
                WHERE kind = 'render_page'";
    wait_until("a worker to be asked", async || {
        postgres.execute(bury, &[]).await.unwrap() == 1
    })
    .await;
    let why = assert_problem(asked.await.unwrap().unwrap(), 409, "could_not_be_made").await;
    assert!(why.contains("too many pixels"), "{why}");
}

#[tokio::test]
async fn events_tell_each_change_once_and_then_end() {
    let server = Server::start(&[]).await;
    let id = server.queued().await;
    let path = format!("/api/v1/documents/{id}/events");
    let mut events = server.get(&path).await.bytes_stream();
    let mut heard = String::new();
    while !heard.contains("\n\n") {
        heard += std::str::from_utf8(&events.next().await.unwrap().unwrap()).unwrap();
    }
    assert!(
        heard.contains("event: document") && heard.contains(r#""status":"queued""#),
        "{heard}"
    );

    server.store.cancel(id.parse().unwrap(), "a test").await.unwrap();
    while let Some(chunk) = events.next().await {
        heard += std::str::from_utf8(&chunk.unwrap()).unwrap();
    }
    assert_eq!(heard.matches("event: document").count(), 2, "{heard}");
    assert!(heard.contains(r#""status":"cancelled""#), "{heard}");

    let resume = async |last: &str| {
        let request = server.client.get(server.url(&path)).header("last-event-id", last);
        request.send().await.unwrap()
    };
    let ids: Vec<_> = heard.lines().filter_map(|line| line.strip_prefix("id: ")).collect();
    assert_eq!(
        resume(ids[1]).await.status(),
        204,
        "nothing has changed, and nothing will"
    );
    let missed = resume(ids[0]).await.text().await.unwrap();
    assert!(missed.contains(ids[1]), "{missed}");
}

#[tokio::test]
async fn documents_are_cancelled_retried_and_deleted() {
    let server = Server::start(&[]).await;
    let id = server.queued().await;
    let path = |verb: &str| format!("/api/v1/documents/{id}{verb}");
    assert_problem(server.post(&path("/retry"), "").await, 409, "refused").await;
    for _ in 0..2 {
        let cancelled: Value = server.post(&path("/cancel"), "").await.json().await.unwrap();
        assert_eq!(cancelled["status"], "cancelled");
        assert_eq!(cancelled["error"]["code"], "cancelled");
    }
    assert_problem(server.get(&path("/result")).await, 409, "document_cancelled").await;
    assert_problem(
        server.post(&path("/retry"), r#"{"from_stage":"extract"}"#).await,
        409,
        "refused",
    )
    .await;
    assert_problem(
        server.post(&path("/retry"), r#"{"from_stage":"print"}"#).await,
        400,
        "invalid_field",
    )
    .await;
    assert_problem(server.post(&path("/retry"), "from ocr").await, 400, "invalid_field").await;
    let retried = server.post(&path("/retry"), r#"{"from_stage":"ocr"}"#).await;
    assert_eq!(retried.status(), 202);
    assert_eq!(retried.json::<Value>().await.unwrap()["status"], "queued");

    let delete = async || server.client.delete(server.url(&path(""))).send().await.unwrap();
    assert_eq!(delete().await.status(), 204);
    assert_problem(delete().await, 404, "document_not_found").await;
    assert_problem(server.get(&path("")).await, 404, "document_not_found").await;

    let done = server.done().await;
    assert_problem(
        server.post(&format!("/api/v1/documents/{done}/cancel"), "").await,
        409,
        "already_ended",
    )
    .await;
}
