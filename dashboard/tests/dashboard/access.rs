//! Who may come in: keys with scopes, sessions, and what happens to who guesses.

use crate::support::{Server, assert_problem};
use reqwest::header::{ACCEPT, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use store::{NewKey, Scope};

impl Server {
    async fn with_key(&self, method: Method, path: &str, key: &str) -> Response {
        let request = self.client.request(method, self.url(path)).bearer_auth(key);
        request.send().await.unwrap()
    }

    /// Signs in as the page does. Returns the cookie.
    async fn sign_in(&self, key: &str) -> String {
        let answer = self.form("/sign-in", &[("key", key), ("next", "/tasks")]).await;
        assert_eq!(
            (answer.status(), &answer.headers()[LOCATION]),
            (StatusCode::SEE_OTHER, &"/tasks".parse().unwrap())
        );
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        assert!(
            cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"),
            "{cookie}"
        );
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn with_cookie(&self, method: Method, path: &str, cookie: &str, origin: Option<&str>) -> Response {
        let mut request = self.client.request(method, self.url(path)).header(COOKIE, cookie);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        request.send().await.unwrap()
    }
}

#[tokio::test]
async fn the_first_key_closes_the_door_for_good() {
    let server = Server::start().await;
    assert_eq!(server.get("/api/v1/queues").await.status(), StatusCode::OK);
    let key = server.key("ada", Scope::Admin).await;
    let answer = server.get("/api/v1/queues").await;
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    assert_problem(answer, 401, "no_key").await;
    assert_eq!(
        server.with_key(Method::GET, "/api/v1/queues", &key).await.status(),
        StatusCode::OK
    );
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK);
    // Revoking the only key opens nothing, and it counts at once.
    server.store.revoke_key("ada", "a test").await.unwrap();
    let answer = server.with_key(Method::GET, "/api/v1/queues", &key).await;
    assert_problem(answer, 401, "wrong_key").await;
    assert_problem(server.get("/metrics").await, 401, "no_key").await;
}

#[tokio::test]
async fn a_key_lets_in_until_it_expires() {
    let server = Server::start().await;
    let key = server.key("ada", Scope::Read).await;
    server
        .sql("UPDATE api_keys SET expires_at = now() + interval '1 hour'")
        .await;
    assert_eq!(
        server.with_key(Method::GET, "/api/v1/queues", &key).await.status(),
        StatusCode::OK
    );
    let cookie = server.sign_in(&key).await;
    let other = server.sign_in(&key).await;
    server
        .sql("UPDATE sessions SET expires_at = now() WHERE created_at = (SELECT min(created_at) FROM sessions)")
        .await;
    let answer = server.with_cookie(Method::GET, "/api/v1/queues", &cookie, None).await;
    assert_problem(answer, 401, "wrong_key").await;
    let cookie = other;
    let answer = server.with_cookie(Method::GET, "/api/v1/queues", &cookie, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    server.sql("UPDATE api_keys SET expires_at = now()").await;
    let answer = server.with_key(Method::GET, "/api/v1/queues", &key).await;
    assert_problem(answer, 401, "wrong_key").await;
    let answer = server.with_cookie(Method::GET, "/api/v1/queues", &cookie, None).await;
    assert_problem(answer, 401, "wrong_key").await;
}

#[tokio::test]
async fn scopes_are_kept() {
    let server = Server::start().await;
    let task = server.waiting().await;
    let (upload, read) = (
        server.key("scanner", Scope::Upload).await,
        server.key("clerk", Scope::Read).await,
    );
    let (operate, admin) = (
        server.key("olga", Scope::Operate).await,
        server.key("ada", Scope::Admin).await,
    );
    let task = format!("/api/v1/tasks/{task}");
    let cases = [
        (Method::GET, "/api/v1/queues", [403, 200, 200, 200]),
        (Method::GET, task.as_str(), [403, 200, 200, 200]),
        (Method::POST, "/api/v1/queues/ocr/pause", [403, 403, 200, 200]),
        (Method::POST, "/queues/ocr/resume", [403, 403, 303, 303]),
        (Method::GET, "/api/v1/keys", [403, 403, 403, 200]),
        (Method::GET, "/keys", [403, 403, 403, 200]),
    ];
    for (method, path, expected) in cases {
        for (key, status) in [&upload, &read, &operate, &admin].into_iter().zip(expected) {
            let answer = server.with_key(method.clone(), path, key).await;
            assert_eq!(answer.status().as_u16(), status, "{method} {path}");
            if status == 403 {
                let detail = assert_problem(answer, 403, "missing_scope").await;
                assert!(detail.contains("would need the scope"), "{detail}");
            }
        }
    }
    // What a task carries may be what a document says.
    let payload = async |key: &str| {
        let answer = server.with_key(Method::GET, &task, key).await;
        answer.json::<serde_json::Value>().await.unwrap()["payload"].clone()
    };
    assert!(payload(&read).await.is_null());
    assert_eq!(payload(&operate).await["page"], 1);
}

#[tokio::test]
async fn a_key_that_is_bound_to_projects_does_not_see_the_fleet() {
    let server = Server::start().await;
    server.key("ada", Scope::Admin).await;
    let new = NewKey {
        projects: Some(vec!["acme".into()]),
        ..NewKey::new("olga", &[Scope::Operate])
    };
    let key = server.add_key(&new).await;
    for path in ["/api/v1/queues", "/api/v1/tasks", "/metrics"] {
        let detail = assert_problem(server.with_key(Method::GET, path, &key).await, 403, "bound_to_projects").await;
        assert!(detail.contains("olga"), "{detail}");
    }
}

#[tokio::test]
async fn the_stream_of_a_revoked_key_ends() {
    let server = Server::start().await;
    let key = server.key("olga", Scope::Read).await;
    let kept = server.key("ada", Scope::Read).await;
    let mut stream = server.with_key(Method::GET, "/api/v1/events", &key).await;
    let mut other = server.with_key(Method::GET, "/api/v1/events", &kept).await;
    assert!(stream.chunk().await.unwrap().is_some() && other.chunk().await.unwrap().is_some());
    server.store.revoke_key("olga", "a test").await.unwrap();
    while stream.chunk().await.unwrap().is_some() {}
    assert!(
        other.chunk().await.unwrap().is_some(),
        "the streams of other keys go on"
    );
}

#[tokio::test]
async fn the_audit_names_the_key() {
    let server = Server::start().await;
    let (olga, ada) = (
        server.key("olga", Scope::Operate).await,
        server.key("ada", Scope::Admin).await,
    );
    server.with_key(Method::POST, "/api/v1/queues/ocr/pause", &olga).await;
    let order = json!({"name": "scanner", "scopes": ["upload"]});
    let request = server.client.post(server.url("/api/v1/keys")).bearer_auth(&ada);
    let made = request.body(order.to_string()).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    assert!(
        made.json::<serde_json::Value>().await.unwrap()["secret"]
            .as_str()
            .unwrap()
            .starts_with("df_")
    );
    assert_eq!(
        server
            .with_key(Method::DELETE, "/api/v1/keys/scanner", &ada)
            .await
            .status(),
        StatusCode::NO_CONTENT
    );
    assert_problem(
        server.with_key(Method::DELETE, "/api/v1/keys/scanner", &ada).await,
        404,
        "key_not_found",
    )
    .await;
    let rows = server.broker().audit(None, None, 10).await.unwrap();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.who.as_str(), row.action.as_str(), row.target.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("ada", "key.revoke", "scanner"),
            ("ada", "key.add", "scanner"),
            ("olga", "queue.pause", "ocr"),
            ("a test", "key.add", "ada"),
            ("a test", "key.add", "olga"),
            ("a test", "key.add", "founder"),
        ]
    );
}

