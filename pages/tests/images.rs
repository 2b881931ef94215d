//! Images made on the spot: orientation, transparency, pages of a TIFF, limits.

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use pages::{ContentType, Document, Limits, Pixels};
use queue_schema::document::{DocumentError, ErrorCode};
use std::io::Cursor;
use tempfile::TempDir;
use tiff::encoder::{Rational, TiffEncoder, colortype};
use tiff::tags::{ResolutionUnit, Tag};

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

fn open(bytes: &[u8]) -> Result<(Document, TempDir), DocumentError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("named-whatever.pdf");
    std::fs::write(&path, bytes).expect("written");
    Ok((Document::open(&path, &Limits::default())?, folder))
}

/// Red on the left, blue on the right.
fn two_halves() -> RgbImage {
    RgbImage::from_fn(64, 32, |x, _| if x < 32 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

#[test]
fn types_are_told_by_content() {
    for (format, expected) in [
        (ImageFormat::Png, ContentType::Png),
        (ImageFormat::Jpeg, ContentType::Jpeg),
        (ImageFormat::WebP, ContentType::WebP),
    ] {
        let (document, _folder) = open(&encoded(&two_halves().into(), format)).expect("opens");
        assert_eq!((document.content_type(), document.page_count()), (expected, 1));
        assert_eq!(document.render(0, 300.0).expect("renders").dimensions(), (64, 32));
        assert!(document.text_layer(0).expect("no error").is_none());
    }
}

#[test]
fn a_photographs_orientation_is_applied() {
    let jpeg = encoded(&two_halves().into(), ImageFormat::Jpeg);
    // EXIF orientation 6: to be turned clockwise.
    let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let turned = [&jpeg[..2], exif, &jpeg[2..]].concat();
    let (document, _folder) = open(&turned).expect("opens");
    let shape = document.shape(0).expect("a shape");
    assert!(shape.height > shape.width);
    let pixels = document.render(0, 300.0).expect("renders").into_rgb();
    assert_eq!(pixels.dimensions(), (32, 64));
    let (top, bottom) = (pixels.get_pixel(16, 4).0, pixels.get_pixel(16, 60).0);
    assert!(
        top[0] > 200 && top[2] < 60 && bottom[2] > 200 && bottom[0] < 60,
        "{top:?} {bottom:?}"
    );
}

#[test]
fn transparency_is_paper() {
    let glass = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
    let (document, _folder) = open(&encoded(&glass.into(), ImageFormat::Png)).expect("opens");
    assert_eq!(
        document.render(0, 300.0).expect("renders").into_rgb().get_pixel(4, 4).0,
        [255, 255, 255]
    );
}

#[test]
fn a_tiff_has_pages_of_their_own_sizes() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).expect("a TIFF");
    let mut page = encoder.new_image::<colortype::Gray8>(850, 1100).expect("a page");
    page.resolution(ResolutionUnit::Inch, Rational { n: 100, d: 1 });
    page.write_data(&vec![200; 850 * 1100]).expect("written");
    let mut page = encoder.new_image::<colortype::RGB8>(600, 400).expect("a page");
    page.encoder().write_tag(Tag::Orientation, 6u16).expect("written");
    page.write_data(&[10, 20, 30].repeat(600 * 400)).expect("written");
    let (document, _folder) = open(bytes.get_ref()).expect("opens");
    assert_eq!((document.content_type(), document.page_count()), (ContentType::Tiff, 2));
    let shape = document.shape(0).expect("a shape");
    assert_eq!((shape.width.round(), shape.height.round()), (612.0, 792.0));
    let Pixels::Grey(first) = document.render(0, 300.0).expect("renders") else {
        panic!("a grey page has colours")
    };
    assert_eq!(first.get_pixel(7, 7).0, [200]);
    let second = document.render(1, 300.0).expect("renders").into_rgb();
    assert_eq!(
        (second.dimensions(), second.get_pixel(0, 0).0),
        ((400, 600), [10, 20, 30])
    );
}

#[test]
fn a_huge_image_is_refused_by_its_header() {
    // The header of a PNG of 60,000 by 60,000 pixels, with a right checksum, and little else.
    let small = encoded(
        &DynamicImage::from(GrayImage::from_pixel(1, 1, Luma([0]))),
        ImageFormat::Png,
    );
    let mut header = b"IHDR\0\0\xea\x60\0\0\xea\x60\x01\0\0\0\0".to_vec();
    header.extend_from_slice(&crc32(&header).to_be_bytes());
    let huge = [&small[..8], b"\0\0\0\x0d", &header, &small[33..]].concat();
    assert_eq!(
        open(&huge).map(|_| ()).expect_err("refused").code,
        ErrorCode::PageTooLarge
    );
}

#[test]
fn half_an_image_is_an_error_or_half_a_page() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = encoded(&two_halves().into(), format);
        for length in [whole.len() / 2, whole.len() / 4, 20] {
            match open(&whole[..length]).and_then(|(document, _folder)| document.render(0, 300.0)) {
                Ok(pixels) => assert_eq!(pixels.dimensions(), (64, 32)),
                Err(error) => assert_eq!(error.code, ErrorCode::CorruptFile),
            }
        }
    }
}

/// PNG's checksum (PNG, third edition, annex D), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 {
                0xedb8_8320 ^ (crc >> 1)
            } else {
                crc >> 1
            }
        })
    })
}
