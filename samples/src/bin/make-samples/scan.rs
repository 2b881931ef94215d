//! Prints a page and scans it again, badly: turned a little, shaded, noisy, in gray.

use crate::pdf::{self, PdfPage, Scan};
use crate::sheet::Sheet;
use anyhow::Context;
use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use image::{GrayImage, Luma};
use pages::{Document, Limits};

#[derive(Debug, Clone, Copy)]
pub struct Scanner {
    pub dpi: u16,
    /// How far the sheet lay askew, clockwise.
    pub degrees: f32,
    /// Standard deviation of the noise, of 255.
    pub noise: f32,
    /// How much darker the far corner is, of 255.
    pub shade: f32,
    pub jpeg_quality: u8,
}

impl Scanner {
    pub fn scan(&self, sheet: Sheet) -> anyhow::Result<Scan> {
        let printed = tempfile::NamedTempFile::new()?;
        std::fs::write(&printed, pdf::file("print", "print", vec![PdfPage::Drawn(sheet)]))?;
        let document = Document::open(printed.path(), &Limits::default())?;
        let page = document.render(0, f32::from(self.dpi))?.into_grey();
        let seen = self.degrade(&page);
        let mut jpeg = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, self.jpeg_quality);
        encoder.set_pixel_density(PixelDensity::dpi(self.dpi));
        encoder.encode_image(&seen).context("a scan could not be coded")?;
        Ok(Scan {
            jpeg,
            width: seen.width(),
            height: seen.height(),
        })
    }

    fn degrade(&self, page: &GrayImage) -> GrayImage {
        let (width, height) = page.dimensions();
        let (center_x, center_y) = (width as f32 / 2.0, height as f32 / 2.0);
        let (sin, cos) = self.degrees.to_radians().sin_cos();
        let mut noise = Noise(0x2545_F491_4F6C_DD1D);
        GrayImage::from_fn(width, height, |x, y| {
            let (dx, dy) = (x as f32 - center_x, y as f32 - center_y);
            let paper = sample(page, center_x + cos * dx + sin * dy, center_y - sin * dx + cos * dy);
            let shade = self.shade * (x as f32 / width as f32 + y as f32 / height as f32) / 2.0;
            // Ink is never quite black, paper never quite white.
            let value = 38.0 + paper * (246.0 - 38.0) / 255.0 - shade + self.noise * noise.next();
            Luma([value.round().clamp(0.0, 255.0) as u8])
        })
    }
}

/// The value between pixels, by bilinear interpolation; white beyond the edge.
fn sample(page: &GrayImage, x: f32, y: f32) -> f32 {
    let at = |x: i64, y: i64| -> f32 {
        let pixel = u32::try_from(x)
            .ok()
            .zip(u32::try_from(y).ok())
            .and_then(|(x, y)| page.get_pixel_checked(x, y));
        pixel.map_or(255.0, |p| f32::from(p[0]))
    };
    let (left, top) = (x.floor(), y.floor());
    let (right, down) = (x - left, y - top);
    let (left, top) = (left as i64, top as i64);
    let upper = at(left, top) * (1.0 - right) + at(left + 1, top) * right;
    let lower = at(left, top + 1) * (1.0 - right) + at(left + 1, top + 1) * right;
    upper * (1.0 - down) + lower * down
}

/// The same noise on every run: xorshift64* (Vigna 2016), three uniform numbers summed to something like a bell curve.
struct Noise(u64);

impl Noise {
    /// Mean 0, standard deviation 1.
    fn next(&mut self) -> f32 {
        (self.uniform() + self.uniform() + self.uniform() - 1.5) * 2.0
    }

    fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40;
        bits as f32 / (1u64 << 24) as f32
    }
}
