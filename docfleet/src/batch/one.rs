//! Processes one file: uploads it, polls its document until that ends, and writes the results. Waits for a gateway that is
//! unavailable for a while.

use super::progress::Progress;
use crate::client::{Document, Error, Fields, Gateway, Result, Upload};
use queue_schema::document::{DocumentStatus, ErrorCode};
use queue_schema::summary::{FieldValue, Row};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Uploads at once. More would not be faster, because all read from the same disk.
const UPLOADS: usize = 4;
/// First interval between two polls of a document. It grows up to `SELDOM`.
const OFTEN: Duration = Duration::from_millis(100);
const SELDOM: Duration = Duration::from_secs(1);
/// How long to wait for an upload in progress once the operator has interrupted the batch.
const GRACE: Duration = Duration::from_secs(5);

/// The outcome of a file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outcome {
    pub file: String,
    pub document: Option<Uuid>,
    /// `done`, `failed` or `cancelled`.
    pub status: String,
    pub category: Option<String>,
    pub pages: Option<u32>,
    pub error_code: Option<String>,
    pub message: Option<String>,
    pub seconds: f64,
    pub fields: Vec<FieldValue>,
    /// Path of the written files, without their extension.
    pub written: Option<PathBuf>,
}

impl Outcome {
    pub fn new(file: impl Into<String>) -> Outcome {
        Outcome {
            file: file.into(),
            ..Outcome::default()
        }
    }

    pub fn is_done(&self) -> bool {
        self.status == DocumentStatus::Done.as_str()
    }

    pub fn row(&self) -> Row {
        Row {
            file: self.file.clone(),
            status: self.status.clone(),
            category: self.category.clone(),
            pages: self.pages,
            error_code: self.error_code.clone(),
            message: self.message.clone(),
            seconds: self.seconds,
            fields: self.fields.clone(),
        }
    }

    fn failed(&mut self, code: &str, message: String) {
        self.status = DocumentStatus::Failed.as_str().to_owned();
        self.error_code = Some(code.to_owned());
        self.message = Some(message);
    }
}

/// How long to keep retrying after transient errors.
#[derive(Debug)]
pub struct Patience {
    since: Option<Instant>,
}

impl Patience {
    /// Longer than a fleet takes to start again.
    const LIMIT: Duration = Duration::from_secs(120);
    const BEAT: Duration = Duration::from_millis(500);

    pub fn new() -> Patience {
        Patience { since: None }
    }

    /// Pauses after a transient error. Returns the error if it is permanent, or if errors have lasted too long.
    pub async fn bear<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => {
                self.since = None;
                Ok(Some(value))
            }
            Err(error) if error.is_transient() => {
                if self.since.get_or_insert_with(Instant::now).elapsed() > Self::LIMIT {
                    return Err(error);
                }
                tokio::time::sleep(Self::BEAT).await;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Uploads a file. If the gateway fails meanwhile, retries with the same idempotency key.
pub async fn upload(gateway: &Gateway, file: &Path, upload: &Upload) -> Result<Document> {
    let mut patience = Patience::new();
    loop {
        if let Some(document) = patience.bear(gateway.upload(file, upload).await).await? {
            return Ok(document);
        }
    }
}

/// Polls a document until it has ended, and passes each answer to `seen`.
pub async fn follow(gateway: &Gateway, id: Uuid, mut seen: impl FnMut(&Document)) -> Result<Document> {
    let (mut wait, mut patience) = (OFTEN, Patience::new());
    loop {
        if let Some(document) = patience.bear(gateway.document(id).await).await? {
            seen(&document);
            if document.status.is_terminal() {
                return Ok(document);
            }
        }
        tokio::time::sleep(wait).await;
        wait = wait.mul_f32(1.5).min(SELDOM);
    }
}

/// What all files of a batch share.
#[derive(Debug)]
pub struct Batch {
    gateway: Gateway,
    /// Where to write results. `None`: documents are only followed, so they continue if the operator interrupts.
    out: Option<PathBuf>,
    uploads: Semaphore,
    /// Cancelled when the operator interrupts the batch.
    stop: CancellationToken,
}

/// One file of a batch.
#[derive(Debug)]
pub struct Job<'a> {
    pub n: usize,
    pub file: &'a Path,
    pub stem: String,
    pub upload: Upload,
}

impl Batch {
    pub fn new(gateway: Gateway, out: Option<PathBuf>, stop: CancellationToken) -> Batch {
        Batch {
            gateway,
            out,
            uploads: Semaphore::new(UPLOADS),
            stop,
        }
    }

