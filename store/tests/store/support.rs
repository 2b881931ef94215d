//! A store with a database of its own, and functions that do the work of workers.

use broker::{Claimed, Commit, Run, Usage};
use bytes::Bytes as Chunk;
use fleet_tests::Services;
use futures_util::future::BoxFuture;
use queue_schema::document::{Category, DocumentStatus, Page, PageSource, Rect, Source, Word};
use queue_schema::payload::ReadPages;
use queue_schema::{Outcome, Queue, State};
use serde_json::json;
use settings::Settings;
use std::convert::Infallible;
use store::{Bytes, Created, DocumentView, NewDocument, Reach, Shape, Store};
use tokio_postgres::Transaction;
use uuid::Uuid;

pub struct Fleet {
    pub store: Store,
    pub settings: Settings,
    pub worker: Uuid,
}

impl Fleet {
    pub async fn new() -> Fleet {
        Fleet::with(&[]).await
    }

    pub async fn with(more: &[(&str, &str)]) -> Fleet {
        let settings = Services::shared().database().settings_with(more);
        Fleet {
            store: Store::open(&settings).await.unwrap(),
            settings,
            worker: Uuid::now_v7(),
        }
    }

    /// An upload whose bytes are stored.
    pub async fn upload(&self) -> NewDocument {
        let id = Uuid::now_v7();
        let body = futures_util::stream::iter([Ok::<_, Infallible>(Chunk::from_static(b"%PDF-1.7 a letter"))]);
        let stored = self
            .store
            .bytes()
            .put(&Bytes::original_key(id), body, 1 << 20)
            .await
            .unwrap();
        NewDocument {
            id,
            project: "letters".into(),
            file_name: "letter.pdf".into(),
            content_type: "application/pdf".into(),
            stored,
            languages: None,
            force_ocr: false,
            urgent: false,
            category: None,
            metadata: json!({}),
            idempotency_key: None,
            uploaded_by: None,
            fingerprint: String::new(),
            trace: queue_schema::TraceId::random(),
        }
    }

    pub async fn document(&self) -> Uuid {
        let new = self.upload().await;
        assert_eq!(self.store.create(&new).await.unwrap(), Created::New(new.id));
        new.id
    }

    /// A document whose pages wait to be read, `per_task` pages per task.
    pub async fn opened(&self, pages: usize, per_task: u32) -> Uuid {
        let id = self.document().await;
        self.open(id, pages, per_task).await;
        id
    }

    pub async fn open(&self, id: Uuid, pages: usize, per_task: u32) {
        let opening = self.claim(Queue::Ocr).await;
        let shape = Shape {
            width: 595.0,
            height: 842.0,
        };
        let run = run_of(&opening);
        self.complete(run, What::Opened(Box::new(opening), id, vec![shape; pages], per_task))
            .await;
    }

    pub async fn claim(&self, queue: Queue) -> Claimed {
        let claimed = self.store.broker().claim_next(self.worker, &[queue]).await.unwrap();
        claimed.unwrap_or_else(|| panic!("nothing is ready in {queue}"))
    }

    pub async fn nothing_in(&self, queue: Queue) -> bool {
        let claimed = self.store.broker().claim_next(self.worker, &[queue]).await.unwrap();
        claimed.is_none()
    }

    pub async fn complete(&self, run: Run, what: What) {
        let results = Results {
            store: self.store.clone(),
            what,
        };
        self.store
            .broker()
            .complete(run, Usage::default(), results)
            .await
            .unwrap();
    }

    /// Claims the next task of a queue and ends it as done, without results.
    pub async fn pass(&self, queue: Queue) {
        let run = run_of(&self.claim(queue).await);
        self.complete(run, What::Nothing).await;
    }

    /// Claims the next task that reads pages, and saves `text` as the text of each page.
    pub async fn read(&self, text: &str) -> ReadPages {
        self.read_most(usize::MAX, text).await
    }

