//! Names the category of text files: `cargo run -p models --example classify -- [--model FILE] TEXT…`
//!
//! A line each: category, confidence, file. Form feeds part the pages, as `pdftotext` writes them.

use models::{Classifier, LinearClassifier, starter_classifier, text_page};
use queue_schema::document::Page;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let classifier = if files.first().is_some_and(|f| f == "--model") && files.len() >= 2 {
        let model = files.drain(..2).next_back().unwrap_or_default();
        LinearClassifier::from_bytes(&std::fs::read(model)?)?
    } else {
        starter_classifier()?
    };
    for file in files {
        let bytes = std::fs::read(&file).map_err(|e| format!("cannot read {file}: {e}"))?;
        let pages: Vec<Page> = String::from_utf8_lossy(&bytes).split('\u{c}').map(text_page).collect();
        let category = classifier.classify(&pages);
        println!("{}\t{:.3}\t{file}", category.name, category.confidence);
    }
    Ok(())
}
