//! A page's pixels: grey if the file is grey, otherwise RGB. Always on white.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, GrayImage, RgbImage};

/// Upright pixels, one byte per channel. Grey pages stay grey up to the OCR engine: that takes a third of the bytes and no
/// conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pixels {
    Grey(GrayImage),
    Rgb(RgbImage),
}

impl Pixels {
    /// From any kind of image file. Transparent parts become white, as in a viewer, not black.
    pub(crate) fn on_white(image: DynamicImage) -> Pixels {
        match image {
            DynamicImage::ImageLuma8(_) | DynamicImage::ImageLuma16(_) => Pixels::Grey(image.into_luma8()),
            DynamicImage::ImageLumaA8(_) | DynamicImage::ImageLumaA16(_) => {
                let image = image.into_luma_alpha8();
                let (pixels, _) = image.as_raw().as_chunks();
                let bytes = pixels.iter().map(|&[grey, alpha]| over_white(grey, alpha)).collect();
                Pixels::grey(image.width(), image.height(), bytes)
            }
            image if image.color().has_alpha() => {
                let image = image.into_rgba8();
                let (pixels, _) = image.as_raw().as_chunks();
                let over_white = |&[r, g, b, alpha]: &[u8; 4]| [r, g, b].map(|channel| over_white(channel, alpha));
                let bytes = pixels.iter().flat_map(over_white).collect();
                Pixels::rgb(image.width(), image.height(), bytes)
            }
            image => Pixels::Rgb(image.into_rgb8()),
        }
    }

    /// From the opaque RGBA of a renderer. Becomes grey if no pixel has a colour, as on most pages.
    pub(crate) fn of_rgba(width: u32, height: u32, rgba: &[u8]) -> Pixels {
        let (pixels, _) = rgba.as_chunks::<4>();
        if pixels.iter().all(|[r, g, b, _]| r == g && g == b) {
            return Pixels::grey(width, height, pixels.iter().map(|pixel| pixel[0]).collect());
        }
        Pixels::rgb(
            width,
            height,
            pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect(),
        )
    }

    /// Becomes grey if all pixels have equal channels.
    pub fn without_needless_colour(self) -> Pixels {
        match &self {
            Pixels::Rgb(image) if image.as_raw().as_chunks().0.iter().all(|[r, g, b]| r == g && g == b) => {
                Pixels::Grey(self.into_grey())
            }
            _ => self,
        }
    }

    fn grey(width: u32, height: u32, bytes: Vec<u8>) -> Pixels {
        Pixels::Grey(GrayImage::from_raw(width, height, bytes).expect("a byte a pixel"))
    }

    fn rgb(width: u32, height: u32, bytes: Vec<u8>) -> Pixels {
        Pixels::Rgb(RgbImage::from_raw(width, height, bytes).expect("three bytes a pixel"))
    }

    pub fn width(&self) -> u32 {
        self.dimensions().0
    }

    pub fn height(&self) -> u32 {
        self.dimensions().1
    }

    /// Width and height.
    pub fn dimensions(&self) -> (u32, u32) {
        match self {
            Pixels::Grey(image) => image.dimensions(),
            Pixels::Rgb(image) => image.dimensions(),
        }
    }

    /// Colours by their luminance (ITU-R BT.709).
    pub fn into_grey(self) -> GrayImage {
        match self {
            Pixels::Grey(image) => image,
            Pixels::Rgb(image) => {
                let (pixels, _) = image.as_raw().as_chunks();
                let bytes = pixels.iter().map(luminance).collect();
                GrayImage::from_raw(image.width(), image.height(), bytes).expect("a byte a pixel")
            }
        }
    }

    pub fn into_rgb(self) -> RgbImage {
        match self {
            Pixels::Grey(image) => {
                let bytes = image.as_raw().iter().flat_map(|&grey| [grey; 3]).collect();
                RgbImage::from_raw(image.width(), image.height(), bytes).expect("three bytes a pixel")
            }
            Pixels::Rgb(image) => image,
        }
    }

    /// For libraries that take any kind of image.
    pub fn into_dynamic(self) -> DynamicImage {
        match self {
            Pixels::Grey(image) => image.into(),
            Pixels::Rgb(image) => image.into(),
        }
    }

    /// The same picture in another size, resampled like [`scaled`].
    pub fn scaled(&self, width: u32, height: u32) -> Pixels {
        match self {
            Pixels::Grey(image) => Pixels::Grey(scaled(image, width, height)),
            Pixels::Rgb(image) => {
                let bytes = resampled(image.as_raw(), image.dimensions(), (width, height), PixelType::U8x3);
                Pixels::rgb(width, height, bytes)
            }
        }
    }

