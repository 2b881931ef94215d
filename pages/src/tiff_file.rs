//! TIFF: any number of pages, each with its own size and compression.

use crate::density;
use crate::error::{corrupt, guarded, too_many_pages, too_many_pixels};
use crate::limits::Limits;
use crate::pixels::Pixels;
use crate::shape::PageShape;
use image::metadata::Orientation;
use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use queue_schema::document::DocumentError;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use tiff::ColorType;
use tiff::decoder::ifd::Value;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

#[derive(Debug)]
pub(crate) struct TiffFile {
    path: PathBuf,
    /// Contents of each page's directory. An unreadable directory fails only its page.
    pages: Vec<Result<TiffPage, DocumentError>>,
}

#[derive(Debug, Clone, Copy)]
struct TiffPage {
    shape: PageShape,
    orientation: Orientation,
}

type FileDecoder = Decoder<BufReader<File>>;

impl TiffFile {
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<TiffFile, DocumentError> {
        guarded("The TIFF", || {
            let mut decoder = decoder(path, limits)?;
            let mut pages = vec![read_page(&mut decoder, limits)];
            while decoder.more_images() {
                if pages.len() == limits.max_pages {
                    return Err(too_many_pages(pages.len() + 1, limits.max_pages));
                }
                pages.push(match decoder.next_image() {
                    Ok(()) => read_page(&mut decoder, limits),
                    Err(error) => Err(unreadable(&error)),
                });
            }
            match pages.as_slice() {
                [Err(only)] => Err(only.clone()),
                _ => Ok(TiffFile {
                    path: path.to_owned(),
                    pages,
                }),
            }
        })
    }

    pub(crate) fn page_count(&self) -> usize {
        self.pages.len()
    }

    pub(crate) fn shape(&self, n: usize) -> Result<PageShape, DocumentError> {
        self.page(n).map(|page| page.shape)
    }

    pub(crate) fn render(&self, n: usize, limits: &Limits) -> Result<Pixels, DocumentError> {
        let page = self.page(n)?;
        let mut decoder = decoder(&self.path, limits)?;
        decoder.seek_to_image(n).map_err(|error| unreadable(&error))?;
        let (width, height) = decoder.dimensions().map_err(|error| unreadable(&error))?;
        let colour = decoder.colortype().map_err(|error| unreadable(&error))?;
        let samples = decoder.read_image().map_err(|error| unreadable(&error))?;
        let mut image = to_image(width, height, colour, samples)
            .ok_or_else(|| corrupt(format_args!("The TIFF's pixel format ({colour:?}) is not supported")))?;
        image.apply_orientation(page.orientation);
        Ok(Pixels::on_white(image))
    }

    fn page(&self, n: usize) -> Result<TiffPage, DocumentError> {
        self.pages
            .get(n)
            .cloned()
            .unwrap_or_else(|| Err(corrupt("The TIFF lacks the page")))
    }
}

fn decoder(path: &Path, limits: &Limits) -> Result<FileDecoder, DocumentError> {
    let file = File::open(path).map_err(|error| corrupt(format_args!("The file could not be read: {error}")))?;
    let mut decode_limits = tiff::decoder::Limits::default();
    decode_limits.decoding_buffer_size = usize::try_from(limits.max_pixels.saturating_mul(8)).unwrap_or(usize::MAX);
    decode_limits.intermediate_buffer_size = decode_limits.decoding_buffer_size;
    let decoder = Decoder::new(BufReader::new(file)).map_err(|error| unreadable(&error))?;
    Ok(decoder.with_limits(decode_limits))
}

fn unreadable(error: &tiff::TiffError) -> DocumentError {
    corrupt(format_args!("The TIFF could not be read ({error})"))
}

fn read_page(decoder: &mut FileDecoder, limits: &Limits) -> Result<TiffPage, DocumentError> {
    let (width, height) = decoder.dimensions().map_err(|error| unreadable(&error))?;
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(too_many_pixels(width, height, limits.max_pixels));
    }
    if width == 0 || height == 0 {
        return Err(corrupt("The TIFF's page has no pixels"));
    }
    let unit = decoder
        .find_tag_unsigned::<u16>(Tag::ResolutionUnit)
        .ok()
        .flatten()
        .unwrap_or(2);
    let across = resolution(decoder, Tag::XResolution);
    let down = resolution(decoder, Tag::YResolution);
    let claimed = across.and_then(|resolution| density::from_tiff_tags(resolution, unit));
    let dpi = density::believable(claimed, width, height);
    // Faxes have half the vertical resolution: 204 by 98 dots per inch.
    let aspect = match (across, down) {
        (Some(x), Some(y)) if x > 0.0 && (0.25..=4.0).contains(&(y / x)) => y / x,
        _ => 1.0,
    };
    let code = decoder
        .find_tag_unsigned::<u8>(Tag::Orientation)
        .ok()
        .flatten()
        .unwrap_or(1);
    let orientation = Orientation::from_exif(code).unwrap_or(Orientation::NoTransforms);
    let (wide, high) = (width as f32 * 72.0 / dpi, height as f32 * 72.0 / (dpi * aspect));
    let on_side = code >= 5;
    let shape = if on_side {
        PageShape {
            width: high,
            height: wide,
        }
    } else {
        PageShape {
            width: wide,
            height: high,
        }
    };
    Ok(TiffPage { shape, orientation })
}

