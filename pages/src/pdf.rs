//! PDF pages through hayro: shapes, pixels, text.

use crate::error::{corrupt, guarded, page_too_large};
use crate::limits::Limits;
use crate::pixels::Pixels;
use crate::shape::PageShape;
use crate::text::{PageSurvey, TextLayer, survey};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::object::dict::keys::CONTENTS;
use hayro::hayro_syntax::object::{Array, Stream};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{DecryptionError, Filter, LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::peniko::ImageAlphaType;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use queue_schema::document::{DocumentError, ErrorCode};
use std::fmt;
use std::sync::Arc;

/// Longer sides are not accepted: 200 inches is the limit of PDF 1.7 Annex C, and of Acrobat.
const MAX_SIDE: f32 = 14_400.0;

pub(crate) struct PdfFile {
    pdf: Pdf,
}

impl fmt::Debug for PdfFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PdfFile")
            .field("pages", &self.page_count())
            .finish_non_exhaustive()
    }
}

impl PdfFile {
    pub(crate) fn open(bytes: Arc<Vec<u8>>) -> Result<PdfFile, DocumentError> {
        guarded("The PDF", || match Pdf::new(bytes) {
            Ok(pdf) => Ok(PdfFile { pdf }),
            Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => Err(encrypted(
                "The PDF is protected by a password. Save it without one and upload it again.",
            )),
            Err(LoadPdfError::Decryption(_)) => Err(encrypted(
                "The PDF is encrypted in a way that cannot be undone. Save it without encryption and upload it again.",
            )),
            Err(_) => Err(corrupt("The PDF is damaged beyond repair")),
        })
    }

    pub(crate) fn page_count(&self) -> usize {
        self.pdf.pages().len()
    }

    pub(crate) fn shape(&self, n: usize) -> Result<PageShape, DocumentError> {
        let (width, height) = self.page(n)?.render_dimensions();
        if !width.is_finite() || !height.is_finite() || width > MAX_SIDE || height > MAX_SIDE {
            let inches = |points: f32| (points / 72.0).round();
            let what = format!(
                "The page is {} x {} inches, more than 200",
                inches(width),
                inches(height)
            );
            return Err(page_too_large(what));
        }
        Ok(PageShape { width, height })
    }

    pub(crate) fn render(&self, n: usize, dpi: f32, limits: &Limits) -> Result<Pixels, DocumentError> {
        let shape = self.shape(n)?;
        let page = self.page(n)?;
        self.survey(page, limits)?;
        let scale = render_scale(shape, dpi, limits);
        let pixmap = render(
            page,
            &RenderCache::new(),
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            &PixmapSettings {
                x_scale: scale,
                y_scale: scale,
                bg_color: WHITE,
            },
        );
        let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
        let rgba = pixmap.take_rgba8(ImageAlphaType::AlphaPremultiplied);
        Ok(Pixels::of_rgba(width, height, &rgba))
    }

    pub(crate) fn text_layer(&self, n: usize, limits: &Limits) -> Result<TextLayer, DocumentError> {
        let shape = self.shape(n)?;
        let survey = self.survey(self.page(n)?, limits)?;
        Ok(TextLayer::new(survey, shape))
    }

    /// Walks the page's drawing instructions and checks the images they draw. First checks that their stream is not a
    /// decompression bomb. Decodes no image.
    fn survey(&self, page: &Page<'_>, limits: &Limits) -> Result<PageSurvey, DocumentError> {
        check_content_size(page, limits.max_content_bytes)?;
        let survey = survey(page, self.pdf.xref());
        match survey.largest_image {
            Some((width, height)) if u64::from(width) * u64::from(height) > limits.max_pixels => {
                Err(crate::error::too_many_pixels(width, height, limits.max_pixels))
            }
            _ => Ok(survey),
        }
    }

    fn page(&self, n: usize) -> Result<&Page<'_>, DocumentError> {
        self.pdf.pages().get(n).ok_or_else(|| corrupt("The PDF lacks the page"))
    }
}

pub(crate) fn encrypted(message: &str) -> DocumentError {
    DocumentError::new(ErrorCode::EncryptedPdf, message)
}

