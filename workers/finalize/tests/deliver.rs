//! All deliverables of a document at once.

mod common;

use common::{page, reading, word};
use image::{GrayImage, ImageReader, Luma};
use queue_schema::document::Reading;
use std::fs;
use worker_finalize::{Options, finalize, hocr};

fn sample() -> Reading {
    let words = vec![
        word("A<b>&\"c\"", [72.0, 36.0, 144.0, 48.0], 0),
        word("zwei", [150.0, 36.0, 180.0, 48.0], 0),
    ];
    reading(vec![page(1, (300.0, 400.0), words)])
}

#[test]
fn everything_is_there_and_progress_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let original = folder.path().join("scan.png");
    GrayImage::from_pixel(600, 800, Luma([240]))
        .save(&original)
        .expect("the scan");
    let out = folder.path().join("out");
    let mut told = Vec::new();
    let made = finalize(&original, &sample(), &out, &Options::default(), |done, total| {
        told.push((done, total))
    });
    let made = made.expect("the deliverables");
    assert_eq!(fs::read_to_string(&made.text).expect("text"), "A<b>&\"c\" zwei");
    let result: Reading = serde_json::from_slice(&fs::read(&made.result).expect("result")).expect("JSON");
    assert_eq!(result, sample());
    assert!(made.searchable_pdf.is_some_and(|path| path.exists()));
    let thumbnail = made.thumbnails[0].as_ref().expect("a thumbnail");
    let small = ImageReader::open(thumbnail)
        .expect("opens")
        .into_dimensions()
        .expect("a picture");
    assert_eq!(small, (240, 320));
    assert_eq!(told.first(), Some(&(0, 2)));
    assert_eq!(told.last(), Some(&(2, 2)));
    assert!(told.is_sorted());
}

#[test]
fn what_is_not_wanted_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let original = folder.path().join("scan.png");
    GrayImage::new(60, 80).save(&original).expect("the scan");
    let options = Options {
        searchable_pdf: false,
        thumbnail_width: None,
        ..Options::default()
    };
    let made = finalize(&original, &sample(), folder.path(), &options, |_, _| {}).expect("the deliverables");
    assert_eq!((made.searchable_pdf, made.thumbnails), (None, Vec::new()));
    assert!(!folder.path().join("searchable.pdf").exists());
}

#[test]
fn hocr_is_escaped_and_counts_pixels() {
    let html = hocr(&sample(), "a \"b\" & c.pdf");
    assert!(
        html.contains(
            "title=\"image &quot;a &quot;b&quot; &amp; c.pdf&quot;; bbox 0 0 1250 1667; ppageno 0; scan_res 300 300\""
        ),
        "{html}"
    );
    assert!(
        html.contains("title=\"bbox 300 150 600 200; x_wconf 90\">A&lt;b&gt;&amp;&quot;c&quot;</span>"),
        "{html}"
    );
    assert!(
        html.contains("class=\"ocr_line\" id=\"line_1_0\" title=\"bbox 300 150 750 200\""),
        "{html}"
    );
}
