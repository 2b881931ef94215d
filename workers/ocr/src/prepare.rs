//! Prepares a page's pixels for recognition: grey, level, and with letters of the size that Tesseract handles best.

use crate::ink::Ink;
use image::GrayImage;
use queue_schema::document::Rect;
use std::borrow::Cow;

/// Resolution to tell Tesseract: ordinary print has letters of the requested height at about this resolution.
pub(crate) const PREPARED_DPI: u32 = 300;
const SCALES: std::ops::RangeInclusive<f32> = 0.4..=3.0;
/// Scaling by less than this factor costs time and gains nothing.
const WORTH_SCALING: f32 = 1.2;
/// In degrees. Less skew is lost in the unevenness of the letters.
const WORTH_LEVELLING: f32 = 0.25;
/// Most pixels of a prepared image, which bounds time and memory.
const MAX_PIXELS: f32 = 30e6;
/// Ink is measured on an image of about this many pixels.
const MEASURED_PIXELS: f32 = 4e6;

/// An image to recognise, and the mapping from its pixels back to the page's.
pub(crate) struct Prepared<'p> {
    pub image: Cow<'p, GrayImage>,
    pub mapping: Mapping,
}

/// The mapping back to the page. The page was turned clockwise by quarter turns, levelled, then scaled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mapping {
    /// Size of the original page image.
    page: (f32, f32),
    quarter_turns: u8,
    skew: f32,
    scale: f32,
}

/// Turns the page clockwise by `quarter_turns`, levels it, and scales it so that the body of a letter is `letter_height` pixels
/// high.
pub(crate) fn prepare(page: &GrayImage, quarter_turns: u8, letter_height: f32) -> Prepared<'_> {
    let size = (page.width() as f32, page.height() as f32);
    let turned = turn(page, quarter_turns);
    let ratio = (size.0 * size.1 / MEASURED_PIXELS).sqrt().max(1.0);
    let ink = if ratio > 1.0 {
        Ink::of(&scaled(&turned, 1.0 / ratio))
    } else {
        Ink::of(&turned)
    };
    let scale = choose_scale(ink.letter_height().map(|height| letter_height / (height * ratio)), size);
    let skew = Some(ink.skew())
        .filter(|skew| skew.abs() >= WORTH_LEVELLING)
        .unwrap_or(0.0);
    let level = if skew == 0.0 {
        turned
    } else {
        Cow::Owned(levelled(&turned, skew))
    };
    let image = if scale == 1.0 {
        level
    } else {
        Cow::Owned(scaled(&level, scale))
    };
    Prepared {
        image,
        mapping: Mapping {
            page: size,
            quarter_turns: quarter_turns % 4,
            skew,
            scale,
        },
    }
}

/// `wanted` within bounds. 1 if it is unknown.
fn choose_scale(wanted: Option<f32>, (width, height): (f32, f32)) -> f32 {
    let wanted = wanted.unwrap_or(1.0).clamp(*SCALES.start(), *SCALES.end());
    let scale = if (1.0 / WORTH_SCALING..WORTH_SCALING).contains(&wanted) {
        1.0
    } else {
        wanted
    };
    scale.min((MAX_PIXELS / (width * height)).sqrt())
}

/// Clockwise.
fn turn(image: &GrayImage, quarter_turns: u8) -> Cow<'_, GrayImage> {
    match quarter_turns % 4 {
        0 => Cow::Borrowed(image),
        1 => Cow::Owned(image::imageops::rotate90(image)),
        2 => Cow::Owned(image::imageops::rotate180(image)),
        _ => Cow::Owned(image::imageops::rotate270(image)),
    }
}

fn scaled(image: &GrayImage, scale: f32) -> GrayImage {
    let side = |pixels: u32| ((pixels as f32 * scale).round() as u32).max(1);
    pages::scaled(image, side(image.width()), side(image.height()))
}

/// Rotated about its middle by `-degrees`, at the same size. The corners are filled with white.
fn levelled(image: &GrayImage, degrees: f32) -> GrayImage {
    let (width, height) = image.dimensions();
    let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
    let (middle_x, middle_y) = (f64::from(width) / 2.0, f64::from(height) / 2.0);
    let fixed = |number: f64| (number * ONE as f64).round() as i64;
    let (step_x, step_y) = (fixed(cos), fixed(sin));
    let mut bytes = Vec::with_capacity(image.as_raw().len());
    for y in 0..height {
        let dy = f64::from(y) - middle_y;
        let mut at_x = fixed(middle_x - middle_x * cos - dy * sin);
        let mut at_y = fixed(middle_y - middle_x * sin + dy * cos);
        for _ in 0..width {
            bytes.push(between_pixels(image, at_x, at_y));
            (at_x, at_y) = (at_x + step_x, at_y + step_y);
        }
    }
    GrayImage::from_raw(width, height, bytes).expect("a byte a pixel")
}

/// One pixel in the fixed-point numbers of [`levelled`]. A row of 2^15 pixels, more than an image has, ends within a quarter of
/// a pixel of its exact place.
const ONE: i64 = 1 << 16;

