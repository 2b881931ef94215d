//! What the gateway shows to strangers, browsers, Prometheus and readers of its API.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{Server, assert_problem, pdf};
use reqwest::Method;
use reqwest::header::{HOST, ORIGIN};
use serde_json::Value;
use store::Scope;

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
        ("/api/v1/documents/bulk".to_owned(), vec!["post"]),
        ("/api/v1/documents/download".to_owned(), vec!["get"]),
        (document.to_owned(), vec!["delete", "get", "patch"]),
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
    let warned = server.warned().await;
    for (schema, value) in [
        ("Document", &document),
        ("Stage", &document["stages"][0]),
        ("Links", &document["links"]),
        ("Category", &result["category"]),
        ("Word", &result["pages"][0]["words"][0]),
        ("Field", &result["fields"][0]),
        ("Warning", &warned["warnings"][0]),
    ] {
        let mut members: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        let mut known = described(schema);
        members.sort();
        known.sort();
        assert_eq!(members, known, "{schema}");
    }
    for link in document["links"].as_object().unwrap().values() {
        let path = link.as_str().unwrap().replace("{page}", "1");
        assert_ne!(server.get(&path).await.status(), 404, "{link}");
    }
}

/// Clients that are made of the description would send null as a word, and could not name what they call.
#[tokio::test]
async fn the_openapi_document_is_fit_to_make_clients_of() {
    let openapi = serde_json::to_value(api_gateway::openapi()).unwrap();
    let mut names = Vec::new();
    for (path, operations) in openapi["paths"].as_object().unwrap() {
        for operation in operations.as_object().unwrap().values() {
            names.push(operation["operationId"].as_str().unwrap().to_owned());
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let kind = &parameter["schema"]["type"];
                assert!(kind.is_string(), "{path}: {parameter}");
                if parameter["name"] == "id" {
                    assert_eq!(parameter["schema"]["format"], "uuid", "{path}");
                }
            }
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let content = answer["content"].as_object();
                let described = content.is_some_and(|all| all.values().all(|one| !one["schema"].is_null()));
                assert!(described || status == "204" || content.is_none(), "{path}: {status}");
            }
        }
    }
    let form = openapi["components"]["schemas"]["UploadForm"]["properties"]
        .as_object()
        .unwrap();
    assert!(form.values().all(|field| field["type"].is_string()), "{form:?}");
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "an operation's name is its own");
    assert!(names.iter().all(|name| name.contains('_')), "{names:?}");
}

#[tokio::test]
async fn parameters_that_are_not_known_or_given_twice_are_refused() {
    let server = Server::start(&[]).await;
    let id = server.queued().await;
    for (path, code, said) in [
        (
            "/api/v1/documents?categroy=invoice".to_owned(),
            "unknown_parameter",
            "known are project",
        ),
        (
            "/api/v1/documents?metadata=1".to_owned(),
            "unknown_parameter",
            "metadata",
        ),
        (
            "/api/v1/documents?limit=1&limit=2".to_owned(),
            "repeated_parameter",
            "limit",
        ),
        (
            format!("/api/v1/documents/{id}?verbose=1"),
            "unknown_parameter",
            "none is taken here",
        ),
        (
            "/api/v1/documents?created_after=soon".to_owned(),
            "invalid_field",
            "2026-11-01",
        ),
        ("/api/v1/documents?sort=size".to_owned(), "invalid_field", "-created_at"),
    ] {
        let why = assert_problem(server.get(&path).await, 400, code).await;
        assert!(why.contains(said), "{path}: {why}");
    }
    assert_eq!(
        server.get("/?utm_source=mail").await.status(),
        200,
        "pages take what links carry"
    );
}

#[tokio::test]
async fn json_that_has_not_changed_is_not_sent_again() {
    let server = Server::start(&[]).await;
    let id = server.queued().await;
    let path = format!("/api/v1/documents/{id}");
    let first = server.get(&path).await;
    let tag = first.headers()["etag"].clone();
    let ask = async || {
        let request = server.client.get(server.url(&path)).header("if-none-match", &tag);
        request.send().await.unwrap()
    };
    let second = ask().await;
    assert_eq!((second.status().as_u16(), &second.headers()["etag"]), (304, &tag));
    assert_eq!(second.headers()["cache-control"], "private, no-cache");
    assert!(second.bytes().await.unwrap().is_empty());
    server.post(&format!("{path}/cancel"), "").await;
    assert_eq!(ask().await.status(), 200);
}

#[tokio::test]
async fn texts_are_compressed_for_clients_that_take_it() {
    let server = Server::start(&[]).await;
    for _ in 0..3 {
        server.queued().await;
    }
    let ask = async |path: &str| {
        let request = server.client.get(server.url(path)).header("accept-encoding", "gzip");
        request.send().await.unwrap()
    };
    let list = ask("/api/v1/documents").await;
    assert_eq!(list.headers()["content-encoding"], "gzip");
    assert_eq!(list.bytes().await.unwrap()[..2], [0x1f, 0x8b]);
    assert!(
        !server
            .get("/api/v1/documents")
            .await
            .headers()
            .contains_key("content-encoding")
    );
    let id = server.queued().await;
    let original = ask(&format!("/api/v1/documents/{id}/original")).await;
    assert!(!original.headers().contains_key("content-encoding"));
    let events = ask(&format!("/api/v1/documents/{id}/events")).await;
    assert!(!events.headers().contains_key("content-encoding"));
}

#[tokio::test]
async fn pages_of_named_sites_use_the_api_with_a_key() {
    let server = Server::start(&[("CORS_ALLOWED_ORIGINS", "https://app.example")]).await;
    let key = server.key("app", &[Scope::Upload, Scope::Read]).await;
    let asked = async |origin: &str| {
        let url = server.url("/api/v1/documents");
        let request = server.client.request(Method::OPTIONS, url).header(ORIGIN, origin);
        let request = request.header("access-control-request-method", "POST");
        let answer = request.send().await.unwrap();
        let allowed = answer.headers().get("access-control-allow-origin");
        allowed.map(|origin| origin.to_str().unwrap().to_owned())
    };
    assert_eq!(
        asked("https://app.example").await.as_deref(),
        Some("https://app.example")
    );
    assert_eq!(asked("https://evil.example").await, None);
    let upload = async |origin: &str, key: Option<&str>| {
        let request = server
            .client
            .post(server.url("/api/v1/documents"))
            .header(ORIGIN, origin);
        let request = match key {
            Some(key) => request.bearer_auth(key),
            None => request,
        };
        request.multipart(pdf()).send().await.unwrap()
    };
    let answer = upload("https://app.example", Some(&key)).await;
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example");
    assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    assert_eq!(answer.status(), 202);
    assert_problem(upload("https://app.example", None).await, 403, "foreign_origin").await;
    assert_problem(upload("https://evil.example", Some(&key)).await, 403, "foreign_origin").await;
}
