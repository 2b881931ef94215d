//! The searchable PDF: the original document with text that can be found, selected and copied.

use crate::error::at;
use crate::{graft, repeats, scan};
use pages::{ContentType, Document, HEAD_BYTES, Limits};
use queue_schema::document::{DocumentError, PageSource, Reading};
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// How the searchable PDF was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// A byte-for-byte copy of the original: every page already had its text, or no words were found.
    Copied,
    /// Words were added to the original's pages.
    Grafted,
    /// Rebuilt from the pages' pictures.
    Rebuilt,
}

/// Writes the searchable PDF of `original` to `out`. After an error, `out` is incomplete.
///
/// Pages read from their text layer stay unchanged. A PDF that cannot be changed safely is rebuilt from its pages' pictures,
/// with all words laid over them.
pub fn searchable_pdf(original: &Path, reading: &Reading, out: &Path) -> Result<Made, DocumentError> {
    searchable_pdf_within(original, reading, out, &Limits::default())
}

/// [`searchable_pdf`] with limits other than the default.
pub fn searchable_pdf_within(
    original: &Path,
    reading: &Reading,
    out: &Path,
    limits: &Limits,
) -> Result<Made, DocumentError> {
    searchable_pdf_reporting(original, reading, out, limits, |_| {})
}

/// [`searchable_pdf_within`], which also reports the number of pages done while a PDF is rebuilt page by page. Copying and
/// grafting are quick and report nothing.
pub fn searchable_pdf_reporting(
    original: &Path,
    reading: &Reading,
    out: &Path,
    limits: &Limits,
    progress: impl FnMut(u32),
) -> Result<Made, DocumentError> {
    if is_pdf(original)? {
        let missing = missing_words(original, reading, limits);
        if !needs_words(&missing) {
            fs::copy(original, out).map_err(at(out))?;
            return Ok(Made::Copied);
        }
        match grafted(original, &missing, out)? {
            Ok(()) => return Ok(Made::Grafted),
            Err(error) => tracing::warn!(%error, "the searchable PDF is rebuilt from the pages' pictures"),
        }
    }
    let mut target = BufWriter::new(File::create(out).map_err(at(out))?);
    scan::rebuild(original, reading, limits, &mut target, progress)?;
    target.flush().map_err(at(out))?;
    Ok(Made::Rebuilt)
}

fn is_pdf(original: &Path) -> Result<bool, DocumentError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    let file = File::open(original).map_err(at(original))?;
    file.take(HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(at(original))?;
    Ok(pages::detect(&head) == Some(ContentType::Pdf))
}

/// The reading, without the words that the PDF's recognised pages already contain as text.
fn missing_words(original: &Path, reading: &Reading, limits: &Limits) -> Reading {
    let mut missing = reading.clone();
    if !needs_words(reading) {
        return missing;
    }
    let Ok(document) = Document::open(original, limits) else {
        return missing;
    };
    for (n, page) in missing
        .pages
        .iter_mut()
        .enumerate()
        .filter(|(_, page)| page.source == PageSource::Ocr)
    {
        // A page whose text cannot be read gets all its words.
        if let Ok(Some(own)) = document.text_layer(n) {
            page.words = repeats::unknown(&page.words, &own.words);
        }
    }
    missing
}

fn needs_words(reading: &Reading) -> bool {
    reading
        .pages
        .iter()
        .any(|page| page.source == PageSource::Ocr && !page.words.is_empty())
}

/// The outer error is a failure of ours, the inner one is caused by the document.
fn grafted(original: &Path, reading: &Reading, out: &Path) -> Result<Result<(), graft::GraftError>, DocumentError> {
    let bytes = fs::read(original).map_err(at(original))?;
    let mut target = BufWriter::new(File::create(out).map_err(at(out))?);
    Ok(graft::graft(bytes, reading, &mut target).and_then(|()| Ok(target.flush()?)))
}
