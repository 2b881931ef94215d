//! PNG, JPEG and WebP: one page per file.

use crate::density;
use crate::error::{corrupt, guarded, page_too_large, too_many_pixels};
use crate::limits::Limits;
use crate::pixels::Pixels;
use crate::shape::PageShape;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use queue_schema::content_type::ContentType;
use queue_schema::document::DocumentError;
use std::io::Cursor;
use std::path::Path;

pub(crate) struct RasterFile {
    bytes: Vec<u8>,
    format: ImageFormat,
    orientation: Orientation,
    shape: PageShape,
}

impl std::fmt::Debug for RasterFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RasterFile")
            .field("format", &self.format)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

impl RasterFile {
    pub(crate) fn open(path: &Path, content_type: ContentType, limits: &Limits) -> Result<RasterFile, DocumentError> {
        let bytes =
            std::fs::read(path).map_err(|error| corrupt(format_args!("The file could not be read: {error}")))?;
        let format = match content_type {
            ContentType::Png => ImageFormat::Png,
            ContentType::WebP => ImageFormat::WebP,
            _ => ImageFormat::Jpeg,
        };
        guarded("The image", || Self::read_header(bytes, format, limits))
    }

    fn read_header(bytes: Vec<u8>, format: ImageFormat, limits: &Limits) -> Result<RasterFile, DocumentError> {
        let mut decoder = decoder(&bytes, format, limits)?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > limits.max_pixels {
            return Err(too_many_pixels(width, height, limits.max_pixels));
        }
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let exif = decoder.exif_metadata().ok().flatten();
        drop(decoder);
        let claimed = match format {
            ImageFormat::Png => density::of_png(&bytes),
            ImageFormat::Jpeg => density::of_jpeg(&bytes),
            _ => None,
        };
        let claimed = claimed.or_else(|| exif.as_deref().and_then(density::of_exif));
        let dpi = density::believable(claimed, width, height);
        let (width, height) = if lies_on_its_side(orientation) {
            (height, width)
        } else {
            (width, height)
        };
        let points = |pixels: u32| pixels as f32 * 72.0 / dpi;
        let shape = PageShape {
            width: points(width),
            height: points(height),
        };
        Ok(RasterFile {
            bytes,
            format,
            orientation,
            shape,
        })
    }

    pub(crate) fn shape(&self) -> PageShape {
        self.shape
    }

    pub(crate) fn render(&self, limits: &Limits) -> Result<Pixels, DocumentError> {
        let decoder = decoder(&self.bytes, self.format, limits)?;
        let decoded = DynamicImage::from_decoder(decoder);
        let mut image = decoded.map_err(|error| corrupt(format_args!("The image could not be decoded ({error})")))?;
        image.apply_orientation(self.orientation);
        Ok(Pixels::on_white(image))
    }
}

fn decoder<'a>(bytes: &'a [u8], format: ImageFormat, limits: &Limits) -> Result<impl ImageDecoder + 'a, DocumentError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut decode_limits = image::Limits::default();
    // Up to four channels of 16 bits, and the same again for the decoder's own buffers.
    decode_limits.max_alloc = Some(limits.max_pixels.saturating_mul(16));
    reader.limits(decode_limits);
    reader.into_decoder().map_err(|error| match error {
        ImageError::Limits(_) => page_too_large("The image has more pixels than can be held"),
        error => corrupt(format_args!("The image could not be opened ({error})")),
    })
}

fn lies_on_its_side(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}