    /// Never fails: an error becomes the file's outcome.
    pub async fn one(&self, job: &Job<'_>, progress: &Progress) -> Outcome {
        let mut outcome = Outcome::new(job.file.to_string_lossy());
        let started = Instant::now();
        let went = match self.upload(job).await {
            Some(Ok(id)) => {
                outcome.document = Some(id);
                self.stop
                    .run_until_cancelled(self.way(&mut outcome, id, job, progress))
                    .await
            }
            Some(Err(error)) => Some(Err(error)),
            None => None,
        };
        match went {
            Some(Ok(())) => {}
            Some(Err(error)) => outcome.failed(error.code(), error.to_string()),
            None => self.give_up(&mut outcome).await,
        }
        outcome.seconds = started.elapsed().as_secs_f64();
        outcome
    }

    /// Uploads the file and returns its document. `None`: the batch was interrupted and no document is known. An upload that
    /// has begun is still waited for briefly: its document may exist already, and otherwise it could not be cancelled.
    async fn upload(&self, job: &Job<'_>) -> Option<Result<Uuid>> {
        let _one_of_few = self.stop.run_until_cancelled(self.uploads.acquire()).await?;
        let mut uploading = pin!(upload(&self.gateway, job.file, &job.upload));
        let uploaded = match self.stop.run_until_cancelled(uploading.as_mut()).await {
            Some(uploaded) => uploaded,
            None => timeout(GRACE, uploading).await.ok()?,
        };
        Some(uploaded.map(|document| document.id))
    }

    async fn way(&self, outcome: &mut Outcome, id: Uuid, job: &Job<'_>, progress: &Progress) -> Result<()> {
        let document = follow(&self.gateway, id, |document| {
            progress.seen(job.n, document.page_count, document.pages_read);
        })
        .await?;
        outcome.pages = document.page_count;
        outcome.category = document.category.map(|category| category.name);
        outcome.status = document.status.to_string();
        if let Some(error) = document.error {
            outcome.error_code = Some(error.code.to_string());
            outcome.message = Some(error.message);
        }
        match &self.out {
            Some(out) if document.status == DocumentStatus::Done => self.write(outcome, id, out, &job.stem).await,
            _ => Ok(()),
        }
    }

    async fn write(&self, outcome: &mut Outcome, id: Uuid, out: &Path, stem: &str) -> Result<()> {
        let with = |ending: &str| out.join(format!("{stem}.{ending}"));
        for (what, ending) in [("searchable.pdf", "pdf"), ("text", "txt"), ("result", "json")] {
            let mut patience = Patience::new();
            while patience
                .bear(self.gateway.download(id, what, &with(ending)).await)
                .await?
                .is_none()
            {}
        }
        outcome.fields = fields_of(&with("json"))?;
        outcome.written = Some(out.join(stem));
        Ok(())
    }

    /// After an interruption: cancels the document if its results would have been written here.
    async fn give_up(&self, outcome: &mut Outcome) {
        if let (Some(_), None) = (outcome.document, &self.out) {
            outcome.status = DocumentStatus::Processing.to_string();
            outcome.error_code = Some("interrupted".into());
            outcome.message = Some("no longer waited for; it goes on".into());
            return;
        }
        let cancelled = match outcome.document {
            Some(id) => self.gateway.cancel(id).await.map(|_| ()),
            None => Ok(()),
        };
        outcome.status = DocumentStatus::Cancelled.to_string();
        outcome.error_code = Some(ErrorCode::Cancelled.to_string());
        outcome.message = Some(match cancelled {
            Ok(()) => "interrupted before it was done".into(),
            Err(error) => format!("interrupted before it was done, and it goes on in the fleet: {error}"),
        });
    }
}

fn fields_of(result: &Path) -> Result<Vec<FieldValue>> {
    let failed = |source| Error::File {
        path: result.to_owned(),
        source,
    };
    let file = std::fs::File::open(result).map_err(failed)?;
    let fields: Fields = serde_json::from_reader(std::io::BufReader::new(file)).map_err(|e| failed(e.into()))?;
    let fields = fields.fields.into_iter();
    Ok(fields
        .map(|field| FieldValue {
            label: field.label,
            value: field.value,
        })
        .collect())
}
