//! One file's way: uploaded, followed until it ends, and what it holds written down. A gateway that is away for a while
//! is waited for.

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

/// Uploads at once; more would only share the same disk.
const UPLOADS: usize = 4;
/// A document is asked after at first this often, then ever less often until `SELDOM`.
const OFTEN: Duration = Duration::from_millis(100);
const SELDOM: Duration = Duration::from_secs(1);
/// How long an upload under way is waited for once no more is wanted.
const GRACE: Duration = Duration::from_secs(5);

/// What became of a file.
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
    /// What was written, without its ending.
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

/// How long something that fails may go on failing.
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

    /// Waits a little after an error that passes; gives back one that does not, or that has lasted too long.
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

/// Uploads a file; again, under the same key, where the gateway went away meanwhile.
pub async fn upload(gateway: &Gateway, file: &Path, upload: &Upload) -> Result<Document> {
    let mut patience = Patience::new();
    loop {
        if let Some(document) = patience.bear(gateway.upload(file, upload).await).await? {
            return Ok(document);
        }
    }
}

/// Asks after a document until it has ended, telling `seen` each time.
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

/// What the files of a batch share.
#[derive(Debug)]
pub struct Batch {
    gateway: Gateway,
    /// Where results are written. Without it the documents are only followed, and nobody else need wait for them.
    out: Option<PathBuf>,
    uploads: Semaphore,
    /// Cancelled when the operator wants no more of it.
    stop: CancellationToken,
}

/// One of a batch's files.
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

    /// Never fails: what goes wrong is the file's outcome.
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

    /// The document. `None`: no more is wanted, and there is none. An upload that has begun is waited for a little even then: its
    /// document may be there already, and nothing would cancel it.
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

    /// The operator wants no more: a document whose results nobody will write should not go on.
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
