//! What keys are for at the gateway.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod common;

use common::{PDF, Server};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use store::{NewKey, Scope};

#[tokio::test]
async fn each_key_is_for_its_own() {
    let server = Server::start(&[]).await;
    let mut keys = Vec::new();
    for scope in Scope::ALL {
        let new = NewKey {
            name: scope.to_string(),
            scopes: vec![scope],
            expires_at: None,
        };
        keys.push(server.store.add_key(&new, "a test").await.unwrap().1);
    }
    let ask = async |method: &Method, path: &str| {
        let mut statuses = Vec::new();
        for key in &keys {
            let request = server
                .client
                .request(method.clone(), server.url(path))
                .bearer_auth(key.reveal());
            statuses.push(request.send().await.unwrap().status().as_u16());
        }
        statuses
    };
    let mut id = String::new();
    let mut statuses = Vec::new();
    for key in &keys {
        let form = Form::new().part("file", Part::bytes(PDF).file_name("a.pdf"));
        let request = server
            .client
            .post(server.url("/api/v1/documents"))
            .bearer_auth(key.reveal());
        let answer = request.multipart(form).send().await.unwrap();
        statuses.push(answer.status().as_u16());
        if answer.status() == 202 {
            id = answer.json::<serde_json::Value>().await.unwrap()["id"]
                .as_str()
                .unwrap()
                .to_owned();
        }
    }
    assert_eq!(statuses, [202, 403, 202, 202]);
    let document = format!("/api/v1/documents/{id}");
    assert_eq!(ask(&Method::GET, "/").await, [403, 200, 200, 200]);
    assert_eq!(ask(&Method::GET, &document).await, [403, 200, 200, 200]);
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
async fn it_does_what_its_api_says_and_nothing_else() {
    let server = Server::start(&[]).await;
    let new = NewKey {
        name: "everything".into(),
        scopes: vec![Scope::Admin],
        expires_at: None,
    };
    let (_, secret) = server.store.add_key(&new, "a test").await.unwrap();
    fleet_tests::tools::keeps_its_word(&server.base, secret.reveal()).await;
}
