//! Uploads: what is accepted is kept, what is refused leaves nothing behind.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{PDF, Server, assert_problem, file, id, pdf};
use fleet_tests::wait_until;
use reqwest::Body;
use reqwest::multipart::{Form, Part};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn an_upload_is_stored_and_queued_before_it_is_acknowledged() {
    let server = Server::start(&[]).await;
    let form = pdf()
        .text("project", "acme")
        .text("category", "invoice")
        .text("priority", "high")
        .text("language", "eng+deu")
        .text("metadata", r#"{"order":7}"#)
        .text("force_ocr", "true");
    let document = server.accepted(form).await;
    assert_eq!(document["status"], "queued");
    assert_eq!(document["file_name"], "invoice.pdf");
    assert_eq!(document["content_type"], "application/pdf");
    assert_eq!(document["size_bytes"], PDF.len());
    assert_eq!(document["project"], "acme");
    assert_eq!(document["category"]["source"], "upload");
    assert_eq!(document["metadata"]["order"], 7);
    assert_eq!(document["stages"][0]["stage"], "ocr");

    let row = server.store.document(id(&document).parse().unwrap()).await.unwrap();
    assert!(row.urgent && row.force_ocr);
    assert_eq!(row.languages, "eng+deu");
    assert_eq!(std::fs::read(server.home.storage().join(&row.original)).unwrap(), PDF);
    let tasks = server.postgres().await;
    let queue: String = tasks.query_one("SELECT queue FROM tasks", &[]).await.unwrap().get(0);
    assert_eq!(queue, "priority_ocr");
}

#[tokio::test]
async fn fields_may_come_before_the_file() {
    let server = Server::start(&[]).await;
    let form = Form::new()
        .text("project", "acme")
        .part("file", Part::bytes(PDF).file_name("../../a/b.pdf"));
    let document = server.accepted(form).await;
    assert_eq!(
        (&document["project"], &document["file_name"]),
        (&"acme".into(), &"b.pdf".into())
    );
}

#[tokio::test]
async fn refusals_are_named_and_leave_nothing_behind() {
    let server = Server::start(&[("MAX_UPLOAD_BYTES", "100000")]).await;
    assert_problem(server.upload(Form::new().text("project", "acme")).await, 400, "no_file").await;
    assert_problem(server.upload(file("empty.pdf", b"")).await, 400, "empty_file").await;
    assert_problem(
        server.upload(file("notes.pdf", b"only text")).await,
        415,
        "unsupported_type",
    )
    .await;
    let twice = pdf().part("file", Part::bytes(PDF).file_name("b.pdf"));
    assert_problem(server.upload(twice).await, 400, "invalid_field").await;
    let unknown = assert_problem(server.upload(pdf().text("colour", "red")).await, 400, "unknown_field").await;
    assert!(unknown.contains("colour"), "{unknown}");
    let priority = assert_problem(
        server.upload(pdf().text("priority", "urgent")).await,
        400,
        "invalid_field",
    )
    .await;
    assert!(priority.contains("normal or high"), "{priority}");
    let long = pdf().text("project", "x".repeat(100_000));
    assert_problem(server.upload(long).await, 400, "invalid_field").await;
    assert_problem(server.post("/api/v1/documents", "%PDF-1.4").await, 400, "not_a_form").await;

    wait_until("refused bytes to be removed", async || server.objects() == 0).await;
    let list: serde_json::Value = server.get("/api/v1/documents").await.json().await.unwrap();
    assert_eq!(list["documents"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn too_large_is_too_large_whether_announced_or_not() {
    let server = Server::start(&[("MAX_UPLOAD_BYTES", "100000")]).await;
    let mut bytes = PDF.to_vec();
    bytes.resize(2_000_000, b' ');
    let announced = Form::new().part("file", Part::bytes(bytes.clone()).file_name("a.pdf"));
    assert_problem(server.upload(announced).await, 413, "file_too_large").await;
    let streamed = Form::new().part(
        "file",
        Part::stream(Body::wrap_stream(chunks(bytes))).file_name("a.pdf"),
    );
    assert_problem(server.upload(streamed).await, 413, "file_too_large").await;
    wait_until("refused bytes to be removed", async || server.objects() == 0).await;
}

fn chunks(bytes: Vec<u8>) -> impl futures_util::Stream<Item = std::io::Result<Vec<u8>>> {
    let chunks: Vec<_> = bytes.chunks(10_000).map(<[u8]>::to_vec).map(Ok).collect();
    futures_util::stream::iter(chunks)
}

#[tokio::test]
async fn a_form_without_end_is_stopped() {
    let server = Server::start(&[]).await;
    let request = server
        .client
        .post(server.url("/api/v1/documents"))
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(Body::wrap_stream(chunks(vec![b'x'; 3_000_000])));
    assert_problem(request.send().await.unwrap(), 413, "form_too_large").await;
}

#[tokio::test]
async fn the_same_key_is_the_same_document() {
    let server = Server::start(&[]).await;
    let send = async || {
        let request = server
            .client
            .post(server.url("/api/v1/documents"))
            .header("idempotency-key", "order-7")
            .multipart(pdf().text("project", "a"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 202);
        id(&answer.json().await.unwrap())
    };
    let first = send().await;
    assert_eq!(send().await, first);
    wait_until("bytes that are not needed to be removed", async || {
        server.objects() == 1
    })
    .await;

    server
        .client
        .delete(server.url(&format!("/api/v1/documents/{first}")))
        .send()
        .await
        .unwrap();
    let again = server
        .client
        .post(server.url("/api/v1/documents"))
        .header("idempotency-key", "order-7")
        .multipart(pdf().text("project", "a"));
    assert_problem(again.send().await.unwrap(), 409, "idempotency_key_used").await;
}

#[tokio::test]
async fn the_same_bytes_are_a_document_that_says_so() {
    let server = Server::start(&[]).await;
    let first = server.accepted(pdf()).await;
    let second = server.accepted(pdf()).await;
    assert_ne!(first["id"], second["id"]);
    assert_eq!(second["duplicate_of"], first["id"]);
}

#[tokio::test]
async fn maintenance_refuses_uploads_only() {
    let server = Server::start(&[("MAINTENANCE_MODE", "true")]).await;
    let answer = server.upload(pdf()).await;
    assert!(answer.headers().contains_key("retry-after"));
    assert_problem(answer, 503, "maintenance").await;
    assert_eq!(server.get("/api/v1/documents").await.status(), 200);
    assert_eq!(server.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn a_full_disk_refuses_uploads_before_their_body_is_taken() {
    let most = u64::MAX.to_string();
    let server = Server::start(&[("STORAGE_RESERVE_BYTES", &most)]).await;
    let mut stream = TcpStream::connect(server.base.trim_start_matches("http://"))
        .await
        .unwrap();
    let head = "POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\
                Content-Type: multipart/form-data; boundary=edge\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 507");

    let why = assert_problem(server.upload(pdf()).await, 507, "storage_full").await;
    assert!(why.contains("the documents"), "{why}");
    assert_eq!(server.objects(), 0);
    assert_problem(server.get("/readyz").await, 503, "storage_full").await;
    assert_eq!(server.get("/api/v1/documents").await.status(), 200);
}

#[tokio::test]
async fn nothing_is_acknowledged_without_a_database_or_a_storage() {
    let services = fleet_tests::Services::start();
    let server = Server::start_at(services.database(), &[]).await;
    services.kill_postgres();
    assert_problem(server.upload(pdf()).await, 503, "database_unavailable").await;
    assert_problem(server.get("/readyz").await, 503, "database_unavailable").await;
    services.start_postgres();
    server.accepted(pdf()).await;

    std::fs::remove_dir_all(server.home.storage()).unwrap();
    assert_problem(server.upload(pdf()).await, 503, "storage_unavailable").await;
}
