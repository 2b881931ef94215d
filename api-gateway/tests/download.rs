//! Many documents in one archive.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{PDF, Server, assert_problem, file, pdf};
use fleet_tests::wait_until;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use store::{NewKey, Scope};
use zip::ZipArchive;

const DOWNLOAD: &str = "/api/v1/documents/download";
const UNKNOWN: &str = "00000000-0000-7000-8000-000000000000";

type Archive = ZipArchive<Cursor<Vec<u8>>>;

async fn archive(server: &Server, path: &str) -> Archive {
    let answer = server.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "application/zip");
    let bytes = answer.bytes().await.unwrap().to_vec();
    ZipArchive::new(Cursor::new(bytes)).unwrap()
}

fn names(archive: &Archive) -> Vec<String> {
    archive.file_names().map(|name| name.unwrap().into_owned()).collect()
}

fn text(archive: &mut Archive, name: &str) -> String {
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn an_archive_holds_the_files_and_a_table() {
    let server = Server::start(&[]).await;
    let first = server.done().await;
    let second = server.done().await;
    let waiting = server.accepted(file("=1+1.pdf", PDF)).await;
    let ids = format!("{first},{second},{},{first}", common::id(&waiting));
    let mut archive = archive(&server, &format!("{DOWNLOAD}?ids={ids}&files=txt,json,original")).await;
    assert_eq!(
        names(&archive),
        [
            "originals/invoice.pdf",
            "invoice.txt",
            "invoice.json",
            "originals/invoice-2.pdf",
            "invoice-2.txt",
            "invoice-2.json",
            "originals/=1+1.pdf",
            "summary.csv"
        ]
    );
    assert_eq!(text(&mut archive, "originals/invoice.pdf").as_bytes(), PDF);
    assert_eq!(text(&mut archive, "invoice.txt"), "Total 104,90\u{c}Grüße");
    let result: Value = serde_json::from_str(&text(&mut archive, "invoice-2.json")).unwrap();
    let shown: Value = server
        .get(&format!("/api/v1/documents/{second}/result"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(result, shown);
    let summary = text(&mut archive, "summary.csv");
    let lines: Vec<&str> = summary.lines().collect();
    assert_eq!(lines[0], "file,status,category,pages,error_code,message,seconds,total");
    assert!(
        lines[1].starts_with("invoice.pdf,done,invoice,2,,,") && lines[1].ends_with(",104.90"),
        "{summary}"
    );
    assert_eq!(lines[3], "'=1+1.pdf,queued,,,,still being processed,0.00,");
}

#[tokio::test]
async fn a_document_without_its_pdf_tells_why() {
    let server = Server::start(&[]).await;
    let id = server.done().await;
    server
        .artefact(&id, "searchable.pdf", "application/pdf", b"%PDF-1.7 words")
        .await;
    let mut whole = archive(&server, &format!("{DOWNLOAD}?ids={id}")).await;
    assert_eq!(
        names(&whole),
        ["invoice.pdf", "invoice.txt", "invoice.json", "summary.csv"]
    );
    assert_eq!(text(&mut whole, "invoice.pdf"), "%PDF-1.7 words");

    let script = format!(
        "DELETE FROM artefacts WHERE document_id = '{id}';
         CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             NEW.state := 'dead'; NEW.finished_at := now(); RETURN NEW; END $$;
         CREATE TRIGGER fail BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION fail()"
    );
    server.postgres().await.batch_execute(&script).await.unwrap();
    let mut without = archive(&server, &format!("{DOWNLOAD}?ids={id}&files=pdf,txt")).await;
    assert_eq!(names(&without), ["invoice.txt", "summary.csv"]);
    let summary = text(&mut without, "summary.csv");
    assert!(summary.contains("could not be made"), "{summary}");
}

#[tokio::test]
async fn filters_choose_and_bulk_tells_where() {
    let server = Server::start(&[]).await;
    server.done().await;
    for _ in 0..2 {
        server
            .accepted(pdf().text("project", "acme").text("metadata", r#"{"order": 7}"#))
            .await;
    }
    let order = async |filter: Value, dry_run: bool| {
        let order = json!({"action": "download", "filter": filter, "dry_run": dry_run});
        let request = server
            .client
            .post(server.url("/api/v1/documents/bulk"))
            .body(order.to_string());
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let filter = json!({"project": "acme", "metadata": {"order": "7"}});
    assert_eq!(order(filter.clone(), true).await["matched"], 2);
    let ordered = order(filter, false).await;
    let place = ordered["download"].as_str().unwrap();
    assert_eq!(place, format!("{DOWNLOAD}?project=acme&metadata.order=7"));
    let archive = archive(&server, &format!("{place}&files=original")).await;
    assert_eq!(
        names(&archive),
        ["originals/invoice.pdf", "originals/invoice-2.pdf", "summary.csv"]
    );

    for (query, status, code) in [
        ("", 400, "empty_filter"),
        ("?ids=7", 400, "invalid_field"),
        ("?project=acme&files=csv", 400, "invalid_field"),
        ("?limit=7", 400, "unknown_parameter"),
        (&format!("?project=acme&ids={UNKNOWN}"), 400, "invalid_field"),
        (&format!("?ids={UNKNOWN}"), 404, "document_not_found"),
        ("?project=other", 404, "no_documents"),
    ] {
        assert_problem(server.get(&format!("{DOWNLOAD}{query}")).await, status, code).await;
    }
}

#[tokio::test]
async fn an_archive_holds_what_its_key_may_read() {
    let server = Server::start(&[]).await;
    let scanner = server.key("scanner", &[Scope::Upload]).await;
    let acme = NewKey {
        projects: Some(vec!["acme".into()]),
        ..NewKey::new("acme", &[Scope::Read])
    };
    let acme = server.add_key(&acme).await;
    let mine = server.upload_with_key(pdf().text("project", "acme"), &scanner).await;
    let other = server.upload_with_key(pdf(), &scanner).await;
    let (mine, other): (Value, Value) = (mine.json().await.unwrap(), other.json().await.unwrap());
    let ask = async |key: &str, query: &str| server.with_key(Method::GET, &format!("{DOWNLOAD}?{query}"), key).await;
    let refused = ask(&scanner, &format!("ids={}", common::id(&mine))).await;
    assert_problem(refused, 403, "missing_scope").await;
    let hidden = ask(&acme, &format!("ids={}", common::id(&other))).await;
    assert_problem(hidden, 404, "document_not_found").await;
    let all = ask(&acme, "status=queued&files=original").await.bytes().await.unwrap();
    let archive = ZipArchive::new(Cursor::new(all.to_vec())).unwrap();
    assert_eq!(names(&archive), ["originals/invoice.pdf", "summary.csv"]);
}

#[tokio::test]
async fn an_archive_that_lacks_an_object_breaks_off() {
    let server = Server::start(&[]).await;
    let id = server.queued().await;
    let script = format!("UPDATE documents SET original = 'documents/gone' WHERE id = '{id}'");
    server.postgres().await.batch_execute(&script).await.unwrap();
    let answer = server.get(&format!("{DOWNLOAD}?ids={id}&files=original")).await;
    assert!(answer.bytes().await.is_err(), "a part must not look like the whole");
}

#[tokio::test]
async fn few_archives_are_made_at_once() {
    let server = Server::start(&[]).await;
    let mut noise = PDF.to_vec();
    let mut state = 1_u64;
    noise.extend((0..24 << 20).map(|_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    }));
    let large = Form::new().part("file", Part::bytes(noise).file_name("large.pdf"));
    let path = format!(
        "{DOWNLOAD}?ids={}&files=original",
        common::id(&server.accepted(large).await)
    );
    let mut unread = Vec::new();
    for _ in 0..8 {
        unread.push(server.get(&path).await);
    }
    let refused = server.get(&path).await;
    assert_eq!(refused.headers()["retry-after"], "5");
    assert_problem(refused, 503, "too_many_downloads").await;
    unread.clear();
    wait_until("downloads whose clients have gone make room", async || {
        server.get(&path).await.status() == 200
    })
    .await;
}
