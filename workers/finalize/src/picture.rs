//! The picture of a page in an encoding that a PDF can embed: JPEG, deflated rows or Group 4 fax.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageEncoder, ImageResult};
use miniz_oxide::deflate::compress_to_vec_zlib;
use pages::Pixels;
use pdf_writer::{Chunk, Filter, Name, Ref};

/// Meaning of the samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Color {
    Gray,
    Rgb,
    Cmyk,
    /// The palette: red, green and blue of each index.
    Indexed(Vec<u8>),
}

impl Color {
    pub fn channels(&self) -> i32 {
        match self {
            Color::Gray | Color::Indexed(_) => 1,
            Color::Rgb => 3,
            Color::Cmyk => 4,
        }
    }
}

/// Encoding of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// `inverted`: 0 is full ink, as Adobe's programs write four-channel JPEGs.
    Jpeg { inverted: bool },
    /// zlib over packed rows; with `png_rows` each row starts with its PNG filter type.
    Deflate { png_rows: bool },
    /// CCITT Group 4. `black_is_1`: the coder's black runs are the picture's white.
    Group4 { black_is_1: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub bits_per_channel: u8,
    pub color: Color,
    pub coding: Coding,
    pub bytes: Vec<u8>,
    /// How a viewer must transform the picture to show it upright.
    pub orientation: Orientation,
}

/// How to store pixels that were decoded or rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    Lossless,
    /// JPEG of this quality (1 to 100), for pixels that were already stored with loss, or rendered.
    Lossy(u8),
}

impl Picture {
    /// Upright pixels, in the fewest bits that hold them.
    pub fn encode(pixels: Pixels, store: Store) -> ImageResult<Picture> {
        let pixels = pixels.without_needless_colour();
        if let Pixels::Grey(image) = &pixels
            && image.as_raw().iter().all(|grey| matches!(grey, 0 | 255))
        {
            return Ok(Picture::black_and_white(image));
        }
        let image = pixels.into_dynamic();
        match store {
            Store::Lossless => Picture::deflated(&image),
            Store::Lossy(quality) => Picture::jpeg(&image, quality),
        }
    }

    fn black_and_white(pixels: &GrayImage) -> Picture {
        let (width, height) = pixels.dimensions();
        let mut rows = Vec::with_capacity(width.div_ceil(8) as usize * height as usize);
        for row in pixels.rows() {
            let bits: Vec<bool> = row.map(|p| p[0] != 0).collect();
            rows.extend(bits.chunks(8).map(|byte| {
                byte.iter()
                    .enumerate()
                    .fold(0u8, |packed, (i, &white)| packed | (u8::from(white) << (7 - i)))
            }));
        }
        Picture {
            width,
            height,
            bits_per_channel: 1,
            color: Color::Gray,
            coding: Coding::Deflate { png_rows: false },
            bytes: compress_to_vec_zlib(&rows, 6),
            orientation: Orientation::NoTransforms,
        }
    }

    fn deflated(image: &DynamicImage) -> ImageResult<Picture> {
        let mut file = Vec::new();
        PngEncoder::new(&mut file).write_image(
            image.as_bytes(),
            image.width(),
            image.height(),
            image.color().into(),
        )?;
        crate::png::picture(&file).ok_or_else(|| not_as_expected("PNG"))
    }

    fn jpeg(image: &DynamicImage, quality: u8) -> ImageResult<Picture> {
        let mut file = Vec::new();
        JpegEncoder::new_with_quality(&mut file, quality).encode_image(image)?;
        crate::jpeg::picture(file).ok_or_else(|| not_as_expected("JPEG"))
    }

    /// The picture as the image object `id`.
    pub fn write(&self, id: Ref, chunk: &mut Chunk) {
        let mut object = chunk.image_xobject(id, &self.bytes);
        object.width(self.width as i32).height(self.height as i32);
        object.bits_per_component(i32::from(self.bits_per_channel));
        match &self.color {
            Color::Gray => object.color_space().device_gray(),
            Color::Rgb => object.color_space().device_rgb(),
            Color::Cmyk => object.color_space().device_cmyk(),
            Color::Indexed(palette) => {
                object
                    .color_space()
                    .indexed(Name(b"DeviceRGB"), (palette.len() / 3) as i32 - 1, palette);
            }
        }
        match self.coding {
            Coding::Jpeg { inverted } => {
                object.filter(Filter::DctDecode);
                if inverted {
                    object.decode([1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
                }
            }
            Coding::Deflate { png_rows } => {
                object.filter(Filter::FlateDecode);
                if png_rows {
                    let mut rows = object.decode_parms();
                    rows.predictor(pdf_writer::types::Predictor::PngOptimum);
                    rows.colors(self.color.channels());
                    rows.bits_per_component(i32::from(self.bits_per_channel));
                    rows.columns(self.width as i32);
                }
            }
            Coding::Group4 { black_is_1 } => {
                object.filter(Filter::CcittFaxDecode);
                let mut fax = object.decode_parms();
                fax.k(-1)
                    .columns(self.width as i32)
                    .rows(self.height as i32)
                    .black_is_1(black_is_1);
                fax.end_of_block(false);
            }
        }
    }

    /// The matrix that puts the picture upright on a page of the given size (y up).
    pub fn placement(&self, w: f32, h: f32) -> [f32; 6] {
        match self.orientation {
            Orientation::NoTransforms => [w, 0.0, 0.0, h, 0.0, 0.0],
            Orientation::Rotate90 => [0.0, -h, w, 0.0, 0.0, h],
            Orientation::Rotate180 => [-w, 0.0, 0.0, -h, w, h],
            Orientation::Rotate270 => [0.0, h, -w, 0.0, w, 0.0],
            Orientation::FlipHorizontal => [-w, 0.0, 0.0, h, w, 0.0],
            Orientation::FlipVertical => [w, 0.0, 0.0, -h, 0.0, h],
            Orientation::Rotate90FlipH => [0.0, -h, -w, 0.0, w, h],
            Orientation::Rotate270FlipH => [0.0, h, w, 0.0, 0.0, 0.0],
        }
    }
}

fn not_as_expected(format: &str) -> image::ImageError {
    image::ImageError::IoError(std::io::Error::other(format!(
        "the {format} encoder wrote a form that PDF cannot hold"
    )))
}
