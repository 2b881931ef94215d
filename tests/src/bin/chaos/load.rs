//! Submits work for as long as wanted, no faster than it is done. Work counts as accepted once an answer said so. When an
//! answer is lost, the request is repeated with the same key.

use crate::catalogue::{Catalogue, Document};
use crate::fleet::Fleet;
use crate::ledger::{Expected, Ledger, Obligation, Work, Wrong};
use anyhow::Result;
use broker::{Broker, NewTask};
use fleet_tests::trial::{Step, Trial};
use models::rng::SplitMix64;
use queue_schema::Queue;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::error::SqlState;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Most accepted work in progress. Fewer than there are slots, so that a task that resumes late was not just waiting for a
/// slot.
const DOCUMENTS: usize = 5;
const TASKS: usize = 6;
/// Interval between two checks for room, and between two attempts.
const PAUSE: Duration = Duration::from_millis(100);
const ANSWER: Duration = Duration::from_secs(20);
/// Fraction of the answered uploads that are sent again.
const AGAIN: f64 = 0.1;
/// A test task survives as many crashes as chaos may cause.
const CRASHES: u32 = 7;

#[derive(Clone)]
pub struct Load {
    pub fleet: Arc<Fleet>,
    pub broker: Broker,
    pub ledger: Arc<Ledger>,
    pub seed: u64,
    /// Cancelled once no more work is wanted.
    pub enough: CancellationToken,
    /// Cancelled once no request will be answered any more.
    pub over: CancellationToken,
}

impl Load {
    /// Waits until less than `most` is in progress. `false`: no more work is wanted.
    async fn room(&self, work: Work, most: usize) -> bool {
        while !self.enough.is_cancelled() {
            if self.ledger.live(work) < most {
                return true;
            }
            tokio::time::sleep(PAUSE).await;
        }
        false
    }

    pub async fn documents(self) -> Result<()> {
        let catalogue = Catalogue::open()?;
        let mut dice = SplitMix64::new(self.seed ^ 0xd0c);
        let http = reqwest::Client::builder().timeout(ANSWER).build()?;
        let mut number = 0;
        while self.room(Work::Document, DOCUMENTS).await {
            number += 1;
            let key = format!("chaos-{}-{number}", self.seed);
            let document = catalogue.pick(&mut dice);
            let urgent = dice.chance(0.1);
            let again = dice.chance(AGAIN);
            self.upload(&http, document, &key, urgent, again).await?;
        }
        Ok(())
    }

    /// Uploads a document, and repeats until the outcome is certain.
    pub async fn upload(
        &self,
        http: &reqwest::Client,
        document: &Document,
        key: &str,
        urgent: bool,
        again: bool,
    ) -> Result<()> {
        let Some(id) = self.answer(http, document, key, urgent).await? else {
            return Ok(());
        };
        self.ledger.accept(Obligation {
            id,
            work: Work::Document,
            name: document.name.clone(),
            expected: document.expected,
        });
        if again
            && let Some(second) = self.answer(http, document, key, urgent).await?
            && second != id
        {
            let story = format!("{} with the key {key} is {id} and {second}", document.name);
            self.ledger.find(Wrong::Doubled, story);
        }
        Ok(())
    }

