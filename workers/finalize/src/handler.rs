//! The worker's jobs: all deliverables of a document, and the searchable PDF alone.

use crate::{Options, finalize, searchable_pdf_reporting};
use kit::{Access, Failure, Job, RunHandle, Task, Tools};
use pages::{Limits, PROGRAMS};
use queue_schema::payload::{FinalizeDocument, MakeSearchablePdf};
use serde::{Deserialize, Serialize};
use settings::Settings;
use std::path::PathBuf;
use store::inputs::{Original, ReadingFile};
use store::{NewArtefact, Store};
use tokio_postgres::Transaction;
use uuid::Uuid;

/// The limits on files that are opened and pages that are rendered.
pub struct Bounds(Limits);

impl Tools for Bounds {
    fn warm(settings: &Settings) -> Result<Self, String> {
        Ok(Bounds(Limits::in_force(settings)))
    }

    /// The programs that open damaged files.
    fn needs(_: &Settings) -> Access {
        Access {
            programs: PROGRAMS.map(PathBuf::from).to_vec(),
            ..Access::default()
        }
    }
}

/// The uploaded file, and what was read of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Input {
    original: Original,
    reading: ReadingFile,
}

/// Files that a child process wrote in the run's folder.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Files(Vec<Made>);

#[derive(Debug, Serialize, Deserialize)]
struct Made {
    name: String,
    content_type: String,
    /// Relative to the run's folder.
    file: PathBuf,
}

impl Files {
    fn add(&mut self, name: impl Into<String>, content_type: &str, file: PathBuf) {
        self.0.push(Made {
            name: name.into(),
            content_type: content_type.to_owned(),
            file,
        });
    }

    async fn store<P: Sync>(
        &self,
        store: &Store,
        document: Uuid,
        task: &Task<'_, P>,
    ) -> Result<Vec<NewArtefact>, Failure> {
        let mut artefacts = Vec::new();
        for made in &self.0 {
            let file = task.file(&made.file)?;
            let stored = store
                .upload(document, task.claimed.token, &made.name, &made.content_type, &file)
                .await;
            artefacts.push(stored.map_err(Failure::transient)?);
        }
        Ok(artefacts)
    }
}

const PDF: &str = "application/pdf";

async fn bring<P: Sync>(store: &Store, document: Uuid, task: &Task<'_, P>) -> Result<Input, Failure> {
    let original = store.bring_original(document, task.scratch).await;
    let reading = store.bring_reading(document, task.scratch).await;
    Ok(Input {
        original: original.map_err(Failure::transient)?,
        reading: reading.map_err(Failure::transient)?,
    })
}

pub struct Finalize;

impl Job for Finalize {
    type Payload = FinalizeDocument;
    type Input = Input;
    type Output = Files;
    type Published = Vec<NewArtefact>;
    type Tools = Bounds;
    type Context = Store;

    async fn prepare(store: &Store, task: &Task<'_, FinalizeDocument>) -> Result<Input, Failure> {
        bring(store, task.payload.document, task).await
    }

    fn run(bounds: &mut Bounds, task: FinalizeDocument, input: Input, run: &mut RunHandle) -> Result<Files, Failure> {
        let reading = input.reading.load(run.scratch()).map_err(Failure::transient)?;
        let options = Options {
            searchable_pdf: task.searchable_pdf,
            limits: bounds.0,
            file_name: task.document.to_string(),
            ..Options::default()
        };
        let (original, out) = (input.original.path(run.scratch()), run.scratch().join("out"));
        let made = finalize(&original, &reading, &out, &options, |done, total| {
            run.progress(done, total)
        })?;
        let mut files = Files::default();
        files.add("text.txt", "text/plain; charset=utf-8", run.name(&made.text));
        files.add(
            "document.hocr",
            "text/vnd.hocr+html; charset=utf-8",
            run.name(&made.hocr),
        );
        files.add("result.json", "application/json", run.name(&made.result));
        if let Some(path) = made.searchable_pdf {
            files.add("searchable.pdf", PDF, run.name(&path));
        }
        for (page, thumbnail) in (1..).zip(made.thumbnails) {
            if let Some(path) = thumbnail {
                files.add(format!("thumbnail-{page}.jpg"), "image/jpeg", run.name(&path));
            }
        }
        Ok(files)
    }

    async fn publish(
        store: &Store,
        task: &Task<'_, FinalizeDocument>,
        files: Files,
    ) -> Result<Vec<NewArtefact>, Failure> {
        files.store(store, task.payload.document, task).await
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, FinalizeDocument>,
        artefacts: &Vec<NewArtefact>,
    ) -> broker::Result<()> {
        Ok(store.save_artefacts(tx, task.payload.document, artefacts).await?)
    }
}

pub struct MakeSearchable;

impl Job for MakeSearchable {
    type Payload = MakeSearchablePdf;
    type Input = Input;
    type Output = Files;
    type Published = Vec<NewArtefact>;
    type Tools = Bounds;
    type Context = Store;

    async fn prepare(store: &Store, task: &Task<'_, MakeSearchablePdf>) -> Result<Input, Failure> {
        bring(store, task.payload.document, task).await
    }

    fn run(bounds: &mut Bounds, _: MakeSearchablePdf, input: Input, run: &mut RunHandle) -> Result<Files, Failure> {
        let reading = input.reading.load(run.scratch()).map_err(Failure::transient)?;
        let path = run.scratch().join("searchable.pdf");
        let total = reading.pages.len() as u32;
        let original = input.original.path(run.scratch());
        searchable_pdf_reporting(&original, &reading, &path, &bounds.0, |done| run.progress(done, total))?;
        let mut files = Files::default();
        files.add("searchable.pdf", PDF, run.name(&path));
        Ok(files)
    }

    async fn publish(
        store: &Store,
        task: &Task<'_, MakeSearchablePdf>,
        files: Files,
    ) -> Result<Vec<NewArtefact>, Failure> {
        files.store(store, task.payload.document, task).await
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, MakeSearchablePdf>,
        artefacts: &Vec<NewArtefact>,
    ) -> broker::Result<()> {
        Ok(store.save_artefacts(tx, task.payload.document, artefacts).await?)
    }
}
