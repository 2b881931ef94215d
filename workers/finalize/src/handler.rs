//! The worker's jobs: the deliverables of a document, its searchable PDF alone, and its removal.

use crate::{Options, finalize, searchable_pdf_reporting};
use broker::NewTask;
use kit::{Access, Desk, Failure, Job, Task, Tools};
use pages::{Limits, PROGRAMS};
use queue_schema::payload::{DeleteDocument, FinalizeDocument, MakeSearchablePdf, SweepStorage};
use serde::{Deserialize, Serialize};
use settings::Settings;
use std::path::{Path, PathBuf};
use store::{NewArtefact, Store, inputs};
use tokio_postgres::Transaction;
use uuid::Uuid;

/// The bounds on what is opened and rendered.
pub struct Bounds(Limits);

impl Tools for Bounds {
    fn warm(settings: &Settings) -> Result<Self, String> {
        Ok(Bounds(Limits::in_force(settings)))
    }

    /// What opens damaged files.
    fn needs(_: &Settings) -> Access {
        Access {
            programs: PROGRAMS.map(PathBuf::from).to_vec(),
            ..Access::default()
        }
    }
}

/// Files that a child left in its folder; once published, where they are stored.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Files {
    made: Vec<Made>,
    stored: Vec<NewArtefact>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Made {
    name: String,
    content_type: String,
    /// In the run's folder.
    file: PathBuf,
}

impl Files {
    fn add(&mut self, name: impl Into<String>, content_type: &str, file: PathBuf) {
        self.made.push(Made {
            name: name.into(),
            content_type: content_type.to_owned(),
            file,
        });
    }

    async fn store<P: Sync>(&mut self, store: &Store, document: Uuid, task: &Task<'_, P>) -> Result<(), Failure> {
        for made in &self.made {
            let file = task.file(&made.file)?;
            let stored = store
                .upload(document, task.claimed.token, &made.name, &made.content_type, &file)
                .await;
            self.stored.push(stored.map_err(Failure::passing)?);
        }
        Ok(())
    }
}

const PDF: &str = "application/pdf";

async fn bring_all(store: &Store, document: Uuid, scratch: &Path) -> Result<(), Failure> {
    store
        .bring_original(document, scratch)
        .await
        .map_err(Failure::passing)?;
    store.bring_reading(document, scratch).await.map_err(Failure::passing)
}

pub struct Finalize;

impl Job for Finalize {
    type Payload = FinalizeDocument;
    type Output = Files;
    type Tools = Bounds;
    type Home = Store;

    async fn prepare(store: &Store, task: &Task<'_, FinalizeDocument>) -> Result<(), Failure> {
        bring_all(store, task.payload.document, task.scratch).await
    }

    fn run(bounds: &mut Bounds, task: FinalizeDocument, desk: &mut Desk) -> Result<Files, Failure> {
        let reading = inputs::reading(desk.scratch()).map_err(Failure::passing)?;
        let options = Options {
            searchable_pdf: task.searchable_pdf,
            limits: bounds.0,
            file_name: task.document.to_string(),
            ..Options::default()
        };
        let (original, out) = (inputs::original(desk.scratch()), desk.scratch().join("out"));
        let made = finalize(&original, &reading, &out, &options, |done, total| {
            desk.progress(done, total)
        })?;
        let mut files = Files::default();
        files.add("text.txt", "text/plain; charset=utf-8", desk.name(&made.text));
        files.add(
            "document.hocr",
            "text/vnd.hocr+html; charset=utf-8",
            desk.name(&made.hocr),
        );
        files.add("result.json", "application/json", desk.name(&made.result));
        if let Some(path) = made.searchable_pdf {
            files.add("searchable.pdf", PDF, desk.name(&path));
        }
        for (page, thumbnail) in (1..).zip(made.thumbnails) {
            if let Some(path) = thumbnail {
                files.add(format!("thumbnail-{page}.jpg"), "image/jpeg", desk.name(&path));
            }
        }
        Ok(files)
    }

    async fn publish(store: &Store, task: &Task<'_, FinalizeDocument>, files: &mut Files) -> Result<(), Failure> {
        files.store(store, task.payload.document, task).await
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, FinalizeDocument>,
        files: &Files,
    ) -> broker::Result<Vec<NewTask>> {
        store.save_artefacts(tx, task.payload.document, &files.stored).await?;
        Ok(Vec::new())
    }
}

pub struct MakeSearchable;

impl Job for MakeSearchable {
    type Payload = MakeSearchablePdf;
    type Output = Files;
    type Tools = Bounds;
    type Home = Store;

    async fn prepare(store: &Store, task: &Task<'_, MakeSearchablePdf>) -> Result<(), Failure> {
        bring_all(store, task.payload.document, task.scratch).await
    }

    fn run(bounds: &mut Bounds, _: MakeSearchablePdf, desk: &mut Desk) -> Result<Files, Failure> {
        let reading = inputs::reading(desk.scratch()).map_err(Failure::passing)?;
        let path = desk.scratch().join("searchable.pdf");
        let total = reading.pages.len() as u32;
        let original = inputs::original(desk.scratch());
        searchable_pdf_reporting(&original, &reading, &path, &bounds.0, |done| desk.progress(done, total))?;
        let mut files = Files::default();
        files.add("searchable.pdf", PDF, desk.name(&path));
        Ok(files)
    }

    async fn publish(store: &Store, task: &Task<'_, MakeSearchablePdf>, files: &mut Files) -> Result<(), Failure> {
        files.store(store, task.payload.document, task).await
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, MakeSearchablePdf>,
        files: &Files,
    ) -> broker::Result<Vec<NewTask>> {
        store.save_artefacts(tx, task.payload.document, &files.stored).await?;
        Ok(Vec::new())
    }
}

/// Removes the bytes first and the rows last, so that one that is interrupted is simply begun again.
pub struct Delete;

impl Job for Delete {
    type Payload = DeleteDocument;
    type Output = ();
    type Tools = Bounds;
    type Home = Store;
    const OPENS_UPLOADS: bool = false;

    fn run(_: &mut Bounds, _: DeleteDocument, _: &mut Desk) -> Result<(), Failure> {
        Ok(())
    }

    async fn publish(store: &Store, task: &Task<'_, DeleteDocument>, (): &mut ()) -> Result<(), Failure> {
        store
            .remove_bytes(task.payload.document)
            .await
            .map(drop)
            .map_err(Failure::passing)
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, DeleteDocument>,
        (): &(),
    ) -> broker::Result<Vec<NewTask>> {
        store.remove_rows(tx, task.payload.document).await?;
        Ok(Vec::new())
    }
}

/// Removes what uploads and runs that came to nothing left in the object store.
pub struct Sweep;

impl Job for Sweep {
    type Payload = SweepStorage;
    type Output = ();
    type Tools = Bounds;
    type Home = Store;
    const OPENS_UPLOADS: bool = false;

    fn run(_: &mut Bounds, _: SweepStorage, _: &mut Desk) -> Result<(), Failure> {
        Ok(())
    }

    async fn publish(store: &Store, _: &Task<'_, SweepStorage>, (): &mut ()) -> Result<(), Failure> {
        let removed = store.sweep().await.map_err(Failure::passing)?;
        // Those beyond a bound that was lowered, while no new ones are made.
        let images = store.evict_page_images().await.map_err(Failure::passing)?;
        tracing::info!(removed, images, "storage swept");
        Ok(())
    }
}
