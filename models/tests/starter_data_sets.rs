//! The starter classifier on real documents, where the data sets are: `DOCFLEET_DATA_SETS`, else `../shared/data` beside
//! the workspace. It has learnt from none of them. `-- --nocapture` prints every set's share of right answers.

use fleet_tests::data_set;
use models::{Classifier, starter_classifier, text_page};
use queue_schema::document::Page;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Up to this many of a folder's files, alphabetically.
fn files(folder: &Path, extension: &str, at_most: usize) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the entry can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files.truncate(at_most);
    files
}

fn pages_of(text: &[u8]) -> Vec<Page> {
    String::from_utf8_lossy(text).split('\u{c}').map(text_page).collect()
}

/// The share of documents that get this category.
fn share(set: &str, category: &str, documents: Vec<Vec<Page>>) -> f64 {
    let classifier = starter_classifier().expect("the built-in model loads");
    let right = documents
        .iter()
        .filter(|pages| classifier.classify(pages).name == category)
        .count();
    let share = right as f64 / documents.len() as f64;
    println!("{set}: {right} of {} are {category} ({share:.3})", documents.len());
    share
}

fn texts(folder: &Path) -> Vec<Vec<Page>> {
    let read = |path: &PathBuf| pages_of(&std::fs::read(path).expect("the text can be read"));
    files(folder, "txt", 150).iter().map(read).collect()
}

/// The PDFs' text layers; none where `pdftotext` is missing.
fn pdfs(folder: &Path) -> Vec<Vec<Page>> {
    let read = |path: &PathBuf| match Command::new("pdftotext").arg(path).arg("-").output() {
        Ok(output) => Some(pages_of(&output.stdout)),
        Err(error) => {
            println!("skipped: pdftotext cannot be run: {error}");
            None
        }
    };
    files(folder, "pdf", 40).iter().map_while(read).collect()
}

#[test]
fn invoices() {
    let Some(set) = data_set("invoices/pdf") else { return };
    let documents = pdfs(&set);
    assert!(documents.is_empty() || share("invoices", "invoice", documents) > 0.9);
}

#[test]
fn receipts() {
    let Some(set) = data_set("receipts_sroie/gt_text") else {
        return;
    };
    assert!(share("receipts_sroie", "receipt", texts(&set)) > 0.9);
}

#[test]
fn contracts() {
    let Some(set) = data_set("contracts_nda/pdf") else {
        return;
    };
    let documents = pdfs(&set);
    assert!(documents.is_empty() || share("contracts_nda", "contract", documents) > 0.9);
}

#[test]
fn forms() {
    let Some(set) = data_set("forms_funsd/annotations") else {
        return;
    };
    let read = |path: &PathBuf| vec![text_page(&funsd_text(path))];
    assert!(
        share(
            "forms_funsd",
            "form",
            files(&set, "json", 20).iter().map(read).collect()
        ) > 0.7
    );
}

/// Entries of one height are a line: sorted from the top, then from the left.
fn funsd_text(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("the annotation can be read");
    let annotation: serde_json::Value = serde_json::from_slice(&bytes).expect("the annotation is JSON");
    let mut entries: Vec<(i64, i64, &str)> = annotation["form"]
        .as_array()
        .expect("a list of entries")
        .iter()
        .map(|e| {
            (
                e["box"][1].as_i64().unwrap_or(0) / 12,
                e["box"][0].as_i64().unwrap_or(0),
                e["text"].as_str().unwrap_or(""),
            )
        })
        .collect();
    entries.sort();
    let lines = entries.chunk_by(|a, b| a.0 == b.0);
    lines
        .map(|line| line.iter().map(|e| e.2).collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn scanned_pages() {
    let Some(set) = data_set("pages_rvl/ocr_machine") else {
        return;
    };
    let floors = [
        ("letter", "letter", 0.75),
        ("email", "other", 0.75),
        ("news_article", "other", 0.8),
        ("scientific_publication", "other", 0.85),
        ("advertisement", "other", 0.8),
    ];
    for (folder, category, floor) in floors {
        assert!(
            share(&format!("pages_rvl {folder}"), category, texts(&set.join(folder))) > floor,
            "{folder}"
        );
    }
}

#[test]
fn newspaper_articles_are_of_no_category() {
    let Some(set) = data_set("text_en/bbc") else { return };
    let classes = ["business", "entertainment", "politics", "sport", "tech"];
    let documents = classes.iter().flat_map(|class| texts(&set.join(class))).collect();
    assert!(share("text_en/bbc", "other", documents) > 0.9);
}
