//! An opened file: one interface for PDFs, images and multi-page TIFFs.

use crate::error::on_page;
use crate::limits::Limits;
use crate::pdf::{PdfFile, encrypted};
use crate::pixels::Pixels;
use crate::poppler::PopplerFile;
use crate::raster::RasterFile;
use crate::shape::PageShape;
use crate::text::TextLayer;
use crate::tiff_file::TiffFile;
use queue_schema::content_type::{ContentType, HEAD_BYTES, detect};
use queue_schema::document::{DocumentError, ErrorCode};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// An opened file. Pages are numbered from 0 here; messages and results count from 1.
#[derive(Debug)]
pub struct Document {
    content_type: ContentType,
    limits: Limits,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Pdf(PdfFile),
    /// A PDF that only Poppler can open.
    Poppler(PopplerFile),
    Raster(RasterFile),
    Tiff(TiffFile),
}

impl Document {
    /// Opens a file and checks it against `limits`; decodes no pixels.
    ///
    /// Errors: `empty_file`, `unsupported_type`, `corrupt_file`, `encrypted_pdf`, `no_pages`, `too_many_pages`,
    /// `page_too_large` (the file has too many bytes, or its only image too many pixels).
    pub fn open(path: &Path, limits: &Limits) -> Result<Document, DocumentError> {
        let content_type = content_type(path, limits)?;
        let kind = match content_type {
            ContentType::Pdf => open_pdf(path, limits)?,
            ContentType::Tiff => Kind::Tiff(TiffFile::open(path, limits)?),
            ContentType::Png | ContentType::Jpeg | ContentType::WebP => {
                Kind::Raster(RasterFile::open(path, content_type, limits)?)
            }
        };
        let document = Document {
            content_type,
            limits: *limits,
            kind,
        };
        match document.page_count() {
            0 => Err(DocumentError::new(
                ErrorCode::NoPages,
                "The document has no pages. Export it again.",
            )),
            n if n > limits.max_pages => Err(crate::error::too_many_pages(n, limits.max_pages)),
            _ => Ok(document),
        }
    }

    pub fn content_type(&self) -> ContentType {
        self.content_type
    }

    pub fn page_count(&self) -> usize {
        match &self.kind {
            Kind::Pdf(pdf) => pdf.page_count(),
            Kind::Poppler(pdf) => pdf.page_count(),
            Kind::Raster(_) => 1,
            Kind::Tiff(tiff) => tiff.page_count(),
        }
    }

    /// The size of page `n` (from 0) as displayed.
    pub fn shape(&self, n: usize) -> Result<PageShape, DocumentError> {
        self.page(n, || match &self.kind {
            Kind::Pdf(pdf) => pdf.shape(n),
            Kind::Poppler(pdf) => pdf.shape(n),
            Kind::Raster(image) => Ok(image.shape()),
            Kind::Tiff(tiff) => tiff.shape(n),
        })
    }

    /// The pixels of page `n` (from 0), upright as displayed, on white. A PDF page is rendered at `dpi`, or less if that would
    /// exceed the limit. An image keeps its own pixels, regardless of `dpi`. The resolution of the result is its width divided
    /// by the shape's.
    pub fn render(&self, n: usize, dpi: f32) -> Result<Pixels, DocumentError> {
        self.page(n, || match &self.kind {
            Kind::Pdf(pdf) => pdf.render(n, dpi, &self.limits),
            Kind::Poppler(pdf) => pdf.render(n, dpi, &self.limits),
            Kind::Raster(image) => image.render(&self.limits),
            Kind::Tiff(tiff) => tiff.render(n, &self.limits),
        })
    }

    /// The text that page `n` (from 0) carries, visible or hidden, good or bad ([`TextLayer::is_good`]); `None` for
    /// images and for PDFs whose text cannot be read.
    pub fn text_layer(&self, n: usize) -> Result<Option<TextLayer>, DocumentError> {
        self.page(n, || match &self.kind {
            Kind::Pdf(pdf) => pdf.text_layer(n, &self.limits).map(Some),
            Kind::Poppler(_) | Kind::Raster(_) | Kind::Tiff(_) => Ok(None),
        })
    }

    fn page<T>(&self, n: usize, read: impl FnOnce() -> Result<T, DocumentError>) -> Result<T, DocumentError> {
        if n >= self.page_count() {
            let message = format!(
                "Page {} was asked for, but the document has {}.",
                n + 1,
                self.page_count()
            );
            return Err(on_page(DocumentError::new(ErrorCode::Internal, message), n));
        }
        crate::error::guarded("The page", read).map_err(|error| on_page(error, n))
    }
}

fn content_type(path: &Path, limits: &Limits) -> Result<ContentType, DocumentError> {
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let bytes = file.metadata().map_err(|error| unreadable(path, &error))?.len();
    if bytes == 0 {
        return Err(DocumentError::new(
            ErrorCode::EmptyFile,
            "The file is empty. Upload it again.",
        ));
    }
    if bytes > limits.max_bytes {
        return Err(crate::error::page_too_large(format_args!(
            "The file has {} MiB, more than the limit of {} MiB",
            bytes >> 20,
            limits.max_bytes >> 20
        )));
    }
    let mut head = Vec::with_capacity(HEAD_BYTES);
    file.by_ref()
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(|error| unreadable(path, &error))?;
    detect(&head).ok_or_else(|| {
        DocumentError::new(
            ErrorCode::UnsupportedType,
            "The file is not a PDF, PNG, JPEG, WebP or TIFF. Convert it to one of these and upload it again.",
        )
    })
}

fn open_pdf(path: &Path, limits: &Limits) -> Result<Kind, DocumentError> {
    let bytes = Arc::new(std::fs::read(path).map_err(|error| unreadable(path, &error))?);
    match PdfFile::open(Arc::clone(&bytes)) {
        // A damaged file that hayro cannot open may still open in Poppler.
        Err(error) if error.code == ErrorCode::CorruptFile => match PopplerFile::open(path, limits) {
            Some(opened) => opened.map(Kind::Poppler),
            // Once the file's index is lost, neither reader can tell damage from a missing password.
            None if bytes.windows(8).any(|window| window == b"/Encrypt") => Err(encrypted(
                "The PDF is encrypted and damaged. Save it without a password and upload it again.",
            )),
            None => Err(error),
        },
        opened => opened.map(Kind::Pdf),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> DocumentError {
    let message = format!(
        "The stored file {} could not be read: {error}. Check the store's disk and rights.",
        path.display()
    );
    DocumentError::new(ErrorCode::Internal, message)
}