#[tokio::test]
async fn keys_that_would_be_of_no_use_are_refused() {
    let server = Server::start().await;
    // Nobody could make a second one.
    let order = json!({"name": "scanner", "scopes": ["upload"]});
    assert_problem(server.order("/api/v1/keys", &order).await, 409, "refused").await;
    assert!(!server.store.is_locked().await.unwrap());
    for order in [
        json!({"name": " ", "scopes": ["admin"]}),
        json!({"name": "x".repeat(65), "scopes": ["admin"]}),
        json!({"name": "late", "scopes": ["admin"], "expires_at": "2020-01-01T00:00:00Z"}),
        json!({"name": "bound", "scopes": ["admin"], "projects": ["acme"]}),
        json!({"name": "nowhere", "scopes": ["admin"], "projects": []}),
        json!({"name": "crooked", "scopes": ["admin"], "projects": ["../acme"]}),
    ] {
        assert_problem(server.order("/api/v1/keys", &order).await, 409, "refused").await;
    }
    let order = json!({"name": "x", "scopes": ["everything"]});
    assert_problem(server.order("/api/v1/keys", &order).await, 400, "invalid_order").await;
    server.key("ada", Scope::Admin).await;
    let again = NewKey::new("ada", &[Scope::Read]);
    let error = server.store.add_key(&again, "a test").await.unwrap_err().to_string();
    assert!(error.contains("a key named ada already"), "{error}");
}

