//! What keys are for at the gateway.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Server, assert_problem, file, id, pdf};
use reqwest::Method;
use reqwest::header::ORIGIN;
use serde_json::{Value, json};
use store::{NewKey, Scope};

#[tokio::test]
async fn each_key_is_for_its_own() {
    let server = Server::start(&[]).await;
    let mut keys = Vec::new();
    for &scope in Scope::ALL {
        keys.push(server.key(scope.as_str(), &[scope]).await);
    }
    let ask = async |method: &Method, path: &str| {
        let mut statuses = Vec::new();
        for key in &keys {
            statuses.push(server.with_key(method.clone(), path, key).await.status().as_u16());
        }
        statuses
    };
    let mut statuses = Vec::new();
    for key in &keys {
        statuses.push(server.upload_with_key(pdf(), key).await.status().as_u16());
    }
    assert_eq!(statuses, [202, 403, 202, 202]);
    let own = server
        .upload_with_key(pdf(), &keys[0])
        .await
        .json::<Value>()
        .await
        .unwrap();
    let document = format!("/api/v1/documents/{}", id(&own));
    assert_eq!(ask(&Method::GET, "/").await, [403, 200, 200, 200]);
    assert_eq!(ask(&Method::GET, &document).await, [200, 200, 200, 200]);
    assert_eq!(
        ask(&Method::GET, &format!("{document}/original")).await,
        [403, 200, 200, 200]
    );
    assert_eq!(
        ask(&Method::POST, &format!("{document}/cancel")).await,
        [200, 403, 200, 200]
    );
    assert_eq!(ask(&Method::DELETE, &document).await, [403, 403, 204, 404]);
    let audit = server.store.broker().audit(None, None, 1).await.unwrap();
    assert_eq!(
        (audit[0].who.as_str(), audit[0].action.as_str()),
        ("operate", "document.delete")
    );
    let open = server.client.get(server.url("/api/v1/documents")).send().await.unwrap();
    assert_eq!(open.status(), 401);
    assert_eq!(
        server.get("/metrics").await.status(),
        401,
        "figures are not for everybody"
    );
    assert_eq!(ask(&Method::GET, "/metrics").await, [403, 200, 200, 200]);
}

