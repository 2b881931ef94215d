//! Reads one page, from its text layer or by recognition.

use crate::orientation;
use crate::prepare::{Mapping, PREPARED_DPI, prepare};
use crate::recogniser::{Layout, RecogniseError, Recognised, Recogniser};
use image::GrayImage;
use pages::{Document, PageShape, TextLayer};
use queue_schema::document::{DocumentError, ErrorCode, Page, PageSource, Rect, Word};
use std::time::Instant;

/// How to read a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadOptions {
    /// Recognise pages even if the file contains good text.
    pub force_ocr: bool,
    /// Resolution at which PDF pages are rendered for recognition.
    pub dpi: f32,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            force_ocr: false,
            dpi: 300.0,
        }
    }
}

/// Reads page `n` (from 0): its text layer if that is good, otherwise the words recognised in its pixels.
///
/// Never fails: a page that cannot be read is returned with its error. On a page that mixes a good text layer with pictures,
/// only the text layer is read; `force_ocr` also reads the text in the pictures.
pub fn read_page(
    document: &Document,
    n: usize,
    options: &ReadOptions,
    recogniser: &mut Recogniser,
    deadline: Option<Instant>,
) -> Page {
    try_read(document, n, options, recogniser, deadline).unwrap_or_else(|error| {
        let shape = document.shape(n).unwrap_or(PageShape {
            width: 0.0,
            height: 0.0,
        });
        unreadable_page(n, shape, error)
    })
}

/// A placeholder for a page that could not be read.
pub fn unreadable_page(n: usize, shape: PageShape, mut error: DocumentError) -> Page {
    let number = page_number(n);
    error.page.get_or_insert(number);
    Page {
        page: number,
        width: shape.width,
        height: shape.height,
        rotation: 0,
        source: PageSource::Unreadable,
        confidence: 0.0,
        words: Vec::new(),
        error: Some(error),
    }
}

fn try_read(
    document: &Document,
    n: usize,
    options: &ReadOptions,
    recogniser: &mut Recogniser,
    deadline: Option<Instant>,
) -> Result<Page, DocumentError> {
    let shape = document.shape(n)?;
    // A text layer that cannot be read must not prevent recognition.
    let layer = document.text_layer(n).ok().flatten();
    if let Some(layer) = layer.filter(|layer| layer.is_blank || (layer.is_good() && !options.force_ocr)) {
        return Ok(from_layer(n, shape, layer));
    }
    let pixels = document.render(n, options.dpi)?.into_grey();
    let read = recognise(&pixels, recogniser, deadline).map_err(|error| as_document_error(&error))?;
    Ok(from_pixels(n, shape, &pixels, read))
}

fn from_layer(n: usize, shape: PageShape, layer: TextLayer) -> Page {
    Page {
        page: page_number(n),
        width: shape.width,
        height: shape.height,
        rotation: 0,
        source: PageSource::TextLayer,
        confidence: 1.0,
        words: layer.words,
        error: None,
    }
}

struct Read {
    recognised: Recognised,
    mapping: Mapping,
    quarter_turns: u8,
}

fn recognise(page: &GrayImage, recogniser: &mut Recogniser, deadline: Option<Instant>) -> Result<Read, RecogniseError> {
    let as_it_is = recognise_turned(page, 0, recogniser, deadline)?;
    if !orientation::is_doubtful(&as_it_is.recognised, page) {
        return Ok(as_it_is);
    }
    match orientation::quarter_turns(page, recogniser, deadline)? {
        0 => Ok(as_it_is),
        quarter_turns => recognise_turned(page, quarter_turns, recogniser, deadline),
    }
}

fn recognise_turned(
    page: &GrayImage,
    quarter_turns: u8,
    recogniser: &mut Recogniser,
    deadline: Option<Instant>,
) -> Result<Read, RecogniseError> {
    let layout = layout_of(page, quarter_turns);
    let prepared = prepare(page, quarter_turns, layout.letter_height());
    let recognised = recogniser.recognise(&prepared.image, PREPARED_DPI, layout, deadline)?;
    Ok(Read {
        recognised,
        mapping: prepared.mapping,
        quarter_turns,
    })
}

/// Taller than this many widths is a till receipt. A4 has 1.41, the longest office paper 1.65.
const RECEIPT_ASPECT: f32 = 1.7;

/// A receipt is one block of lines. Layout analysis would split off its column of prices.
fn layout_of(page: &GrayImage, quarter_turns: u8) -> Layout {
    let (width, height) = (page.width().max(1) as f32, page.height().max(1) as f32);
    let aspect = if quarter_turns % 2 == 1 {
        width / height
    } else {
        height / width
    };
    if aspect > RECEIPT_ASPECT {
        Layout::Block
    } else {
        Layout::Page
    }
}

fn from_pixels(n: usize, shape: PageShape, pixels: &GrayImage, read: Read) -> Page {
    // Faxes have different resolutions horizontally and vertically.
    let (across, down) = (
        shape.width / pixels.width().max(1) as f32,
        shape.height / pixels.height().max(1) as f32,
    );
    let words = read.recognised.words.into_iter().map(|word| {
        let rect = read.mapping.to_page(word.pixels);
        let rect = Rect {
            x0: rect.x0 * across,
            y0: rect.y0 * down,
            x1: rect.x1 * across,
            y1: rect.y1 * down,
        };
        Word {
            text: word.text,
            rect,
            confidence: word.confidence,
            line: word.line,
        }
    });
    Page {
        page: page_number(n),
        width: shape.width,
        height: shape.height,
        rotation: u16::from(read.quarter_turns) * 90,
        source: PageSource::Ocr,
        confidence: read.recognised.confidence,
        words: words.collect(),
        error: None,
    }
}

fn as_document_error(error: &RecogniseError) -> DocumentError {
    let code = match error {
        RecogniseError::TimedOut => ErrorCode::TimedOut,
        RecogniseError::MissingLanguage { .. } | RecogniseError::Failed(_) => ErrorCode::Internal,
    };
    DocumentError::new(code, error.to_string())
}

fn page_number(n: usize) -> u32 {
    u32::try_from(n + 1).unwrap_or(u32::MAX)
}
