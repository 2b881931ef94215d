//! The worker's jobs: opening a document, reading some of its pages, rendering the image of a page.

use crate::pace;
use crate::read::{ReadOptions, read_page};
use crate::recogniser::Recogniser;
use kit::{Access, Failure, Job, RunHandle, Task, Tools};
use pages::{Document, Limits, PROGRAMS};
use queue_schema::document::{DocumentError, ErrorCode, Page};
use queue_schema::payload::{OpenDocument, ReadPages, RenderPage};
use serde::{Deserialize, Serialize};
use settings::{
    Entry, MAX_PAGE_PIXELS, MAX_PAGES, MAX_UPLOAD_BYTES, OCR_LANGUAGES, PAGE_IMAGES_BYTES, PAGE_TEXT_TIME_LIMIT,
    Settings,
};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use store::inputs::Original;
use store::{NewArtefact, Shape, Store};
use tokio_postgres::Transaction;
use uuid::Uuid;

/// The settings that the jobs and their tools read, besides those of every worker.
pub const SETTINGS: &[&dyn Entry] = &[
    &OCR_LANGUAGES,
    &PAGE_TEXT_TIME_LIMIT,
    &MAX_UPLOAD_BYTES,
    &MAX_PAGES,
    &MAX_PAGE_PIXELS,
    &PAGE_IMAGES_BYTES,
];

/// Each engine uses some 100 MB. A child that has loaded this many drops them all before it loads another.
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
            page_limit: settings.get(PAGE_TEXT_TIME_LIMIT),
        };
        engines
            .of(settings.get(OCR_LANGUAGES))
            .map_err(|failure| format!("setting OCR_LANGUAGES: {}", failure.error.message))?;
        Ok(engines)
    }

    /// Tesseract's data files, if they are not in the system's folder, and the programs that open damaged files.
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
                .map_err(|e| Failure::permanent(DocumentError::new(ErrorCode::Internal, e.to_string())))?;
            self.warm.insert(languages.to_owned(), engine);
        }
        self.warm
            .get_mut(languages)
            .ok_or_else(|| Failure::transient("an engine vanished"))
    }
}

pub struct Open;

/// Result of opening a document.
#[derive(Debug, Serialize, Deserialize)]
pub struct Opened {
    /// `(width, height)` of each page in 1/72 inch.
    shapes: Vec<(f32, f32)>,
    /// Mean time to read a page's text layer. `None` if pages have to be recognised.
    text_layer: Option<Duration>,
}

impl Job for Open {
    type Payload = OpenDocument;
    type Input = Original;
    type Output = Opened;
    type Published = Opened;
    type Tools = Engines;
    type Context = Store;

    async fn prepare(store: &Store, task: &Task<'_, OpenDocument>) -> Result<Original, Failure> {
        bring(store, task, task.payload.document).await
    }

    fn run(engines: &mut Engines, _: OpenDocument, original: Original, run: &mut RunHandle) -> Result<Opened, Failure> {
        let document = Document::open(&original.path(run.scratch()), &engines.limits)?;
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

    async fn publish(_: &Store, _: &Task<'_, OpenDocument>, opened: Opened) -> Result<Opened, Failure> {
        Ok(opened)
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, OpenDocument>,
        opened: &Opened,
    ) -> broker::Result<()> {
        let shapes: Vec<Shape> = opened
            .shapes
            .iter()
            .map(|&(width, height)| Shape { width, height })
            .collect();
        let page = opened.text_layer.or_else(|| pace::HERE.of_a_page());
        let pages_per_task = pace::pages_per_task(shapes.len(), page);
        let saved = store.save_opened(tx, task.claimed, task.payload.document, &shapes, pages_per_task);
        Ok(saved.await?)
    }
}

async fn bring<P>(store: &Store, task: &Task<'_, P>, document: Uuid) -> Result<Original, Failure> {
    let brought = store.bring_original(document, task.scratch).await;
    brought.map_err(Failure::transient)
}

/// Assumed for a page whose size is unknown. Reading that page will report the error.
const A4: (f32, f32) = (595.0, 842.0);

/// Mean time to read a text layer, measured on the document's first pages. `None` if one of them has no usable text layer.
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

/// The pages that a run has read: all pages of its task, or fewer if it gave way to more urgent tasks.
#[derive(Debug, Serialize, Deserialize)]
pub struct PagesRead {
    pages: Vec<Page>,
    /// Time that each page took.
    took: Vec<Duration>,
}

impl Job for Read {
    type Payload = ReadPages;
    type Input = Original;
    type Output = PagesRead;
    type Published = Vec<Page>;
    type Tools = Engines;
    type Context = Store;
    const GIVES_WAY: bool = true;