#[tokio::test]
async fn an_uploader_has_its_own_documents_and_no_others() {
    let server = Server::start(&[]).await;
    let (scanner, other) = (
        server.key("scanner", &[Scope::Upload]).await,
        server.key("mailbox", &[Scope::Upload]).await,
    );
    let first: Value = server.upload_with_key(pdf(), &other).await.json().await.unwrap();
    let second: Value = server.upload_with_key(pdf(), &scanner).await.json().await.unwrap();
    assert_eq!(
        second["duplicate_of"],
        Value::Null,
        "the older one is none of its business"
    );
    let third: Value = server.upload_with_key(pdf(), &other).await.json().await.unwrap();
    assert_eq!(third["duplicate_of"], first["id"]);

    let foreign = format!("/api/v1/documents/{}", id(&first));
    for path in [foreign.clone(), format!("{foreign}/events")] {
        let answer = server.with_key(Method::GET, &path, &scanner).await;
        assert_problem(answer, 404, "document_not_found").await;
    }
    for verb in ["cancel", "retry"] {
        let answer = server
            .with_key(Method::POST, &format!("{foreign}/{verb}"), &scanner)
            .await;
        assert_problem(answer, 404, "document_not_found").await;
    }
    let own = format!("/api/v1/documents/{}", id(&second));
    for (method, path, status) in [
        (Method::GET, own.clone(), 200),
        (Method::POST, format!("{own}/cancel"), 200),
        (Method::GET, format!("{own}/events"), 200),
        (Method::POST, format!("{own}/retry"), 202),
    ] {
        let answer = server.with_key(method, &path, &scanner).await;
        assert_eq!(answer.status(), status, "{path}");
    }
    let list: Value = server
        .with_key(Method::GET, "/api/v1/documents", &scanner)
        .await
        .json()
        .await
        .unwrap();
    let listed: Vec<_> = list["documents"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(listed, [id(&second)]);
}

#[tokio::test]
async fn a_reader_that_uploads_changes_only_what_it_uploaded() {
    let server = Server::start(&[]).await;
    let clerk = server.key("clerk", &[Scope::Upload, Scope::Read]).await;
    let scanner = server.key("scanner", &[Scope::Upload]).await;
    let foreign: Value = server.upload_with_key(pdf(), &scanner).await.json().await.unwrap();
    let foreign = format!("/api/v1/documents/{}", id(&foreign));
    assert_eq!(server.with_key(Method::GET, &foreign, &clerk).await.status(), 200);
    for path in [format!("{foreign}/cancel"), format!("{foreign}/retry")] {
        let answer = server.with_key(Method::POST, &path, &clerk).await;
        let why = assert_problem(answer, 403, "missing_scope").await;
        assert!(why.contains("operate"), "{why}");
    }
}

#[tokio::test]
async fn a_key_that_is_bound_to_projects_reaches_no_others() {
    let server = Server::start(&[]).await;
    let all = server.key("olga", &[Scope::Operate]).await;
    let bound = NewKey {
        projects: Some(vec!["acme".into()]),
        ..NewKey::new("acme", &[Scope::Operate])
    };
    let bound = server.add_key(&bound).await;
    let foreign: Value = server.upload_with_key(pdf(), &all).await.json().await.unwrap();
    let foreign = format!("/api/v1/documents/{}", id(&foreign));

    let own: Value = server.upload_with_key(pdf(), &bound).await.json().await.unwrap();
    assert_eq!(own["project"], "acme", "the only one that it may mean");
    let elsewhere = server.upload_with_key(pdf().text("project", "other"), &bound).await;
    let why = assert_problem(elsewhere, 403, "other_project").await;
    assert!(why.contains("acme"), "{why}");
    for (method, path) in [
        (Method::GET, foreign.clone()),
        (Method::GET, format!("{foreign}/original")),
        (Method::GET, format!("{foreign}/pages/1/thumbnail")),
        (
            Method::GET,
            format!("/documents/{}", foreign.rsplit('/').next().unwrap()),
        ),
        (Method::POST, format!("{foreign}/cancel")),
        (Method::DELETE, foreign.clone()),
    ] {
        let request = server.client.request(method, server.url(&path)).bearer_auth(&bound);
        let answer = request.header(ORIGIN, &server.base).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    let list = server.with_key(Method::GET, "/api/v1/documents", &bound).await;
    let list: Value = list.json().await.unwrap();
    let listed: Vec<_> = list["documents"].as_array().unwrap().iter().map(id).collect();
    assert_eq!(listed, [id(&own)]);
    let page = server.with_key(Method::GET, "/", &bound).await.text().await.unwrap();
    assert!(!page.contains(">default<"), "other projects are not offered: {page}");
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_the_key_that_used_it() {
    let server = Server::start(&[]).await;
    let (one, other) = (
        server.key("one", &[Scope::Upload]).await,
        server.key("other", &[Scope::Upload]).await,
    );
    let upload = async |key: &str, form| {
        let request = server.client.post(server.url("/api/v1/documents")).bearer_auth(key);
        let request = request.header("idempotency-key", "7").multipart(form);
        request.send().await.unwrap()
    };
    let first = upload(&one, pdf()).await;
    assert!(!first.headers().contains_key("idempotency-replayed"));
    let first = id(&first.json().await.unwrap());
    let replay = upload(&one, pdf()).await;
    assert_eq!(replay.headers()["idempotency-replayed"], "true");
    assert_eq!(id(&replay.json().await.unwrap()), first);
    for form in [
        file("invoice.pdf", b"%PDF-1.4\n% other bytes"),
        pdf().text("category", "letter"),
        pdf().text("project", "elsewhere"),
    ] {
        let why = assert_problem(upload(&one, form).await, 422, "idempotency_key_reused").await;
        assert!(why.contains("Idempotency-Key"), "{why}");
    }
    let others = upload(&other, file("letter.pdf", b"%PDF-1.4\n% a letter")).await;
    assert_ne!(id(&others.json().await.unwrap()), first);
    fleet_tests::wait_until("the bytes of replays and refused uploads to be removed", async || {
        server.objects() == 2
    })
    .await;
}

#[tokio::test]
async fn many_documents_are_changed_as_the_key_allows() {
    let server = Server::start(&[]).await;
    let scanner = server.key("scanner", &[Scope::Upload]).await;
    let other = server.key("mailbox", &[Scope::Upload]).await;
    let own = id(&server.upload_with_key(pdf(), &scanner).await.json().await.unwrap());
    let foreign = id(&server.upload_with_key(pdf(), &other).await.json().await.unwrap());
    let bulk = async |order: Value| {
        let request = server
            .client
            .post(server.url("/api/v1/documents/bulk"))
            .bearer_auth(&scanner);
        request.body(order.to_string()).send().await.unwrap()
    };
    let all = json!({"status": "queued"});
    let cancelled: Value = bulk(json!({"action": "cancel", "filter": all}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!((&cancelled["matched"], &cancelled["done"]), (&1.into(), &1.into()));
    let by_ids = json!({"action": "cancel", "filter": {"ids": [own, foreign]}});
    let by_ids: Value = bulk(by_ids).await.json().await.unwrap();
    assert_eq!((&by_ids["done"], &by_ids["refused"]), (&1.into(), &1.into()));
    let delete = bulk(json!({"action": "delete", "filter": all})).await;
    assert_problem(delete, 403, "missing_scope").await;
}

#[tokio::test]
async fn it_does_what_its_api_says_and_nothing_else() {
    let server = Server::start(&[]).await;
    for &scope in Scope::ALL {
        let secret = server.key(scope.as_str(), &[scope]).await;
        fleet_tests::tools::keeps_its_word(&server.base, &secret).await;
    }
}
