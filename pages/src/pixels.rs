//! From whatever an image file holds to RGB on white paper.

use image::{DynamicImage, RgbImage};

/// Drops the alpha channel the way a viewer does: what is transparent shows white paper, not black ink.
pub(crate) fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba = image.into_rgba8();
    let (width, height) = rgba.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let [r, g, b, alpha] = rgba.get_pixel(x, y).0;
        image::Rgb([r, g, b].map(|channel| over_white(channel, alpha)))
    })
}

fn over_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u16::from(channel), u16::from(alpha));
    ((channel * alpha + 255 * (255 - alpha)) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};

    #[test]
    fn transparency_shows_paper() {
        let clear = RgbaImage::from_pixel(1, 1, Rgba([0, 0, 0, 0]));
        assert_eq!(on_white(clear.into()).get_pixel(0, 0).0, [255, 255, 255]);
        let ink = RgbaImage::from_pixel(1, 1, Rgba([10, 20, 30, 255]));
        assert_eq!(on_white(ink.into()).get_pixel(0, 0).0, [10, 20, 30]);
    }
}
