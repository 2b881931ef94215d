//! Thumbnails of pages.

use crate::error::{at, internal};
use image::codecs::jpeg::JpegEncoder;
use pages::Document;
use queue_schema::document::DocumentError;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const QUALITY: u8 = 80;
/// Pages are rendered this many times wider than their thumbnail and then averaged, which keeps thin strokes visible.
const OVERSAMPLING: f32 = 2.0;
/// Height limit, in widths. A till roll is much longer; its thumbnail shows only the top.
const TALLEST: u32 = 3;

/// Writes page `n` (from 0) as a JPEG `width` pixels wide.
pub fn write(document: &Document, n: usize, width: u32, path: &Path) -> Result<(), DocumentError> {
    let shape = document.shape(n)?;
    let dpi = width as f32 * OVERSAMPLING * 72.0 / shape.width.max(1.0);
    let page = document.render(n, dpi)?;
    let height = (page.height() as f32 * width as f32 / page.width().max(1) as f32)
        .round()
        .max(1.0) as u32;
    let shown = page.scaled(width, height).cropped_to(width * TALLEST);
    let mut file = BufWriter::new(File::create(path).map_err(at(path))?);
    JpegEncoder::new_with_quality(&mut file, QUALITY)
        .encode_image(&shown.into_dynamic())
        .map_err(|error| internal(format_args!("A thumbnail could not be coded: {error}")))?;
    file.flush().map_err(at(path))
}
