//! Words added to existing PDFs of many kinds, read back with Poppler.

mod common;

use common::{OWN_TEXT, assert_sound, boxes, one_page, page, pdf, reading, stream, text, tool, word};
use queue_schema::document::{PageSource, Reading};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;
use worker_finalize::{Made, searchable_pdf};

struct Result {
    _folder: TempDir,
    path: PathBuf,
    made: Made,
}

fn make(original: &[u8], reading: &Reading) -> Result {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, path) = (folder.path().join("original"), folder.path().join("searchable.pdf"));
    fs::write(&from, original).expect("the original");
    let made = searchable_pdf(&from, reading, &path).expect("a searchable PDF");
    Result {
        _folder: folder,
        path,
        made,
    }
}

const BOX: [f32; 4] = [100.0, 50.0, 180.0, 62.0];

fn found(size: (f32, f32)) -> Reading {
    reading(vec![page(
        1,
        size,
        vec![word("Gefunden", BOX, 0), word("€uro", [200.0, 50.0, 240.0, 62.0], 0)],
    )])
}

#[test]
fn words_lie_in_their_boxes_however_the_page_is_turned_and_cropped() {
    let crop = "/CropBox[20 30 320 530]";
    for (attributes, size) in [
        (String::new(), (400.0, 600.0)),
        (crop.to_owned(), (300.0, 500.0)),
        ("/MediaBox[-50 -70 350 530]".to_owned(), (400.0, 600.0)),
        (format!("{crop} /Rotate 90"), (500.0, 300.0)),
        (format!("{crop} /Rotate 180"), (300.0, 500.0)),
        (format!("{crop} /Rotate -90"), (500.0, 300.0)),
        ("/MediaBox[400 600 0 0] /Rotate 450".to_owned(), (600.0, 400.0)),
    ] {
        let result = make(&one_page(&attributes, OWN_TEXT), &found(size));
        assert_eq!(result.made, Made::Grafted);
        assert_sound(&result.path);
        let Some(boxes) = boxes(&result.path) else { return };
        let (_, at) = boxes.iter().find(|(text, _)| text == "Gefunden").expect("the word");
        for (is, want) in at.iter().zip(BOX) {
            assert!((is - want).abs() < 4.0, "{attributes}: {at:?}");
        }
        assert!(
            (at[0] - BOX[0]).abs() < 0.5 && (at[2] - BOX[2]).abs() < 0.5,
            "{attributes}: {at:?}"
        );
    }
}

#[test]
fn user_units_count_whether_or_not_the_reader_counted_them() {
    for size in [(400.0, 600.0), (800.0, 1200.0)] {
        let result = make(&one_page("/UserUnit 2", OWN_TEXT), &found(size));
        assert_sound(&result.path);
        let Some(boxes) = boxes(&result.path) else { return };
        let (_, at) = boxes.iter().find(|(text, _)| text == "Gefunden").expect("the word");
        // Poppler's boxes ignore UserUnit.
        let scale = 400.0 / size.0;
        assert!((at[0] - BOX[0] * scale).abs() < 0.5, "{size:?}: {at:?}");
    }
}

#[test]
fn a_page_read_sideways_has_sideways_words() {
    for turned in [90, 180, 270] {
        let mut found = found((400.0, 600.0));
        // Two words of a line that runs up, down or backwards.
        let rects = match turned {
            90 => [[50.0, 300.0, 62.0, 380.0], [50.0, 240.0, 62.0, 290.0]],
            270 => [[50.0, 100.0, 62.0, 180.0], [50.0, 190.0, 62.0, 240.0]],
            _ => [[200.0, 50.0, 280.0, 62.0], [140.0, 50.0, 190.0, 62.0]],
        };
        found.pages[0].rotation = turned;
        found.pages[0].words = vec![word("Seitwärts", rects[0], 0), word("gelesen", rects[1], 0)];
        let result = make(&one_page("", ""), &found);
        assert_sound(&result.path);
        let Some(text) = text(&result.path) else { return };
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>(),
            ["Seitwärts", "gelesen"],
            "turned by {turned}"
        );
    }
}

#[test]
fn an_unbalanced_page_keeps_its_text_and_gets_its_words() {
    for content in [
        format!("q 0.1 0 0 0.1 300 300 cm q {OWN_TEXT}"),
        format!("Q Q {OWN_TEXT} Q"),
        "BT /F1 12 Tf 40 40 Td (Original) Tj".to_owned(),
    ] {
        let original = one_page("", &content);
        let result = make(&original, &found((400.0, 600.0)));
        let path = result.path.with_file_name("original");
        let (Some(before), Some(after)) = (text(&path), text(&result.path)) else {
            return;
        };
        // Poppler stops reading a page that restores a graphics state it never saved.
        assert_eq!(
            before.contains("Original"),
            after.contains("Original"),
            "{content}: {after}"
        );
        assert!(
            after.contains("Gefunden") && after.contains("€uro"),
            "{content}: {after}"
        );
    }
}

#[test]
fn pages_that_share_everything_and_pages_that_lack_everything() {
    let original = pdf(&[
        "<</Type/Catalog /Pages 2 0 R>>",
        "<</Type/Pages /Kids[3 0 R 4 0 R 5 0 R] /Count 3 /MediaBox[0 0 400 600]>>",
        "<</Type/Page /Parent 2 0 R /Contents 6 0 R /Resources 7 0 R>>",
        "<</Type/Page /Parent 2 0 R /Contents 6 0 R /Resources 7 0 R>>",
        "<</Type/Page /Parent 2 0 R>>",
        &stream(OWN_TEXT),
        "<</Font 8 0 R>>",
        "<</F1 9 0 R /Words0 9 0 R>>",
        "<</Type/Font /Subtype/Type1 /BaseFont/Helvetica>>",
    ]);
    let pages = (1..=3)
        .map(|n| page(n, (400.0, 600.0), vec![word(&format!("Seite{n}"), BOX, 0)]))
        .collect();
    let mut found = reading(pages);
    found.pages[1].source = PageSource::TextLayer;
    let result = make(&original, &found);
    assert_eq!(result.made, Made::Grafted);
    assert_sound(&result.path);
    let Some(text) = text(&result.path) else { return };
    assert_eq!(text.matches("Original").count(), 2);
    assert!(
        text.contains("Seite1") && !text.contains("Seite2") && text.contains("Seite3"),
        "{text}"
    );
}

