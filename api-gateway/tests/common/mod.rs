//! A gateway of its own for each test, before real servers.
#![allow(dead_code, reason = "each test file uses a part of it")]

use api_gateway::{Config, Gateway};
use fleet_tests::{Home, Services};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use store::{NewKey, Scope, Store};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

pub const PDF: &[u8] = b"%PDF-1.4\n% not more of a PDF than the gateway looks at\n";

pub struct Server {
    pub base: String,
    pub store: Store,
    pub home: Home,
    pub client: Client,
    pub drain: CancellationToken,
    _stop: DropGuard,
}

impl Server {
    pub async fn start(more: &[(&str, &str)]) -> Server {
        let home = Services::shared().database();
        Server::start_at(home, more).await
    }

    pub async fn start_at(home: Home, more: &[(&str, &str)]) -> Server {
        let bind = [("BIND", "127.0.0.1:0")];
        let settings = home.settings_with(&[&bind, more].concat());
        let store = Store::open(&settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (drain, at_once) = (CancellationToken::new(), CancellationToken::new());
        let config = Config::from_settings(&settings).unwrap();
        let grace = web::Grace {
            drain: drain.clone(),
            at_once: at_once.clone(),
            longest: config.drain,
        };
        let proxies = web::Proxies::from_settings(&settings);
        let gateway = Gateway::new(store.clone(), settings, config, None, drain.clone());
        let router = api_gateway::router(Arc::new(gateway));
        tokio::spawn(web::serve(listener, router, proxies, grace));
        Server {
            base,
            store,
            home,
            client: Client::new(),
            drain,
            _stop: at_once.drop_guard(),
        }
    }

    /// Makes a key, the first one an administrator's. Returns its secret.
    pub async fn key(&self, name: &str, scopes: &[Scope]) -> String {
        self.add_key(&NewKey::new(name, scopes)).await
    }

    pub async fn add_key(&self, new: &NewKey) -> String {
        if !new.scopes.contains(&Scope::Admin) && !self.store.is_locked().await.unwrap() {
            let founder = NewKey::new("founder", &[Scope::Admin]);
            self.store.add_key(&founder, "a test").await.unwrap();
        }
        self.store.add_key(new, "a test").await.unwrap().1.reveal().to_owned()
    }

    pub async fn with_key(&self, method: Method, path: &str, key: &str) -> Response {
        let request = self.client.request(method, self.url(path)).bearer_auth(key);
        request.send().await.unwrap()
    }

    pub async fn upload_with_key(&self, form: Form, key: &str) -> Response {
        let request = self.client.post(self.url("/api/v1/documents")).bearer_auth(key);
        request.multipart(form).send().await.unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    /// A request that may be carried to another task.
    pub fn get_owned(&self, path: &str) -> impl Future<Output = reqwest::Result<Response>> + Send + use<> {
        self.client.get(self.url(path)).send()
    }

    pub async fn post(&self, path: &str, body: &'static str) -> Response {
        self.client.post(self.url(path)).body(body).send().await.unwrap()
    }

    pub async fn upload(&self, form: Form) -> Response {
        let request = self.client.post(self.url("/api/v1/documents")).multipart(form);
        request.send().await.unwrap()
    }

    /// Uploads what must be accepted.
    pub async fn accepted(&self, form: Form) -> Value {
        let answer = self.upload(form).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        answer.json().await.unwrap()
    }

    /// A document that is queued.
    pub async fn queued(&self) -> String {
        id(&self.accepted(pdf()).await)
    }

    pub async fn postgres(&self) -> tokio_postgres::Client {
        let url = self.home.settings().get(settings::DATABASE_URL).unwrap().to_owned();
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Writes what workers would have, for a document of two pages.
    pub async fn done(&self) -> String {
        let id = self.queued().await;
        let client = self.postgres().await;
        let script = format!(
            r#"UPDATE tasks SET state = 'cancelled', finished_at = now() WHERE document_id = '{id}';
            UPDATE documents SET status = 'done', finished_at = now(), page_count = 2,
                   category = '{{"name":"invoice","confidence":0.5,"source":"model"}}' WHERE id = '{id}';
            INSERT INTO pages (document_id, page, width, height, rotation, source, confidence, words, text) VALUES
              ('{id}', 1, 595, 842, 0, 'ocr', 0.5, '[{{"text":"Total","box":[1,2,30,12],"confidence":0.5,"line":0}},
                                                     {{"text":"104,90","box":[40,2,70,12],"confidence":0.5,"line":0}}]', 'Total 104,90'),
              ('{id}', 2, 595, 842, 0, 'text_layer', 1, '[{{"text":"Grüße","box":[1,2,30,12],"confidence":1,"line":0}}]', 'Grüße');
            INSERT INTO annotations (document_id, position, label, value, raw, page, box, confidence, source) VALUES
              ('{id}', 1, 'total', '104.90', '104,90', 1, '{{40,2,70,12}}', 0.5, 'rule');"#
        );
        client.batch_execute(&script).await.unwrap();
        id
    }

    /// As a done document is shown that has a page which could not be read.
    pub async fn warned(&self) -> Value {
        let id = self.done().await;
        let script = format!(
            r#"UPDATE pages SET source = 'unreadable', words = '[]', text = '',
                   error = '{{"code":"timed_out","message":"it took too long","stage":"ocr","page":2}}'
               WHERE document_id = '{id}' AND page = 2"#
        );
        self.postgres().await.batch_execute(&script).await.unwrap();
        self.get(&format!("/api/v1/documents/{id}")).await.json().await.unwrap()
    }

    /// Writes what a fleet would have that has read some of a document's pages.
    pub async fn reading(&self, id: &str, read: i32, pages: i32) {
        let script = format!(
            "UPDATE documents SET status = 'processing', page_count = {pages} WHERE id = '{id}';
             UPDATE tasks SET state = 'running', started_at = now(), run_token = gen_random_uuid(),
                    worker_id = gen_random_uuid(), lease_until = now() + interval '1 hour' WHERE document_id = '{id}';"
        );
        self.postgres().await.batch_execute(&script).await.unwrap();
        self.more_pages(id, read).await;
    }

    /// Makes it a document of so many pages that have been read.
    pub async fn more_pages(&self, id: &str, pages: i32) {
        let script = format!(
            r#"INSERT INTO pages (document_id, page, width, height, rotation, source, confidence, words, text)
               SELECT '{id}', n, 595, 842, 0, 'ocr', 1,
                      format('[{{"text":"words of page %s","box":[1,2,30,12],"confidence":1,"line":0}}]', n)::jsonb, 'words'
               FROM generate_series(1, {pages}) n ON CONFLICT DO NOTHING;
               UPDATE documents SET page_count = greatest(page_count, {pages}) WHERE id = '{id}'"#
        );
        self.postgres().await.batch_execute(&script).await.unwrap();
    }

    /// Gives a page an image as a worker would have made for the documents page.
    pub async fn page_image(&self, id: &str, page: u32) {
        self.artefact(
            id,
            &format!("page-{page}-1600.png"),
            "image/png",
            include_bytes!("page.png"),
        )
        .await;
    }

    /// Gives a document a file that a worker would have made.
    pub async fn artefact(&self, id: &str, name: &str, content_type: &str, bytes: &[u8]) {
        let object = format!("documents/{id}/run/{name}");
        self.store.bytes().put_small(&object, bytes.to_vec()).await.unwrap();
        let script = format!(
            "INSERT INTO artefacts (document_id, name, object, content_type, size_bytes)
             VALUES ('{id}', '{name}', '{object}', '{content_type}', {})",
            bytes.len()
        );
        self.postgres().await.batch_execute(&script).await.unwrap();
    }

    pub fn objects(&self) -> usize {
        objects(&self.home)
    }
}

/// How many files the storage holds, of uploads under way too.
pub fn objects(home: &Home) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return 0;
        };
        entries
            .flatten()
            .map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 })
            .sum()
    }
    count(home.storage())
}

pub fn file(name: &'static str, bytes: &'static [u8]) -> Form {
    Form::new().part("file", Part::bytes(bytes).file_name(name))
}

pub fn pdf() -> Form {
    file("invoice.pdf", PDF)
}

pub fn id(document: &Value) -> String {
    document["id"].as_str().unwrap().to_owned()
}

/// An error has the right status, code and shape. Returns its detail.
pub async fn assert_problem(answer: Response, status: u16, code: &str) -> String {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let got = answer.status().as_u16();
    let problem: Value = answer.json().await.unwrap();
    assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{problem}");
    assert_eq!(problem["status"], status);
    assert!(
        problem["title"].as_str().is_some_and(|title| !title.is_empty()),
        "{problem}"
    );
    problem["detail"].as_str().unwrap().to_owned()
}