    /// As [`Fleet::read`], for a run that gives way after `most` pages.
    pub async fn read_most(&self, most: usize, text: &str) -> ReadPages {
        let claimed = self.claim(Queue::Ocr).await;
        let payload: ReadPages = serde_json::from_value(claimed.payload.clone()).unwrap();
        let numbers = (payload.first..=payload.last).take(most);
        let pages = numbers.map(|number| page(number, text)).collect();
        let what = What::Pages(payload.document, pages);
        self.complete(run_of(&claimed), what).await;
        payload
    }

    pub async fn categorize(&self, name: &str) {
        let claimed = self.claim(Queue::Categorize).await;
        let document = claimed.document.unwrap();
        self.complete(run_of(&claimed), What::Category(document, category(name)))
            .await;
    }

    /// A document of one page that went through all stages.
    pub async fn finished(&self) -> Uuid {
        let id = self.opened(1, 1).await;
        self.read("Dear reader").await;
        self.categorize("letter").await;
        self.pass(Queue::Extract).await;
        self.pass(Queue::Finalize).await;
        assert_eq!(self.status(id).await, DocumentStatus::Done);
        id
    }

    /// Claims the next task of a queue and fails it permanently.
    pub async fn kill(&self, queue: Queue) -> Claimed {
        let claimed = self.claim(queue).await;
        let broker = self.store.broker();
        let state = broker
            .fail(run_of(&claimed), Outcome::Refused, None, Usage::default())
            .await
            .unwrap();
        assert_eq!(state, State::Dead);
        claimed
    }

    pub async fn view(&self, id: Uuid) -> DocumentView {
        self.store.view(id, &Reach::default()).await.unwrap()
    }

    pub async fn status(&self, id: Uuid) -> DocumentStatus {
        self.view(id).await.status
    }

    pub async fn count(&self, query: &str, id: Uuid) -> i64 {
        let client = self.store.broker().pool().get().await.unwrap();
        client.query_one(query, &[&id]).await.unwrap().get(0)
    }

    pub async fn execute(&self, statement: &str, id: Uuid) {
        let client = self.store.broker().pool().get().await.unwrap();
        client.execute(statement, &[&id]).await.unwrap();
    }
}

/// The results of the runs in these tests.
pub enum What {
    Nothing,
    Opened(Box<Claimed>, Uuid, Vec<Shape>, u32),
    Pages(Uuid, Vec<Page>),
    Category(Uuid, Category),
    Removed(Uuid),
}

pub struct Results {
    pub store: Store,
    pub what: What,
}

impl Commit for Results {
    fn commit<'a>(&'a self, tx: &'a Transaction<'_>) -> BoxFuture<'a, broker::Result<()>> {
        Box::pin(async move {
            match &self.what {
                What::Nothing => {}
                What::Opened(opening, id, shapes, per_task) => {
                    self.store.save_opened(tx, opening, *id, shapes, *per_task).await?;
                }
                What::Pages(document, pages) => self.store.save_pages(tx, *document, pages).await?,
                What::Category(id, category) => self.store.set_category(tx, *id, category).await?,
                What::Removed(id) => self.store.remove_rows(tx, *id).await?,
            }
            Ok(())
        })
    }
}

pub fn run_of(claimed: &Claimed) -> Run {
    Run {
        id: claimed.id,
        token: claimed.token,
        document: claimed.document,
    }
}

pub fn category(name: &str) -> Category {
    Category {
        name: name.into(),
        confidence: 0.9,
        source: Source::Model,
    }
}

pub fn page(number: u32, text: &str) -> Page {
    let word = |text: &str| Word {
        text: text.into(),
        rect: Rect::from([10.0, 10.0, 90.0, 22.0]),
        confidence: 0.8,
        line: 0,
    };
    Page {
        page: number,
        width: 595.0,
        height: 842.0,
        rotation: 0,
        source: PageSource::Ocr,
        confidence: 0.8,
        words: text.split(' ').map(word).collect(),
        error: None,
    }
}
