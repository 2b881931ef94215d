//! Pages made on the spot, read by the real engine.

use image::{ImageFormat, RgbImage, imageops};
use pages::{Document, Limits};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};
use queue_schema::document::{ErrorCode, Page, PageSource};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use worker_ocr::{ReadOptions, Recogniser, read_page};

const LINES: [&str; 6] = [
    "The quick brown fox jumps over the lazy dog",
    "Invoice number 20417 of the third of March",
    "Payment is due within thirty days of delivery",
    "Please quote the customer number when you write",
    "The goods remain our property until paid in full",
    "Thank you very much for your order and patience",
];

/// One A4 page of [`LINES`] at 14 points.
fn letter(folder: &Path) -> Document {
    let (catalog, tree, font, page_id, content_id) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4), Ref::new(5));
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([page_id]).count(1);
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    let mut page = pdf.page(page_id);
    page.parent(tree)
        .media_box(Rect::new(0.0, 0.0, 595.0, 842.0))
        .contents(content_id);
    page.resources().fonts().pair(Name(b"F1"), font);
    page.finish();
    let mut content = Content::new();
    for (i, line) in LINES.iter().enumerate() {
        content
            .begin_text()
            .set_font(Name(b"F1"), 14.0)
            .next_line(72.0, 740.0 - 30.0 * i as f32);
        content.show(Str(line.as_bytes())).end_text();
    }
    pdf.stream(content_id, &content.finish());
    open(folder, "letter.pdf", &pdf.finish())
}

fn open(folder: &Path, name: &str, bytes: &[u8]) -> Document {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    Document::open(&path, &Limits::default()).expect("opens")
}

fn scan(folder: &Path, pixels: &RgbImage) -> Document {
    let path = folder.join("scan.png");
    pixels.save_with_format(&path, ImageFormat::Png).expect("written");
    Document::open(&path, &Limits::default()).expect("opens")
}

fn setting() -> (TempDir, Recogniser) {
    (
        tempfile::tempdir().expect("a folder"),
        Recogniser::new("eng").expect("tesseract-ocr-eng is installed"),
    )
}

fn read(document: &Document, force_ocr: bool, recogniser: &mut Recogniser) -> Page {
    let options = ReadOptions {
        force_ocr,
        ..ReadOptions::default()
    };
    read_page(document, 0, &options, recogniser, None)
}

fn assert_reads_lines(page: &Page) {
    assert_eq!(page.text(), LINES.join("\n"));
}

#[test]
fn a_good_text_layer_is_read_and_recognition_agrees_with_it() {
    let (folder, mut recogniser) = setting();
    let document = letter(folder.path());
    let layer = read(&document, false, &mut recogniser);
    assert_eq!(
        (layer.source, layer.confidence, layer.page),
        (PageSource::TextLayer, 1.0, 1)
    );
    assert_reads_lines(&layer);
    let recognised = read(&document, true, &mut recogniser);
    assert_eq!(recognised.source, PageSource::Ocr);
    assert_reads_lines(&recognised);
    assert!(recognised.confidence > 0.8);
    for (a, b) in layer.words.iter().zip(&recognised.words) {
        assert!(
            (a.rect.x0 - b.rect.x0).abs() < 3.0 && (a.rect.x1 - b.rect.x1).abs() < 3.0,
            "{a:?} {b:?}"
        );
        assert!(
            b.rect.y0 > a.rect.y0 - 2.0 && b.rect.y1 < a.rect.y1 + 2.0,
            "{a:?} {b:?}"
        );
    }
}

#[test]
fn pages_turned_and_leaning_are_read_upright() {
    let (folder, mut recogniser) = setting();
    let upright = letter(folder.path()).render(0, 150.0).expect("renders").into_rgb();
    let cases = [
        (imageops::rotate180(&upright), 180),
        (imageops::rotate90(&upright), 270),
        (imageops::rotate270(&upright), 90),
    ];
    for (pixels, rotation) in cases {
        let page = read(&scan(folder.path(), &pixels), false, &mut recogniser);
        assert_eq!((page.rotation, page.source), (rotation, PageSource::Ocr));
        assert_reads_lines(&page);
        assert!(
            page.words
                .iter()
                .all(|word| word.rect.x1 <= page.width && word.rect.y1 <= page.height)
        );
    }
}

#[test]
fn a_blank_scan_is_read_without_trouble() {
    let (folder, mut recogniser) = setting();
    let blank = RgbImage::from_pixel(600, 800, image::Rgb([250, 250, 250]));
    let page = read(&scan(folder.path(), &blank), false, &mut recogniser);
    assert_eq!((page.words.len(), page.confidence, page.error), (0, 1.0, None));
}

#[test]
fn a_page_that_cannot_be_read_says_why() {
    let (folder, mut recogniser) = setting();
    let document = letter(folder.path());
    let late = Some(Instant::now() - Duration::from_secs(1));
    let options = ReadOptions {
        force_ocr: true,
        ..ReadOptions::default()
    };
    let page = read_page(&document, 0, &options, &mut recogniser, late);
    assert_eq!((page.source, page.page), (PageSource::Unreadable, 1));
    let error = page.error.expect("a reason");
    assert_eq!((error.code, error.page), (ErrorCode::TimedOut, Some(1)));
    // The engine is none the worse for it.
    assert_reads_lines(&read(&document, true, &mut recogniser));
}