fn resolution(decoder: &mut FileDecoder, tag: Tag) -> Option<f32> {
    match decoder.find_tag(tag).ok().flatten()? {
        Value::Rational(numerator, denominator) if denominator != 0 => Some(numerator as f32 / denominator as f32),
        value => value.into_f32().ok(),
    }
}

/// `None` for pixel formats that documents do not use (floating point, signed, more than 16 bits).
fn to_image(width: u32, height: u32, colour: ColorType, samples: DecodingResult) -> Option<DynamicImage> {
    let (samples, packed) = match samples {
        DecodingResult::U8(samples) => (samples, true),
        DecodingResult::U16(samples) => (samples.into_iter().map(|sample| (sample >> 8) as u8).collect(), false),
        _ => return None,
    };
    match colour {
        ColorType::Gray(bits @ (1 | 2 | 4)) if packed => {
            GrayImage::from_raw(width, height, unpack(&samples, width, height, bits)?).map(Into::into)
        }
        ColorType::Gray(8 | 16) => GrayImage::from_raw(width, height, samples).map(Into::into),
        ColorType::GrayA(8 | 16)
        | ColorType::Multiband {
            bit_depth: 8 | 16,
            num_samples: 2,
        } => GrayAlphaImage::from_raw(width, height, samples).map(Into::into),
        ColorType::RGB(8 | 16) => RgbImage::from_raw(width, height, samples).map(Into::into),
        ColorType::RGBA(8 | 16) => RgbaImage::from_raw(width, height, samples).map(Into::into),
        ColorType::CMYK(8 | 16) => rgb_of(width, height, &samples, |[c, m, y, k]: [u8; 4]| {
            [c, m, y].map(|ink| (u16::from(255 - ink) * u16::from(255 - k) / 255) as u8)
        }),
        ColorType::YCbCr(8) => rgb_of(width, height, &samples, ycbcr_to_rgb),
        _ => None,
    }
}

/// Unpacks samples of 1, 2 or 4 bits, whose rows start on byte boundaries, into bytes.
fn unpack(packed: &[u8], width: u32, height: u32, bits: u8) -> Option<Vec<u8>> {
    let (width, height, bits) = (width as usize, height as usize, usize::from(bits));
    let stride = (width * bits).div_ceil(8);
    let (per_byte, max) = (8 / bits, (1u16 << bits) - 1);
    let mut bytes = Vec::with_capacity(width * height);
    for row in packed.get(..stride * height)?.chunks_exact(stride) {
        bytes.extend((0..width).map(|x| {
            let shift = 8 - bits * (x % per_byte + 1);
            (u16::from(row[x / per_byte] >> shift) & max).wrapping_mul(255 / max) as u8
        }));
    }
    Some(bytes)
}

fn rgb_of<const N: usize>(
    width: u32,
    height: u32,
    samples: &[u8],
    rgb: impl Fn([u8; N]) -> [u8; 3],
) -> Option<DynamicImage> {
    let (pixels, _) = samples.as_chunks::<N>();
    RgbImage::from_raw(width, height, pixels.iter().flat_map(|&pixel| rgb(pixel)).collect()).map(Into::into)
}

/// ITU-R BT.601, full range, as in JFIF.
fn ycbcr_to_rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb].map(|channel| channel.clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacks_bits_row_by_row() {
        // Nine pixels wide: each row takes two bytes, of which the second has one used bit.
        let packed = [0b1010_1010, 0b1000_0000, 0b0000_0000, 0b0111_1111];
        let bytes = unpack(&packed, 9, 2, 1).expect("enough bytes");
        assert_eq!(&bytes[..9], &[255, 0, 255, 0, 255, 0, 255, 0, 255]);
        assert_eq!(&bytes[9..], &[0; 9]);
        assert_eq!(unpack(&[0x1f], 2, 1, 4), Some(vec![17, 255]));
        assert_eq!(unpack(&packed, 9, 3, 1), None);
    }

    #[test]
    fn converts_print_and_video_colours() {
        assert_eq!(ycbcr_to_rgb([255, 128, 128]), [255, 255, 255]);
        assert_eq!(ycbcr_to_rgb([0, 128, 128]), [0, 0, 0]);
    }
}