#[test]
fn an_update_leaves_the_original_bytes_in_place() {
    let original = one_page("", OWN_TEXT);
    let result = make(&original, &found((400.0, 600.0)));
    assert!(fs::read(&result.path).expect("the result").starts_with(&original));
}

#[test]
fn a_searchable_pdf_can_be_made_searchable_again() {
    let first = make(&one_page("", OWN_TEXT), &found((400.0, 600.0)));
    let again = reading(vec![page(
        1,
        (400.0, 600.0),
        vec![word("Zweimal", [100.0, 90.0, 160.0, 102.0], 0)],
    )]);
    let second = make(&fs::read(&first.path).expect("the first"), &again);
    assert_sound(&second.path);
    let Some(text) = text(&second.path) else { return };
    assert!(
        ["Gefunden", "Zweimal", "Original"]
            .iter()
            .all(|word| text.contains(word)),
        "{text}"
    );
}

#[test]
fn a_pdf_whose_pages_all_have_text_is_copied() {
    let original = one_page("", OWN_TEXT);
    let mut read = found((400.0, 600.0));
    read.pages[0].source = PageSource::TextLayer;
    let result = make(&original, &read);
    assert_eq!(result.made, Made::Copied);
    assert_eq!(fs::read(&result.path).expect("the result"), original);
}

#[test]
fn words_that_the_page_has_already_are_not_laid_again() {
    let original = one_page("", OWN_TEXT);
    let mut read = found((400.0, 600.0));
    read.pages[0]
        .words
        .push(word("Original", [41.0, 551.0, 83.0, 562.0], 1));
    let result = make(&original, &read);
    let Some(text) = text(&result.path) else { return };
    assert_eq!(text.matches("Original").count(), 1, "{text}");
    read.pages[0].words.drain(..2);
    assert_eq!(make(&original, &read).made, Made::Copied);
}

#[test]
fn an_encrypted_pdf_with_an_empty_password_opens_as_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let (plain, locked) = (folder.path().join("plain.pdf"), folder.path().join("locked.pdf"));
    fs::write(&plain, one_page("", OWN_TEXT)).expect("the original");
    for (bits, more) in [("128", "--use-aes=y"), ("256", "--modify=none")] {
        let args = [
            "--encrypt",
            "",
            "owner",
            bits,
            more,
            "--",
            plain.to_str().expect("a path"),
        ];
        let Some((ok, said)) = tool("qpdf", &args, &locked) else {
            return;
        };
        assert!(ok, "{said}");
        let result = make(&fs::read(&locked).expect("the locked PDF"), &found((400.0, 600.0)));
        assert_eq!(result.made, Made::Grafted);
        assert_sound(&result.path);
        let Some(text) = text(&result.path) else { return };
        assert!(text.contains("Gefunden") && text.contains("Original"), "{bits}: {text}");
    }
}

#[test]
fn damaged_cross_references_are_written_anew() {
    let original = one_page("", OWN_TEXT);
    let start = original.windows(9).rposition(|w| w == b"startxref").expect("its place");
    let mut wrong_offset = original[..start].to_vec();
    wrong_offset.extend(b"startxref\n7\n%%EOF\n");
    let table = original.windows(5).position(|w| w == b"xref\n").expect("the table");
    let mut late_header = b"From a mail gateway\r\n".to_vec();
    late_header.extend(&original);
    for (case, damaged) in [
        ("offset", wrong_offset),
        ("no table", original[..table].to_vec()),
        ("late", late_header),
    ] {
        let result = make(&damaged, &found((400.0, 600.0)));
        assert_sound(&result.path);
        let Some(text) = text(&result.path) else { return };
        assert!(text.contains("Gefunden"), "{case}, {:?}: {text}", result.made);
    }
}

#[test]
fn a_pdf_that_disagrees_with_its_reading_is_rebuilt_from_pictures() {
    let mut found = found((400.0, 600.0));
    found.pages.push(page(2, (400.0, 600.0), vec![word("Zweite", BOX, 0)]));
    let result = make(&one_page("", OWN_TEXT), &found);
    assert_eq!(result.made, Made::Rebuilt);
    assert_sound(&result.path);
    let Some(text) = text(&result.path) else { return };
    assert!(text.contains("Gefunden") && text.contains("Zweite"), "{text}");
}

#[test]
fn words_without_a_place_are_left_out() {
    let mut found = found((400.0, 600.0));
    found.pages[0].words.extend([
        word("Nirgends", [f32::NAN, 0.0, 1.0, 1.0], 1),
        word("", [1.0, 1.0, 2.0, 2.0], 2),
        word("\u{0}\u{1b}", [1.0, 1.0, 2.0, 2.0], 2),
        word("Punkt", [50.0, 300.0, 50.0, 300.0], 3),
    ]);
    let result = make(&one_page("", ""), &found);
    assert_sound(&result.path);
    let Some(text) = text(&result.path) else { return };
    assert!(text.contains("Punkt") && !text.contains("Nirgends"), "{text}");
}