/// Pixels per point: `dpi`, or less to stay within the pixel limit and the 16-bit sizes of the rasteriser.
fn render_scale(shape: PageShape, dpi: f32, limits: &Limits) -> f32 {
    let by_area = (limits.max_render_pixels as f32 / (shape.width * shape.height)).sqrt();
    let by_side = f32::from(u16::MAX - 1) / shape.width.max(shape.height);
    // At least one pixel each way, because a page can be thinner than a pixel.
    let at_least = 1.0 / shape.width.min(shape.height);
    (dpi / 72.0).min(by_area).min(by_side).max(at_least)
}

/// Rejects a page whose content stream would unpack to more than `limit` bytes.
fn check_content_size(page: &Page<'_>, limit: u64) -> Result<(), DocumentError> {
    let contents = page.raw();
    let mut total = 0;
    if let Some(stream) = contents.get::<Stream<'_>>(CONTENTS) {
        total = unpacked_size(&stream, limit);
    } else if let Some(array) = contents.get::<Array<'_>>(CONTENTS) {
        for stream in array.iter::<Stream<'_>>() {
            total += unpacked_size(&stream, limit.saturating_sub(total));
            if total > limit {
                break;
            }
        }
    }
    if total > limit {
        let what = format!(
            "The page's drawing instructions unpack to more than {} MiB",
            limit >> 20
        );
        return Err(page_too_large(what));
    }
    Ok(())
}

/// Deflate and LZW cannot shrink data by more than about this factor (zlib technical details: 1032 to 1).
const MAX_RATIO: u64 = 1032;

/// The size of the unpacked stream. Exact only if it might exceed `limit`. Counts without storing the bytes.
fn unpacked_size(stream: &Stream<'_>, limit: u64) -> u64 {
    let packed = stream.raw_data();
    let packers = stream
        .filters()
        .iter()
        .filter(|f| matches!(f, Filter::FlateDecode | Filter::LzwDecode))
        .count();
    let bound = (packed.len() as u64).saturating_mul(MAX_RATIO.saturating_pow(packers as u32));
    if bound <= limit || packers == 0 {
        return packed.len() as u64;
    }
    match stream.filters().as_slice() {
        [Filter::FlateDecode] => inflated_size(&packed, limit),
        // Compressed twice, or as text: no honest producer does this with megabytes.
        _ => bound,
    }
}

fn inflated_size(packed: &[u8], limit: u64) -> u64 {
    use miniz_oxide::inflate::stream::{InflateState, inflate};
    use miniz_oxide::{DataFormat, MZFlush, MZStatus};

    let mut state = InflateState::new_boxed(DataFormat::Zlib);
    let mut window = vec![0; 64 << 10];
    let (mut rest, mut total) = (packed, 0);
    while total <= limit {
        let step = inflate(&mut state, rest, &mut window, MZFlush::None);
        rest = &rest[step.bytes_consumed..];
        total += step.bytes_written as u64;
        let stuck = step.bytes_consumed == 0 && step.bytes_written == 0;
        if stuck || !matches!(step.status, Ok(MZStatus::Ok)) {
            break;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_rendered_within_the_limit() {
        let limits = Limits {
            max_render_pixels: 1_000_000,
            ..Limits::default()
        };
        let a4 = PageShape {
            width: 595.0,
            height: 842.0,
        };
        assert_eq!(render_scale(a4, 72.0, &limits), 1.0);
        let scale = render_scale(a4, 600.0, &limits);
        assert!(a4.width * scale * a4.height * scale <= 1_000_100.0);
        let sliver = PageShape {
            width: 1.0,
            height: 14_000.0,
        };
        assert!(sliver.height * render_scale(sliver, 2400.0, &Limits::default()) < 65_536.0);
    }

    #[test]
    fn inflation_is_counted_up_to_the_limit_only() {
        let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; 10 << 20], 6);
        assert_eq!(inflated_size(&bomb, 100 << 20), 10 << 20);
        let counted = inflated_size(&bomb, 1 << 20);
        assert!(counted > 1 << 20 && counted < 2 << 20);
        assert_eq!(inflated_size(b"no zlib at all", 100), 0);
    }
}
