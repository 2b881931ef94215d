//! The worker's jobs: opening a document, reading some of its pages, making the image of a page.

use crate::pace;
use crate::read::{ReadOptions, read_page};
use crate::recogniser::Recogniser;
use broker::NewTask;
use kit::{Access, Desk, Failure, Job, Task, Tools};
use pages::{Document, Limits, PROGRAMS};
use queue_schema::document::{DocumentError, ErrorCode, Page};
use queue_schema::payload::{OpenDocument, ReadPages, RenderPage};
use serde::{Deserialize, Serialize};
use settings::Settings;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use store::{NewArtefact, Shape, Store, inputs};
use tokio_postgres::Transaction;

/// What the jobs and their tools read, beyond what every worker does.
pub const SETTINGS: &[&str] = &[
    "OCR_LANGUAGES",
    "PAGE_TEXT_TIME_LIMIT",
    "MAX_UPLOAD_BYTES",
    "MAX_PAGES",
    "MAX_PAGE_PIXELS",
    "PAGE_IMAGES_BYTES",
];

/// Engines are some 100 MB each; a child that has met more languages than this forgets them and begins anew.
const MOST_ENGINES: usize = 3;

/// A child's engines, one per set of languages, and the limits in force.
pub struct Engines {
    warm: HashMap<String, Recogniser>,
    limits: Limits,
    page_limit: Duration,
}

impl Tools for Engines {
    fn warm(settings: &Settings) -> Result<Self, String> {
        let mut engines = Engines {
            warm: HashMap::new(),
            limits: Limits::in_force(settings),
            page_limit: settings.seconds("PAGE_TEXT_TIME_LIMIT"),
        };
        engines
            .of(settings.text("OCR_LANGUAGES"))
            .map_err(|failure| format!("setting OCR_LANGUAGES: {}", failure.error.message))?;
        Ok(engines)
    }

    /// Tesseract's data, where they are not the system's; and what opens damaged files.
    fn needs(_: &Settings) -> Access {
        Access {
            read: std::env::var_os("TESSDATA_PREFIX")
                .map(PathBuf::from)
                .into_iter()
                .collect(),
            programs: PROGRAMS.map(PathBuf::from).to_vec(),
            ..Access::default()
        }
    }
}

impl Engines {
    fn of(&mut self, languages: &str) -> Result<&mut Recogniser, Failure> {
        if !self.warm.contains_key(languages) {
            if self.warm.len() >= MOST_ENGINES {
                self.warm.clear();
            }
            let engine = Recogniser::new(languages)
                .map_err(|e| Failure::lasting(DocumentError::new(ErrorCode::Internal, e.to_string())))?;
            self.warm.insert(languages.to_owned(), engine);
        }
        self.warm
            .get_mut(languages)
            .ok_or_else(|| Failure::passing("an engine vanished"))
    }
}

pub struct Open;

/// What opening a document tells.
#[derive(Debug, Serialize, Deserialize)]
pub struct Opened {
    /// `(width, height)` of each page in 1/72 inch.
    shapes: Vec<(f32, f32)>,
    /// What a page's text layer takes; `None` where pages have to be recognised.
    text_layer: Option<Duration>,
}

impl Job for Open {
    type Payload = OpenDocument;
    type Output = Opened;
    type Tools = Engines;
    type Home = Store;

    async fn prepare(store: &Store, task: &Task<'_, OpenDocument>) -> Result<(), Failure> {
        store
            .bring_original(task.payload.document, task.scratch)
            .await
            .map_err(Failure::passing)
    }

    fn run(engines: &mut Engines, _: OpenDocument, desk: &mut Desk) -> Result<Opened, Failure> {
        let document = Document::open(&inputs::original(desk.scratch()), &engines.limits)?;
        let shapes = (0..document.page_count())
            .map(|n| {
                document
                    .shape(n)
                    .map_or((A4.0, A4.1), |shape| (shape.width, shape.height))
            })
            .collect();
        Ok(Opened {
            shapes,
            text_layer: look_at_text(&document),
        })
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, OpenDocument>,
        opened: &Opened,
    ) -> broker::Result<Vec<NewTask>> {
        let shapes: Vec<Shape> = opened
            .shapes
            .iter()
            .map(|&(width, height)| Shape { width, height })
            .collect();
        let page = opened.text_layer.or_else(|| pace::HERE.of_a_page());
        let pages_per_task = pace::pages_per_task(shapes.len(), page);
        Ok(store
            .opened(tx, task.claimed, task.payload.document, &shapes, pages_per_task)
            .await?)
    }
}

/// For a page whose own size cannot be told; its reading will say what is wrong with it.
const A4: (f32, f32) = (595.0, 842.0);

