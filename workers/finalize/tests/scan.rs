//! PDFs built from pictures.

mod common;

use common::{assert_sound, page, reading, text, word};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, RgbaImage};
use pages::{Document, Limits};
use queue_schema::document::Reading;
use std::fs;
use std::io::Cursor;
use std::path::PathBuf;
use tempfile::TempDir;
use worker_finalize::{Made, searchable_pdf};

struct Result {
    _folder: TempDir,
    path: PathBuf,
}

impl Result {
    /// The first page's pixels, one for each 1/72 inch.
    fn pixels(&self) -> RgbImage {
        let document = Document::open(&self.path, &Limits::default()).expect("the result opens");
        document.render(0, 72.0).expect("its page is shown").into_rgb()
    }
}

fn make(original: &[u8], reading: &Reading) -> Result {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, path) = (folder.path().join("original"), folder.path().join("searchable.pdf"));
    fs::write(&from, original).expect("the original");
    let made = searchable_pdf(&from, reading, &path).expect("a searchable PDF");
    assert_eq!(made, Made::Rebuilt);
    assert_sound(&path);
    Result { _folder: folder, path }
}

/// 100 wide, 60 high, white but for a red patch at the top left.
fn marked() -> RgbImage {
    RgbImage::from_fn(100, 60, |x, y| {
        if x < 30 && y < 20 {
            Rgb([220, 0, 0])
        } else {
            Rgb([255, 255, 255])
        }
    })
}

fn coded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.into().write_to(&mut file, format).expect("coded");
    file.into_inner()
}

fn is_red(pixel: &Rgb<u8>) -> bool {
    pixel[0] > 180 && pixel[1] < 80
}

fn empty(width: f32, height: f32) -> Reading {
    reading(vec![page(1, (width, height), Vec::new())])
}

#[test]
fn any_script_can_be_found_and_lines_keep_their_order() {
    let lines = ["Grüße aus Köln, 5 €", "漢字 かな 한국어", "Ελληνικά Привет", "😀 𝒜 ﬁ"];
    let words = lines
        .iter()
        .zip(0..)
        .flat_map(|(text, line)| {
            let y = 20.0 + 30.0 * line as f32;
            text.split(' ').zip(0..).map(move |(text, i)| {
                let x = 20.0 + 75.0 * i as f32;
                word(text, [x, y, x + 70.0, y + 14.0], line)
            })
        })
        .collect();
    let result = make(
        &coded(GrayImage::new(40, 20), ImageFormat::Png),
        &reading(vec![page(1, (400.0, 200.0), words)]),
    );
    let Some(text) = text(&result.path) else { return };
    let found: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::trim)
        .collect();
    // Poppler spells the ligature out.
    assert_eq!(found[..3], lines[..3]);
    assert!(found[3].contains('😀') && found[3].contains('𝒜'), "{found:?}");
}

#[test]
fn neighbouring_words_with_other_ink_heights_stay_on_one_line() {
    let words = vec![
        word("are", [20.0, 53.0, 40.0, 60.0], 0),
        word("gone", [44.0, 53.0, 70.0, 63.0], 0),
        word("Totally", [74.0, 50.0, 110.0, 63.0], 0),
        word("-", [114.0, 55.0, 118.0, 56.0], 0),
        word("42", [122.0, 50.0, 134.0, 60.0], 0),
    ];
    let result = make(
        &coded(GrayImage::new(40, 20), ImageFormat::Png),
        &reading(vec![page(1, (400.0, 200.0), words)]),
    );
    let Some(text) = text(&result.path) else { return };
    assert_eq!(text.trim(), "are gone Totally - 42");
}

#[test]
fn a_jpeg_is_taken_over_byte_for_byte() {
    let jpeg = coded(marked(), ImageFormat::Jpeg);
    let result = make(&jpeg, &empty(100.0, 60.0));
    let pdf = fs::read(&result.path).expect("the result");
    assert!(pdf.windows(jpeg.len()).any(|window| window == jpeg));
    let shown = result.pixels();
    assert!(is_red(shown.get_pixel(10, 8)) && !is_red(shown.get_pixel(90, 50)));
}

/// The JPEG with an Exif segment that states its orientation.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