    async fn prepare(store: &Store, task: &Task<'_, ReadPages>) -> Result<Original, Failure> {
        bring(store, task, task.payload.document).await
    }

    fn run(
        engines: &mut Engines,
        task: ReadPages,
        original: Original,
        run: &mut RunHandle,
    ) -> Result<PagesRead, Failure> {
        let document = Document::open(&original.path(run.scratch()), &engines.limits)?;
        let options = ReadOptions {
            force_ocr: task.force_ocr,
            ..ReadOptions::default()
        };
        let limit = engines.page_limit;
        let engine = engines.of(&task.languages)?;
        let total = task.last.saturating_sub(task.first) + 1;
        let (mut pages, mut took) = (Vec::new(), Vec::new());
        // Reports the total before the first page is read, which may take long.
        run.progress(0, total);
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
            run.progress(pages.len() as u32, total);
            // At least one page is read, so that a task that always gives way still ends.
            if run.should_give_way() {
                break;
            }
        }
        Ok(PagesRead { pages, took })
    }

    async fn publish(_: &Store, _: &Task<'_, ReadPages>, read: PagesRead) -> Result<Vec<Page>, Failure> {
        if read.pages.is_empty() {
            return Err(Failure::transient("no page was read, and a run reads one at least"));
        }
        for (page, took) in read.pages.iter().zip(&read.took) {
            pace::HERE.note(page.source, *took);
        }
        Ok(read.pages)
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, ReadPages>,
        pages: &Vec<Page>,
    ) -> broker::Result<()> {
        Ok(store.save_pages(tx, task.payload.document, pages).await?)
    }
}

/// Renders the image of a page into the run's folder.
pub struct Render;

const IMAGE: &str = "page.png";

impl Job for Render {
    type Payload = RenderPage;
    type Input = Original;
    type Output = ();
    type Published = NewArtefact;
    type Tools = Engines;
    type Context = Store;

    async fn prepare(store: &Store, task: &Task<'_, RenderPage>) -> Result<Original, Failure> {
        bring(store, task, task.payload.document).await
    }

    fn run(engines: &mut Engines, task: RenderPage, original: Original, run: &mut RunHandle) -> Result<(), Failure> {
        let document = Document::open(&original.path(run.scratch()), &engines.limits)?;
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
        image.save(run.scratch().join(IMAGE)).map_err(Failure::transient)
    }

    async fn publish(store: &Store, task: &Task<'_, RenderPage>, (): ()) -> Result<NewArtefact, Failure> {
        // Evicts before the new image is stored, so that the storage never exceeds the limit by more than the images in
        // progress.
        store.evict_page_images().await.map_err(Failure::transient)?;
        let name = format!("page-{}-{}.png", task.payload.page, task.payload.width);
        let file = task.scratch.join(IMAGE);
        let stored = store
            .upload(task.payload.document, task.claimed.token, &name, "image/png", &file)
            .await;
        stored.map_err(Failure::transient)
    }

    async fn commit(
        store: &Store,
        tx: &Transaction<'_>,
        task: &Task<'_, RenderPage>,
        image: &NewArtefact,
    ) -> broker::Result<()> {
        let saved = store.save_artefacts(tx, task.payload.document, std::slice::from_ref(image));
        Ok(saved.await?)
    }
}
