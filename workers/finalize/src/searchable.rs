//! The searchable PDF: the document as it came, with text that can be found, selected and copied.

use crate::error::at;
use crate::{graft, scan};
use pages::{ContentType, HEAD_BYTES, Limits};
use queue_schema::document::{DocumentError, PageSource, Reading};
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// How the searchable PDF came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Every page had its text already, or no words were found: the original, byte for byte.
    Copied,
    /// Words were laid over the original's pages.
    Grafted,
    /// Built anew from the pages' pictures.
    Rebuilt,
}

/// Makes the searchable PDF of `original` at `out`, which appears only when it is whole.
///
/// Pages read from their text layer stay as they are. A PDF that cannot be changed safely is rebuilt from its pages'
/// pictures, all words laid over them.
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
    let part = part_of(out);
    let made = make(original, reading, &part, limits).and_then(|made| {
        fs::rename(&part, out).map_err(at(out))?;
        Ok(made)
    });
    if made.is_err() {
        // Nothing to do if it is not there; the scratch directory goes anyway.
        let _ = fs::remove_file(&part);
    }
    made
}

fn part_of(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    out.with_file_name(name)
}

fn make(original: &Path, reading: &Reading, part: &Path, limits: &Limits) -> Result<Made, DocumentError> {
    if is_pdf(original)? {
        if !needs_words(reading) {
            fs::copy(original, part).map_err(at(part))?;
            return Ok(Made::Copied);
        }
        match grafted(original, reading, part)? {
            Ok(()) => return Ok(Made::Grafted),
            Err(error) => tracing::warn!(%error, "the searchable PDF is rebuilt from the pages' pictures"),
        }
    }
    let mut target = BufWriter::new(File::create(part).map_err(at(part))?);
    scan::rebuild(original, reading, limits, &mut target)?;
    target.flush().map_err(at(part))?;
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

fn needs_words(reading: &Reading) -> bool {
    reading
        .pages
        .iter()
        .any(|page| page.source == PageSource::Ocr && !page.words.is_empty())
}

/// The outer error is ours, the inner one the document's.
fn grafted(original: &Path, reading: &Reading, part: &Path) -> Result<Result<(), graft::GraftError>, DocumentError> {
    let bytes = fs::read(original).map_err(at(original))?;
    let mut target = BufWriter::new(File::create(part).map_err(at(part))?);
    Ok(graft::graft(&bytes, reading, &mut target).and_then(|()| Ok(target.flush()?)))
}