/// Bilinear interpolation, white beyond the edges. Coordinates are in units of 1/[`ONE`] pixel.
fn between_pixels(image: &GrayImage, x: i64, y: i64) -> u8 {
    let (left, top) = (x.div_euclid(ONE), y.div_euclid(ONE));
    let (right_part, lower_part) = (x.rem_euclid(ONE) >> 8, y.rem_euclid(ONE) >> 8);
    let (width, height) = (image.width() as usize, image.height() as usize);
    let grey = |x: i64, y: i64| match (usize::try_from(x), usize::try_from(y)) {
        (Ok(x), Ok(y)) if x < width && y < height => i64::from(image.as_raw()[y * width + x]),
        _ => 255,
    };
    let upper = grey(left, top) * (256 - right_part) + grey(left + 1, top) * right_part;
    let lower = grey(left, top + 1) * (256 - right_part) + grey(left + 1, top + 1) * right_part;
    ((upper * (256 - lower_part) + lower * lower_part + (1 << 15)) >> 16) as u8
}

impl Mapping {
    /// Maps a box in the prepared image to one in the page's image, both in pixels.
    ///
    /// When a word is levelled back it keeps its width and height, and only its middle moves: the upright box around a tilted
    /// word would include its neighbours.
    pub(crate) fn to_page(self, pixels: [i32; 4]) -> Rect {
        let [x0, y0, x1, y1] = pixels.map(|pixel| pixel as f32 / self.scale);
        let lies_on_side = self.quarter_turns % 2 == 1;
        let (width, height) = if lies_on_side {
            (self.page.1, self.page.0)
        } else {
            self.page
        };
        let (sin, cos) = self.skew.to_radians().sin_cos();
        let (dx, dy) = ((x0 + x1 - width) / 2.0, (y0 + y1 - height) / 2.0);
        let (x, y) = (width / 2.0 + dx * cos - dy * sin, height / 2.0 + dx * sin + dy * cos);
        let (half_width, half_height) = ((x1 - x0) / 2.0, (y1 - y0) / 2.0);
        let (left, right) = (x - half_width, x + half_width);
        let (top, bottom) = (y - half_height, y + half_height);
        let (page_width, page_height) = self.page;
        let [x0, y0, x1, y1] = match self.quarter_turns {
            0 => [left, top, right, bottom],
            1 => [top, page_height - right, bottom, page_height - left],
            2 => [
                page_width - right,
                page_height - bottom,
                page_width - left,
                page_height - top,
            ],
            _ => [page_width - bottom, left, page_width - top, right],
        };
        Rect {
            x0: x0.clamp(0.0, page_width),
            y0: y0.clamp(0.0, page_height),
            x1: x1.clamp(0.0, page_width),
            y1: y1.clamp(0.0, page_height),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_mark() -> GrayImage {
        let mut image = GrayImage::from_pixel(100, 60, image::Luma([255]));
        for (x, y) in (10..30).flat_map(|x| (5..15).map(move |y| (x, y))) {
            image.put_pixel(x, y, image::Luma([0]));
        }
        image
    }

    fn mark_in(image: &GrayImage) -> [i32; 4] {
        let ink: Vec<(i32, i32)> = image
            .enumerate_pixels()
            .filter(|(.., p)| p.0[0] < 128)
            .map(|(x, y, _)| (x as i32, y as i32))
            .collect();
        let x = || ink.iter().map(|p| p.0);
        let y = || ink.iter().map(|p| p.1);
        let (Some(left), Some(right), Some(top), Some(bottom)) = (x().min(), x().max(), y().min(), y().max()) else {
            panic!("no mark");
        };
        [left, top, right + 1, bottom + 1]
    }

    #[test]
    fn boxes_find_their_way_back_from_every_turn() {
        let page = with_mark();
        for quarter_turns in 0..4 {
            let turned = turn(&page, quarter_turns);
            let mapping = Mapping {
                page: (100.0, 60.0),
                quarter_turns,
                skew: 0.0,
                scale: 1.0,
            };
            let back = mapping.to_page(mark_in(&turned));
            assert_eq!(<[f32; 4]>::from(back), [10.0, 5.0, 30.0, 15.0], "{quarter_turns}");
        }
    }

    #[test]
    fn boxes_find_their_way_back_from_levelling_and_scaling() {
        let mut page = GrayImage::from_pixel(1000, 600, image::Luma([255]));
        for (x, y) in (100..120).flat_map(|x| (50..60).map(move |y| (x, y))) {
            page.put_pixel(x, y, image::Luma([0]));
        }
        let (skew, scale) = (3.0, 2.0);
        let prepared = scaled(&levelled(&page, skew), scale);
        let mapping = Mapping {
            page: (1000.0, 600.0),
            quarter_turns: 0,
            skew,
            scale,
        };
        let back = mapping.to_page(mark_in(&prepared));
        for (got, expected) in <[f32; 4]>::from(back).into_iter().zip([100.0, 50.0, 120.0, 60.0]) {
            assert!((got - expected).abs() < 2.0, "{back:?}");
        }
    }

    #[test]
    fn scaling_stays_within_bounds() {
        assert_eq!(choose_scale(Some(2.5), (800.0, 1000.0)), 2.5);
        assert_eq!(choose_scale(Some(9.0), (800.0, 1000.0)), 3.0);
        assert_eq!(choose_scale(Some(0.3), (5000.0, 7000.0)), 0.4);
        assert_eq!(choose_scale(Some(1.1), (2000.0, 3000.0)), 1.0);
        assert_eq!(choose_scale(None, (2000.0, 3000.0)), 1.0);
        let scale = choose_scale(Some(1.0), (10_000.0, 10_000.0));
        assert!(scale * scale * 1e8 <= MAX_PIXELS * 1.01);
    }
}
