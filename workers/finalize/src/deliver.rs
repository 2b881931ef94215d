//! Writes all deliverables of one document into a folder.

use crate::error::{at, internal};
use crate::{hocr, searchable, thumbnails};
use pages::{Document, Limits};
use queue_schema::document::{DocumentError, PageSource, Reading, document_text};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct Options {
    /// Whether to make the searchable PDF now; [`crate::searchable_pdf`] makes it later.
    pub searchable_pdf: bool,
    /// Width of the thumbnails in pixels; `None` makes none.
    pub thumbnail_width: Option<u32>,
    /// The name under which the document was uploaded, shown in the hOCR.
    pub file_name: String,
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            searchable_pdf: true,
            thumbnail_width: Some(240),
            file_name: String::new(),
            limits: Limits::default(),
        }
    }
}

/// Paths of the deliverables, all in the given folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefacts {
    /// `text.txt`: the document's text, UTF-8, pages joined by form feeds.
    pub text: PathBuf,
    /// `hocr.html`
    pub hocr: PathBuf,
    /// `result.json`: the [`Reading`].
    pub result: PathBuf,
    /// `searchable.pdf`
    pub searchable_pdf: Option<PathBuf>,
    /// `thumbnails/N.jpg`, N from 1, by page. `None` for a page that cannot be rendered.
    pub thumbnails: Vec<Option<PathBuf>>,
}

/// Writes the deliverables of `original` into the folder `out`. `reading`: what was read of it.
///
/// `progress` gets the steps done and their total. A page counts as two steps: one for the searchable PDF, one for the
/// thumbnail. A page that cannot be rendered has no thumbnail; any other failure is an error.
pub fn finalize(
    original: &Path,
    reading: &Reading,
    out: &Path,
    options: &Options,
    mut progress: impl FnMut(u32, u32),
) -> Result<Artefacts, DocumentError> {
    fs::create_dir_all(out).map_err(at(out))?;
    let pages = reading.pages.len() as u32;
    let total = 2 * pages;
    progress(0, total);
    let text = write(out, "text.txt", document_text(&reading.pages).as_bytes())?;
    let hocr = write(out, "hocr.html", hocr::hocr(reading, &options.file_name).as_bytes())?;
    let json = serde_json::to_vec(reading).map_err(|e| internal(format_args!("The result is not valid JSON: {e}")))?;
    let result = write(out, "result.json", &json)?;
    let searchable_pdf = options.searchable_pdf.then(|| out.join("searchable.pdf"));
    if let Some(path) = &searchable_pdf {
        searchable::searchable_pdf_reporting(original, reading, path, &options.limits, |done| progress(done, total))?;
    }
    progress(pages, total);
    let thumbnails = match options.thumbnail_width {
        Some(width) => make_thumbnails(original, reading, out, width, &options.limits, |done| {
            progress(pages + done, total)
        })?,
        None => Vec::new(),
    };
    progress(total, total);
    Ok(Artefacts {
        text,
        hocr,
        result,
        searchable_pdf,
        thumbnails,
    })
}

fn write(out: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, DocumentError> {
    let path = out.join(name);
    fs::write(&path, bytes).map_err(at(&path))?;
    Ok(path)
}

fn make_thumbnails(
    original: &Path,
    reading: &Reading,
    out: &Path,
    width: u32,
    limits: &Limits,
    mut progress: impl FnMut(u32),
) -> Result<Vec<Option<PathBuf>>, DocumentError> {
    let folder = out.join("thumbnails");
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    let document = Document::open(original, limits)?;
    let mut made = Vec::with_capacity(reading.pages.len());
    for (done, page) in (1..).zip(&reading.pages) {
        let path = folder.join(format!("{}.jpg", page.page));
        let shown = page
            .page
            .checked_sub(1)
            .map(|n| thumbnails::write(&document, n as usize, width, &path));
        if let Some(Err(error)) = &shown
            && page.source != PageSource::Unreadable
        {
            tracing::warn!(page = page.page, %error, "no thumbnail of this page");
        }
        made.push(shown.is_some_and(|result| result.is_ok()).then_some(path));
        progress(done);
    }
    Ok(made)
}