#[tokio::test]
async fn a_session_acts_for_the_pages_of_this_server_alone() {
    let server = Server::start().await;
    let key = server.key("olga", Scope::Operate).await;
    let cookie = server.sign_in(&key).await;
    let ask = async |method, path: &str, origin| server.with_cookie(method, path, &cookie, origin).await;
    assert_eq!(ask(Method::GET, "/", None).await.status(), StatusCode::OK);
    let pause = "/api/v1/queues/ocr/pause";
    assert_problem(ask(Method::POST, pause, None).await, 403, "no_origin").await;
    assert_problem(
        ask(Method::POST, pause, Some("https://evil.example")).await,
        403,
        "foreign_origin",
    )
    .await;
    assert!(server.broker().paused().await.unwrap().is_empty());
    assert_eq!(
        ask(Method::POST, pause, Some(&server.base)).await.status(),
        StatusCode::OK
    );
    // Signed out, the cookie is worth nothing, whoever has kept it.
    let out = ask(Method::POST, "/sign-out", Some(&server.base)).await;
    assert!(out.headers()[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_problem(ask(Method::GET, "/api/v1/queues", None).await, 401, "wrong_key").await;
}

#[tokio::test]
async fn a_browser_is_shown_the_way_in_and_back() {
    let server = Server::start().await;
    server.key("olga", Scope::Operate).await;
    let ask = async |path: &str| {
        let request = server.client.get(server.url(path)).header(ACCEPT, "text/html,*/*");
        request.send().await.unwrap()
    };
    let answer = ask("/tasks?queue=ocr").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[LOCATION], "/sign-in?next=%2Ftasks%3Fqueue%3Docr");
    let page = ask("/sign-in?next=%2Ftasks%3Fqueue%3Docr").await.text().await.unwrap();
    assert!(page.contains(r#"name="next" value="/tasks?queue=ocr""#), "{page}");
    let page = ask("/sign-in?next=https://evil.example/").await.text().await.unwrap();
    assert!(page.contains(r#"name="next" value="/""#), "{page}");
}

#[tokio::test]
async fn who_guesses_waits_and_others_do_not() {
    let server = Server::start().await;
    let (olga, ada) = (
        server.key("olga", Scope::Read).await,
        server.key("ada", Scope::Read).await,
    );
    let ask = async |key: &str| server.with_key(Method::GET, "/api/v1/queues", key).await;
    assert_eq!(ask(&olga).await.status(), StatusCode::OK);
    for _ in 0..5 {
        assert_problem(ask("df_guess").await, 401, "wrong_key").await;
    }
    // However slow this machine: each wait is twice the one before.
    let mut answer = ask("df_guess").await;
    for _ in 0..50 {
        if answer.status() == StatusCode::UNAUTHORIZED {
            answer = ask("df_guess").await;
        }
    }
    assert!(answer.headers().contains_key("retry-after"));
    let detail = assert_problem(answer, 429, "too_many_failures").await;
    assert!(detail.contains("127.0.0.1"), "{detail}");
    // Behind a proxy everybody comes from where somebody guesses.
    for key in [&olga, &ada] {
        assert_eq!(ask(key).await.status(), StatusCode::OK);
    }
}
