//! A dashboard over a seeded database.

use broker::inspect::TaskSearch;
use dashboard::Dashboard;
use fleet_tests::{Home, seed};
use queue_schema::State;
use std::error::Error;
use std::sync::Arc;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A dashboard of this process, and its pages and their API.
pub struct Operator {
    pub base: String,
    pub pages: Vec<String>,
    pub api: Vec<String>,
}

impl Operator {
    /// # Errors
    /// What the database or the socket says.
    pub async fn seeded(home: &Home, tasks: u64) -> Result<Operator, Box<dyn Error>> {
        let settings = home.settings();
        let store = Store::open(&settings).await?;
        let client = store.broker().pool().get().await?;
        seed(&client, tasks).await?;
        drop(client);
        let (pages, api) = places(&store).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let drain = CancellationToken::new();
        let grace = web::Grace {
            drain: drain.clone(),
            at_once: drain.clone(),
            longest: settings.get(settings::DRAIN_SECONDS),
        };
        let proxies = web::Proxies::from_settings(&settings);
        let dashboard = Dashboard::new(store, settings, None, drain)?;
        tokio::spawn(web::serve(
            listener,
            dashboard::router(Arc::new(dashboard)),
            proxies,
            grace,
        ));
        Ok(Operator { base, pages, api })
    }
}

/// Every page and every address of the API that is read, with a task of each state and a document among them.
async fn places(store: &Store) -> Result<(Vec<String>, Vec<String>), Box<dyn Error>> {
    let mut pages: Vec<String> = [
        "/",
        "/wall",
        "/documents",
        "/documents?q=invoice",
        "/tasks",
        "/tasks?state=done",
        "/tasks?queue=training",
        "/tasks?kind=train_categorizer&state=done",
        "/dead",
        "/dead?search=signal&queue=ocr",
        "/workers",
        "/schedules",
        "/audit",
        "/keys",
        "/sign-in",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut api: Vec<String> = [
        "/api/v1/queues",
        "/api/v1/queues/ocr",
        "/api/v1/tasks",
        "/api/v1/tasks?state=cancelled&queue=extract",
        "/api/v1/tasks?limit=500&state=ready",
        "/api/v1/workers",
        "/api/v1/schedules",
        "/api/v1/audit",
        "/metrics",
    ]
    .map(str::to_owned)
    .to_vec();
    for state in State::ALL {
        pages.push(format!("/queues/ocr?state={state}"));
        let search = TaskSearch {
            state: Some(*state),
            limit: 100,
            ..TaskSearch::default()
        };
        let page = store.broker().search_tasks(&search).await?;
        if let Some(task) = page.tasks.first() {
            pages.push(format!("/tasks/{}", task.id));
            api.push(format!("/api/v1/tasks/{}", task.id));
        }
        if let Some(document) = page.tasks.iter().find_map(|task| task.document) {
            pages.push(format!("/documents/{document}"));
            api.push(format!("/api/v1/tasks?document={document}"));
        }
        if let Some(next) = page.next {
            pages.push(format!("/tasks?state={state}&cursor={next}"));
        }
    }
    Ok((pages, api))
}
