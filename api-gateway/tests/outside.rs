//! What the gateway shows to strangers, browsers, Prometheus and readers of its API.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Server, assert_problem, pdf};
use reqwest::header::{HOST, ORIGIN};
use serde_json::Value;

#[tokio::test]
async fn only_known_hosts_are_answered() {
    let server = Server::start(&[("ALLOWED_HOSTS", "127.0.0.1,docs.example")]).await;
    let ask = async |host: &str, path: &str| {
        let request = server.client.get(server.url(path)).header(HOST, host);
        request.send().await.unwrap()
    };
    assert_eq!(ask("Docs.Example:8443", "/api/v1/documents").await.status(), 200);
    let why = assert_problem(ask("evil.example", "/api/v1/documents").await, 421, "unknown_host").await;
    assert!(why.contains("ALLOWED_HOSTS"), "{why}");
    assert_eq!(ask("10.0.0.7", "/healthz").await.status(), 200);
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let server = Server::start(&[]).await;
    let upload = async |origin: &str| {
        let request = server
            .client
            .post(server.url("/api/v1/documents"))
            .header(ORIGIN, origin);
        request.multipart(pdf()).send().await.unwrap()
    };
    assert_problem(upload("https://evil.example").await, 403, "foreign_origin").await;
    assert_problem(upload("null").await, 403, "foreign_origin").await;
    assert_eq!(upload(&server.base).await.status(), 202);
}

#[tokio::test]
async fn pages_are_shown_with_strict_headers() {
    let server = Server::start(&[]).await;
    let form = common::file("<script>alert(1)</script>.pdf", common::PDF);
    let document = common::id(&server.accepted(form).await);
    for path in [
        "/".to_owned(),
        format!("/documents/{document}"),
        format!("/documents/{document}/delete"),
    ] {
        let page = server.get(&path).await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(page.headers()["x-frame-options"], "DENY", "{path}");
        check_html(&server, &page.text().await.unwrap()).await;
    }
    for (path, words) in [("/?q=nothing", "No document matches"), ("/?limit=0", "1 to 200")] {
        let html = server.get(path).await.text().await.unwrap();
        assert!(html.contains(words), "{path}: {html}");
    }
}

/// Nothing stands inline, and nothing comes from elsewhere.
async fn check_html(server: &Server, html: &str) {
    assert!(!html.contains("<script>") && !html.contains(" style="), "{html}");
    assert!(html.contains("script&gt;.pdf"), "{html}");
    for attribute in ["src=\"", "href=\""] {
        for address in html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(address.starts_with(['/', '#']), "{address} comes from elsewhere");
            if address.starts_with("/static/") {
                assert_eq!(server.get(address).await.status(), 200, "{address}");
            }
        }
    }
}

#[tokio::test]
async fn the_openapi_document_lists_each_route() {
    let server = Server::start(&[]).await;
    let openapi: Value = server.get("/api/v1/openapi.json").await.json().await.unwrap();
    let document = "/api/v1/documents/{id}";
    let expected = [
        ("/api/v1/documents".to_owned(), vec!["get", "post"]),
        (document.to_owned(), vec!["delete", "get"]),
        (format!("{document}/cancel"), vec!["post"]),
        (format!("{document}/events"), vec!["get"]),
        (format!("{document}/hocr"), vec!["get"]),
        (format!("{document}/original"), vec!["get"]),
        (format!("{document}/pages/{{n}}"), vec!["get"]),
        (format!("{document}/pages/{{n}}/image"), vec!["get"]),
        (format!("{document}/pages/{{n}}/thumbnail"), vec!["get"]),
        (format!("{document}/result"), vec!["get"]),
        (format!("{document}/retry"), vec!["post"]),
        (format!("{document}/searchable.pdf"), vec!["get"]),
        (format!("{document}/text"), vec!["get"]),
        ("/healthz".to_owned(), vec!["get"]),
        ("/metrics".to_owned(), vec!["get"]),
        ("/readyz".to_owned(), vec!["get"]),
    ];
    let mut listed: Vec<_> = openapi["paths"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, operations)| {
            let mut methods: Vec<_> = operations.as_object().unwrap().keys().map(String::as_str).collect();
            methods.sort_unstable();
            (path.clone(), methods)
        })
        .collect();
    listed.sort();
    assert_eq!(listed, expected);
    let schemas = openapi["components"]["schemas"].as_object().unwrap();
    let references = openapi.to_string();
    for name in references
        .split("#/components/schemas/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(schemas.contains_key(name), "{name} is referred to and not described");
    }
    assert_eq!(server.get("/docs/").await.status(), 200);
}

/// What the API answers is what its description says: no more members, and no fewer.
#[tokio::test]
async fn answers_are_as_described() {
    let server = Server::start(&[]).await;
    let openapi = serde_json::to_value(api_gateway::openapi()).unwrap();
    let described = |schema: &str| {
        let properties = openapi["components"]["schemas"][schema]["properties"].as_object();
        properties.unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let document = server.accepted(pdf()).await;
    let result = format!("/api/v1/documents/{}/result", server.done().await);
    let result: Value = server.get(&result).await.json().await.unwrap();
    for (schema, value) in [
        ("Document", &document),
        ("Stage", &document["stages"][0]),
        ("Links", &document["links"]),
        ("Category", &result["category"]),
        ("Word", &result["pages"][0]["words"][0]),
        ("Field", &result["fields"][0]),
    ] {
        let mut members: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        let mut known = described(schema);
        members.sort();
        known.sort();
        assert_eq!(members, known, "{schema}");
    }
    for link in document["links"].as_object().unwrap().values() {
        assert_ne!(server.get(link.as_str().unwrap()).await.status(), 404, "{link}");
    }
}
