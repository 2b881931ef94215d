//! A dashboard of its own for each test, and a fleet that is made of rows.

use broker::{Broker, Claimed, Commit, NewTask, Registration, Run, Usage};
use dashboard::Dashboard;
use fleet_tests::{Home, Services};
use futures_util::future::BoxFuture;
use queue_schema::document::{DocumentError, ErrorCode};
use queue_schema::payload::RenderPage;
use queue_schema::{Outcome, Queue, Shortage};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use store::{Created, NewDocument, NewKey, Scope, Store, Stored};
use tokio::net::TcpListener;
use tokio_postgres::Transaction;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

pub struct Server {
    pub base: String,
    pub store: Store,
    pub home: Home,
    pub client: Client,
    _stop: DropGuard,
}

impl Server {
    pub async fn start() -> Server {
        Server::start_at(Services::shared().database()).await
    }

    pub async fn start_at(home: Home) -> Server {
        Server::start_with(home, &[]).await
    }

    pub async fn start_with(home: Home, more: &[(&str, &str)]) -> Server {
        let settings = home.settings_with(more);
        let store = Store::open(&settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (drain, at_once) = (CancellationToken::new(), CancellationToken::new());
        let grace = web::Grace {
            drain: drain.clone(),
            at_once: at_once.clone(),
            longest: settings.get(settings::DRAIN_SECONDS),
        };
        let proxies = web::Proxies::from_settings(&settings);
        let dashboard = Dashboard::new(store.clone(), settings, None, drain).unwrap();
        tokio::spawn(web::serve(
            listener,
            dashboard::router(Arc::new(dashboard)),
            proxies,
            grace,
        ));
        Server {
            base,
            store,
            home,
            client: Client::builder().redirect(Policy::none()).build().unwrap(),
            _stop: at_once.drop_guard(),
        }
    }

    pub fn broker(&self) -> &Broker {
        self.store.broker()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    /// The text of a page that must be there.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    pub async fn post(&self, path: &str) -> Response {
        self.client.post(self.url(path)).send().await.unwrap()
    }

    pub async fn order(&self, path: &str, body: &Value) -> Response {
        self.client
            .post(self.url(path))
            .body(body.to_string())
            .send()
            .await
            .unwrap()
    }

    /// Sends a form as a browser does.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let encode = |text: &str| {
            let bytes = text.bytes().map(|byte| format!("%{byte:02X}"));
            bytes.collect::<String>()
        };
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let request = self.client.post(self.url(path)).body(pairs.join("&"));
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", &self.base)
            .send()
            .await
            .unwrap()
    }

    pub async fn sql(&self, statement: &str) {
        let client = self.broker().pool().get().await.unwrap();
        client.batch_execute(statement).await.unwrap();
    }

    pub async fn enqueue(&self, tasks: &[NewTask]) -> Vec<Uuid> {
        let client = self.broker().pool().get().await.unwrap();
        let enqueued = self.broker().enqueue(&**client, tasks).await.unwrap();
        enqueued.iter().map(|task| task.id).collect()
    }

    /// A task that waits in `processing`.
    pub async fn waiting(&self) -> Uuid {
        self.enqueue(&[task()]).await[0]
    }

    /// A worker that is alive and serves these queues.
    pub async fn worker(&self, queues: &[Queue]) -> Uuid {
        let worker = Registration {
            id: Uuid::now_v7(),
            name: "worker-test".into(),
            host: "here".into(),
            queues: queues.to_vec(),
        };
        self.broker().register(&worker).await.unwrap();
        worker.id
    }

    pub async fn claim(&self, worker: Uuid, queue: Queue) -> Claimed {
        self.broker()
            .claim_next(worker, &[queue])
            .await
            .unwrap()
            .expect("a task to claim")
    }

    /// Ends a run with an error.
    pub async fn fail(&self, claimed: &Claimed, outcome: Outcome, message: &str) {
        let run = Run {
            id: claimed.id,
            token: claimed.token,
            document: claimed.document,
        };
        let code = match outcome {
            Outcome::OutOfMemory => ErrorCode::OutOfMemory,
            _ => ErrorCode::Internal,
        };
        let usage = Usage {
            peak_kib: 300_000,
            ..Usage::default()
        };
        let error = DocumentError::new(code, message);
        self.broker().fail(run, outcome, Some(error), usage).await.unwrap();
    }

    /// A task in `processing` that is dead.
    pub async fn dead(&self, message: &str) -> Uuid {
        self.waiting().await;
        let claimed = self.claim(Uuid::now_v7(), Queue::Processing).await;
        self.fail(&claimed, Outcome::Refused, message).await;
        claimed.id
    }

    /// A document that is queued.
    pub async fn document(&self, name: &str) -> Uuid {
        let id = Uuid::now_v7();
        let new = NewDocument {
            id,
            project: "default".into(),
            file_name: name.into(),
            content_type: "application/pdf".into(),
            stored: Stored {
                object: format!("documents/{id}/original"),
                size: 7,
                sha256: "00".into(),
            },
            languages: None,
            force_ocr: false,
            urgent: false,
            category: None,
            metadata: Value::Object(Default::default()),
            idempotency_key: None,
            uploaded_by: None,
            fingerprint: String::new(),
            trace: queue_schema::TraceId::random(),
        };
        assert_eq!(self.store.create(&new).await.unwrap(), Created::New(id));
        id
    }

    /// Makes a key, the first one an administrator's. Returns its secret.
    pub async fn key(&self, name: &str, scope: Scope) -> String {
        if scope != Scope::Admin && !self.store.is_locked().await.unwrap() {
            self.add_key(&NewKey::new("founder", &[Scope::Admin])).await;
        }
        self.add_key(&NewKey::new(name, &[scope])).await
    }

    pub async fn add_key(&self, new: &NewKey) -> String {
        self.store.add_key(new, "a test").await.unwrap().1.reveal().to_owned()
    }

    /// What the API says about why a task is not done.
    pub async fn why(&self, task: Uuid) -> Vec<(String, String)> {
        let task = self.json(&format!("/api/v1/tasks/{task}")).await;
        let text = |why: &Value, name: &str| why[name].as_str().unwrap().to_owned();
        let why = task["why"].as_array().unwrap();
        why.iter()
            .map(|why| (text(why, "reason"), text(why, "sentence")))
            .collect()
    }

    /// What was done, the latest first: action and target.
    pub async fn audit(&self) -> Vec<(String, String)> {
        let audit = self.json("/api/v1/audit").await;
        let text = |action: &Value, name: &str| action[name].as_str().unwrap().to_owned();
        let actions = audit["actions"].as_array().unwrap();
        actions.iter().map(|a| (text(a, "action"), text(a, "target"))).collect()
    }
}

/// The results of a run that made nothing.
pub struct Nothing;

impl Commit for Nothing {
    fn commit<'a>(&'a self, _: &'a Transaction<'_>) -> BoxFuture<'a, broker::Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// A task of no document.
pub fn task() -> NewTask {
    let payload = RenderPage {
        document: Uuid::nil(),
        page: 1,
        width: 100,
    };
    NewTask::new(&payload).unwrap()
}

pub async fn assert_problem(answer: Response, status: u16, code: &str) -> String {
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let got = answer.status().as_u16();
    let problem: Value = answer.json().await.unwrap();
    assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{problem}");
    problem["detail"].as_str().unwrap().to_owned()
}

/// What a worker on a full disk says.
pub fn no_room() -> Shortage {
    Shortage {
        what: "scratch files".into(),
        folder: "/scratch".into(),
        setting: "WORKER_SCRATCH_DIR".into(),
        free: 0,
        reserve: 1 << 30,
    }
}