/// What a text layer takes here, by the document's first pages; `None` where one of them has none that can be used.
fn look_at_text(document: &Document) -> Option<Duration> {
    const LOOKED_AT: usize = 3;
    let count = document.page_count().min(LOOKED_AT);
    let has_text = |n| {
        document
            .text_layer(n)
            .is_ok_and(|layer| layer.is_some_and(|l| l.is_blank || l.is_good()))
    };
    let begun = Instant::now();
    (0..count).all(has_text).then(|| begun.elapsed() / count as u32)
}

pub struct Read;

/// The pages that a run has read: all of its task's, or as many as it came to before it gave way.
#[derive(Debug, Serialize, Deserialize)]
pub struct PagesRead {
    pages: Vec<Page>,
    /// What each of them took.
    took: Vec<Duration>,
}

impl Job for Read {
    type Payload = ReadPages;
    type Output = PagesRead;
    type Tools = Engines;
    type Home = Store;
    const GIVES_WAY: bool = true;

    async fn prepare(store: &Store, task: &Task<'_, ReadPages>) -> Result<(), Failure> {
        store
            .bring_original(task.payload.document, task.scratch)
            .await
            .map_err(Failure::passing)
    }

    fn run(engines: &mut Engines, task: ReadPages, desk: &mut Desk) -> Result<PagesRead, Failure> {
        let document = Document::open(&inputs::original(desk.scratch()), &engines.limits)?;
        let options = ReadOptions {
            force_ocr: task.force_ocr,
            ..ReadOptions::default()
        };
        let limit = engines.page_limit;
        let engine = engines.of(&task.languages)?;
        let total = task.last.saturating_sub(task.first) + 1;
        let (mut pages, mut took) = (Vec::new(), Vec::new());
        // Tells how many there are before the first is read: it may take long.
        desk.progress(0, total);
        for number in task.first..=task.last {
            let begun = Instant::now();
            pages.push(read_page(
                &document,
                number as usize - 1,
                &options,
                engine,
                Some(begun + limit),
            ));
            took.push(begun.elapsed());
            desk.progress(pages.len() as u32, total);
            // At least one page is read, so that a task that always gives way still comes to its end.
            if desk.should_give_way() {
                break;
            }
        }
        Ok(PagesRead { pages, took })
    }

    async fn publish(_: &Store, _: &Task<'_, ReadPages>, read: &mut PagesRead) -> Result<(), Failure> {
        for (page, took) in read.pages.iter().zip(&read.took) {
            pace::HERE.note(page.source, *took);
        }
        Ok(())
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, ReadPages>,
        read: &PagesRead,
    ) -> broker::Result<Vec<NewTask>> {
        Ok(store.pages_read(tx, task.claimed, task.payload, &read.pages).await?)
    }
}

pub struct Render;

/// The image of a page that the child left in its folder, and where it went.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rendered {
    artefact: Option<NewArtefact>,
}

const IMAGE: &str = "page.png";

impl Job for Render {
    type Payload = RenderPage;
    type Output = Rendered;
    type Tools = Engines;
    type Home = Store;

    async fn prepare(store: &Store, task: &Task<'_, RenderPage>) -> Result<(), Failure> {
        store
            .bring_original(task.payload.document, task.scratch)
            .await
            .map_err(Failure::passing)
    }

    fn run(engines: &mut Engines, task: RenderPage, desk: &mut Desk) -> Result<Rendered, Failure> {
        let document = Document::open(&inputs::original(desk.scratch()), &engines.limits)?;
        let n = (task.page as usize)
            .checked_sub(1)
            .filter(|n| *n < document.page_count());
        let n = n.ok_or_else(|| DocumentError::new(ErrorCode::NoPages, format!("there is no page {}", task.page)))?;
        let shape = document.shape(n)?;
        let dpi = task.width as f32 * 72.0 / shape.width.max(1.0);
        let image = document.render(n, dpi)?;
        let height = (task.width as f32 * image.height() as f32 / image.width().max(1) as f32)
            .round()
            .max(1.0) as u32;
        let image = if image.width() == task.width {
            image
        } else {
            image.scaled(task.width, height)
        };
        let image = image.into_dynamic();
        image.save(desk.scratch().join(IMAGE)).map_err(Failure::passing)?;
        Ok(Rendered { artefact: None })
    }

    async fn publish(store: &Store, task: &Task<'_, RenderPage>, rendered: &mut Rendered) -> Result<(), Failure> {
        // Before the next one is stored, so that there is never more than is kept, and what is under way.
        store.evict_page_images().await.map_err(Failure::passing)?;
        let name = format!("page-{}-{}.png", task.payload.page, task.payload.width);
        let file = task.scratch.join(IMAGE);
        let stored = store
            .upload(task.payload.document, task.claimed.token, &name, "image/png", &file)
            .await;
        rendered.artefact = Some(stored.map_err(Failure::passing)?);
        Ok(())
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, RenderPage>,
        rendered: &Rendered,
    ) -> broker::Result<Vec<NewTask>> {
        store
            .save_artefacts(tx, task.payload.document, rendered.artefact.as_slice())
            .await?;
        Ok(Vec::new())
    }
}