#[test]
fn a_camera_s_orientation_is_obeyed() {
    let jpeg = coded(marked(), ImageFormat::Jpeg);
    // Where the patch is displayed that is stored at the top left: (from the left, from the top) in halves.
    let corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (1, 0), (1, 1), (0, 1)];
    for (orientation, (right, bottom)) in (1..=8).zip(corners) {
        let (width, height) = if orientation < 5 { (100, 60) } else { (60, 100) };
        let result = make(
            &with_orientation(&jpeg, orientation),
            &empty(width as f32, height as f32),
        );
        let shown = result.pixels();
        assert_eq!((shown.width(), shown.height()), (width, height), "{orientation}");
        let at = |far: i32, length: u32| if far == 1 { length - 9 } else { 8 };
        assert!(
            is_red(shown.get_pixel(at(right, width), at(bottom, height))),
            "orientation {orientation}"
        );
        assert!(
            !is_red(shown.get_pixel(at(1 - right, width), at(1 - bottom, height))),
            "orientation {orientation}"
        );
    }
}

#[test]
fn lossless_pictures_look_the_same() {
    let transparent = RgbaImage::from_fn(100, 60, |x, y| {
        let p = marked().get_pixel(x, y).0;
        image::Rgba([p[0], p[1], p[2], if p[1] == 0 { 255 } else { 0 }])
    });
    for (case, file) in [
        ("PNG", coded(marked(), ImageFormat::Png)),
        ("WebP", coded(marked(), ImageFormat::WebP)),
        ("transparent PNG", coded(transparent, ImageFormat::Png)),
    ] {
        let shown = make(&file, &empty(100.0, 60.0)).pixels();
        assert!(is_red(shown.get_pixel(10, 8)), "{case}");
        assert_eq!(shown.get_pixel(90, 50).0, [255, 255, 255], "{case}");
    }
}

#[test]
fn black_and_white_takes_one_bit_a_pixel() {
    // As from a decoded TIFF. A WebP takes the same path.
    let checks = GrayImage::from_fn(203, 101, |x, y| {
        Luma([if (x / 20 + y / 20) % 2 == 0 { 0 } else { 255 }])
    });
    let result = make(
        &coded(DynamicImage::from(checks).into_rgb8(), ImageFormat::WebP),
        &empty(203.0, 101.0),
    );
    let pdf = String::from_utf8_lossy(&fs::read(&result.path).expect("the result")).into_owned();
    assert!(pdf.contains("/BitsPerComponent 1"));
    let shown = result.pixels();
    assert_eq!(shown.get_pixel(10, 10).0, [0; 3]);
    assert_eq!(shown.get_pixel(30, 10).0, [255; 3]);
    assert_eq!(shown.get_pixel(201, 10).0, [0; 3]);
}

/// A TIFF of one Group 4 strip. Its rows repeat the row above, and the first of those is all white.
fn fax(photometric: u16, fill_order: u16) -> Vec<u8> {
    // Eight times "vertical, offset 0" (1), then the end-of-block code.
    let mut strip = vec![0xFF, 0x00, 0x10, 0x01];
    if fill_order == 2 {
        strip.iter_mut().for_each(|byte: &mut u8| *byte = byte.reverse_bits());
    }
    let entries: [(u16, u16, u32); 9] = [
        (256, 3, 16),
        (257, 3, 8),
        (258, 3, 1),
        (259, 3, 4),
        (262, 3, photometric.into()),
        (266, 3, fill_order.into()),
        (273, 4, 8),
        (278, 3, 8),
        (279, 4, strip.len() as u32),
    ];
    let mut file = b"II*\0\x0c\0\0\0".to_vec();
    file.extend(&strip);
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(1u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    file
}

#[test]
fn fax_data_is_taken_over() {
    for (photometric, fill_order, expected) in [(0, 1, 255), (0, 2, 255), (1, 1, 0)] {
        let result = make(&fax(photometric, fill_order), &empty(160.0, 80.0));
        let pdf = String::from_utf8_lossy(&fs::read(&result.path).expect("the result")).into_owned();
        assert!(pdf.contains("/CCITTFaxDecode"));
        assert_eq!(
            result.pixels().get_pixel(80, 40).0,
            [expected; 3],
            "photometric {photometric}"
        );
    }
}

#[test]
fn a_jpeg_that_pdf_cannot_hold_is_no_jpeg_in_the_result() {
    let mut file = Vec::new();
    JpegEncoder::new(&mut file).encode_image(&marked()).expect("coded");
    let frame = file.windows(2).position(|w| w == [0xFF, 0xC0]).expect("a frame");
    // Pretends to be lossless JPEG, which can be neither decoded nor embedded. The page is blank but exists.
    file[frame + 1] = 0xC3;
    let folder = tempfile::tempdir().expect("a folder");
    let (from, path) = (folder.path().join("original"), folder.path().join("searchable.pdf"));
    fs::write(&from, &file).expect("the original");
    let made = searchable_pdf(&from, &empty(100.0, 60.0), &path);
    assert!(
        made.is_err()
            || !fs::read(&path)
                .expect("the result")
                .windows(file.len())
                .any(|w| w == file)
    );
}