    /// The upper part of the picture, if it is higher than `height`.
    pub fn cropped_to(self, height: u32) -> Pixels {
        let (width, whole) = self.dimensions();
        let height = height.min(whole);
        let pixels = width as usize * height as usize;
        match self {
            Pixels::Grey(image) => {
                let mut bytes = image.into_raw();
                bytes.truncate(pixels);
                Pixels::grey(width, height, bytes)
            }
            Pixels::Rgb(image) => {
                let mut bytes = image.into_raw();
                bytes.truncate(3 * pixels);
                Pixels::rgb(width, height, bytes)
            }
        }
    }
}

/// A grey image in another size. Enlarges with Catmull-Rom, which keeps strokes sharp. Reduces to the mean of the pixels that
/// coincide, weighted by nearness.
pub fn scaled(image: &GrayImage, width: u32, height: u32) -> GrayImage {
    let bytes = resampled(image.as_raw(), image.dimensions(), (width, height), PixelType::U8);
    GrayImage::from_raw(width, height, bytes).expect("a byte a pixel")
}

fn resampled(bytes: &[u8], from: (u32, u32), to: (u32, u32), kind: PixelType) -> Vec<u8> {
    let filter = if to.0 > from.0 {
        FilterType::CatmullRom
    } else {
        FilterType::Bilinear
    };
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .use_alpha(false);
    let source = ImageRef::new(from.0, from.1, bytes, kind).expect("bytes of an image of that size");
    let mut target = Image::new(to.0, to.1, kind);
    let resized = Resizer::new().resize(&source, &mut target, &options);
    resized.expect("two images of one kind, the first used whole");
    target.into_vec()
}

fn luminance(&[r, g, b]: &[u8; 3]) -> u8 {
    ((2126 * u32::from(r) + 7152 * u32::from(g) + 722 * u32::from(b) + 5000) / 10_000) as u8
}

fn over_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u16::from(channel), u16::from(alpha));
    ((channel * alpha + 255 * (255 - alpha)) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayAlphaImage, Luma, LumaA, Rgb, Rgba, RgbaImage};

    #[test]
    fn transparency_shows_paper() {
        let clear = RgbaImage::from_pixel(1, 1, Rgba([0, 0, 0, 0]));
        assert_eq!(Pixels::on_white(clear.into()).into_rgb().as_raw(), &[255, 255, 255]);
        let ink = RgbaImage::from_pixel(1, 1, Rgba([10, 20, 30, 255]));
        assert_eq!(Pixels::on_white(ink.into()).into_rgb().as_raw(), &[10, 20, 30]);
        let grey = GrayAlphaImage::from_pixel(1, 1, LumaA([10, 0]));
        let white = GrayImage::from_pixel(1, 1, Luma([255]));
        assert_eq!(Pixels::on_white(grey.into()), Pixels::Grey(white));
    }

    #[test]
    fn only_what_has_colour_takes_three_bytes() {
        let grey = [7, 7, 7, 255, 9, 9, 9, 255];
        assert_eq!(Pixels::of_rgba(2, 1, &grey), Pixels::grey(2, 1, vec![7, 9]));
        let red = [7, 7, 7, 255, 9, 0, 0, 255];
        let red = Pixels::of_rgba(2, 1, &red);
        assert_eq!(red, Pixels::rgb(2, 1, vec![7, 7, 7, 9, 0, 0]));
        assert_eq!(red.into_grey().as_raw(), &[7, 2]);
    }

    #[test]
    fn scaling_keeps_what_is_seen() {
        // Dark left half, light right half.
        let halves = RgbImage::from_fn(40, 20, |x, _| {
            if x < 20 {
                Rgb([20, 30, 40])
            } else {
                Rgb([220, 230, 240])
            }
        });
        for (width, height) in [(10, 5), (100, 50)] {
            let scaled = Pixels::Rgb(halves.clone()).scaled(width, height);
            assert_eq!(scaled.dimensions(), (width, height));
            let scaled = scaled.into_rgb();
            assert_eq!(scaled.get_pixel(0, 0).0, [20, 30, 40]);
            assert_eq!(scaled.get_pixel(width - 1, height - 1).0, [220, 230, 240]);
        }
        let top = Pixels::Rgb(halves).cropped_to(3);
        assert_eq!((top.dimensions(), top.cropped_to(9).height()), ((40, 3), 3));
    }
}