    async fn answer(
        &self,
        http: &reqwest::Client,
        document: &Document,
        key: &str,
        urgent: bool,
    ) -> Result<Option<Uuid>> {
        loop {
            if self.over.is_cancelled() {
                let story = format!("{} was never answered (key {key})", document.name);
                self.ledger.find(Wrong::Stuck, story);
                return Ok(None);
            }
            match self.send(http, document, key, urgent).await {
                Ok((status, body)) if status.is_success() => {
                    let answer: serde_json::Value = serde_json::from_str(&body)?;
                    return Ok(Some(serde_json::from_value(answer["id"].clone())?));
                }
                Ok((status, body)) if status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT => {
                    match document.expected {
                        Expected::Done => {
                            let story = format!("{} was refused: {status} {body}", document.name);
                            self.ledger.find(Wrong::Unexpected, story);
                        }
                        _ => self.ledger.refuse(),
                    }
                    return Ok(None);
                }
                // 5xx, a broken connection, or nothing listening.
                _ => {}
            }
            self.ledger.repeat();
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn send(
        &self,
        http: &reqwest::Client,
        document: &Document,
        key: &str,
        urgent: bool,
    ) -> Result<(StatusCode, String)> {
        let gateway = self
            .fleet
            .gateway()
            .ok_or_else(|| anyhow::anyhow!("there is no gateway now"))?;
        let file = Part::bytes(document.bytes.clone()).file_name(document.name.clone());
        let priority = if urgent { "high" } else { "normal" };
        let request = http
            .post(format!("{gateway}/api/v1/documents"))
            .header("Idempotency-Key", key)
            .multipart(Form::new().text("priority", priority).part("file", file));
        let response = request.send().await?;
        Ok((response.status(), response.text().await?))
    }

    /// Submits test tasks: short and long ones, some that leave a process behind, some that fail once, some that crash on every
    /// run.
    pub async fn tasks(self) -> Result<()> {
        let mut dice = SplitMix64::new(self.seed ^ 0x7a5c);
        let mut number = 0;
        while self.room(Work::Task, TASKS).await {
            number += 1;
            let (name, steps, expected) = self.trial(number, &mut dice);
            let task = NewTask::new(&Trial::of(steps))?.on_queue(Queue::Evaluation);
            let task = match expected {
                Expected::Done => task.may_crash(CRASHES),
                _ => task,
            };
            let id = task.id();
            if self.enqueue(task).await? {
                let work = Work::Task;
                self.ledger.accept(Obligation {
                    id,
                    work,
                    name,
                    expected,
                });
            }
        }
        Ok(())
    }

    fn trial(&self, number: u32, dice: &mut SplitMix64) -> (String, Vec<Step>, Expected) {
        let mut sleep = |least: u64, most: usize| Step::Sleep {
            ms: least + dice.below(most) as u64,
        };
        let (short, long) = (sleep(5, 300), sleep(1000, 4000));
        let (name, steps) = match dice.below(20) {
            0 => ("crashing task", vec![short, Step::Abort]),
            1..=3 => {
                let file = self.fleet.sign(&number.to_string());
                ("task that fails once", vec![short, Step::FailOnce(file)])
            }
            4..=6 => {
                let (file, own_session) = (self.fleet.sign("orphans"), dice.chance(0.5));
                (
                    "task that starts a process",
                    vec![Step::Orphan { file, own_session }, long],
                )
            }
            7..=14 => ("long task", vec![long]),
            _ => ("short task", vec![short]),
        };
        let expected = match steps.last() {
            Some(Step::Abort) => Expected::Failed("crashed"),
            _ => Expected::Done,
        };
        (name.into(), steps, expected)
    }

    /// Enqueues a task. `false`: it never became certain whether it was enqueued.
    async fn enqueue(&self, task: NewTask) -> Result<bool> {
        let tasks = [task];
        while !self.over.is_cancelled() {
            match self.put(&tasks).await {
                Ok(()) => return Ok(true),
                // An earlier attempt was committed although its answer was lost.
                Err(broker::Error::Postgres(error)) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                    return Ok(true);
                }
                Err(error) if error.is_transient() => {
                    self.ledger.repeat();
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let story = format!("task {} could not be enqueued to the end", tasks[0].id());
        self.ledger.find(Wrong::Stuck, story);
        Ok(false)
    }

    async fn put(&self, tasks: &[NewTask]) -> broker::Result<()> {
        let mut client = self.broker.pool().get().await?;
        let tx = client.transaction().await?;
        let enqueued = self.broker.enqueue(&*tx, tasks).await?;
        tx.commit().await?;
        self.broker.wake().push_or_leave(&enqueued).await;
        Ok(())
    }
}
