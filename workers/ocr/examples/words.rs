//! Reads documents and writes the words of each to `OUT/STEM.txt`, to compare with what `tesseract` itself reads.
//!
//! `OMP_THREAD_LIMIT=1 cargo run --release -p worker-ocr --example words -- [--language eng+deu] [--force-ocr] OUT FILE…`

use pages::{Document, Limits};
use queue_schema::document::{Page, document_text};
use std::error::Error;
use std::path::{Path, PathBuf};
use worker_ocr::{ReadOptions, Recogniser, read_page};

fn main() -> Result<(), Box<dyn Error>> {
    let mut language = "eng".to_owned();
    let mut options = ReadOptions::default();
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--language" => language = arguments.next().ok_or("--language needs a value")?,
            "--force-ocr" => options.force_ocr = true,
            _ => paths.push(argument.into()),
        }
    }
    let [out, files @ ..] = paths.as_slice() else {
        return Err("usage: words [--language L] OUT FILE…".into());
    };
    std::fs::create_dir_all(out)?;
    let mut recogniser = Recogniser::new(&language)?;
    for file in files {
        match read(file, &options, &mut recogniser) {
            Ok(pages) => {
                let stem = file.file_stem().unwrap_or_default().to_string_lossy();
                std::fs::write(out.join(format!("{stem}.txt")), document_text(&pages))?;
                for page in &pages {
                    let error = page.error.as_ref().map(ToString::to_string).unwrap_or_default();
                    let (words, source) = (page.words.len(), page.source);
                    println!(
                        "{stem} p{} {source:?} {words} words {:.2} {error}",
                        page.page, page.confidence
                    );
                }
            }
            Err(error) => println!("{}: {error}", file.display()),
        }
    }
    Ok(())
}

fn read(file: &Path, options: &ReadOptions, recogniser: &mut Recogniser) -> Result<Vec<Page>, Box<dyn Error>> {
    let document = Document::open(file, &Limits::default())?;
    Ok((0..document.page_count())
        .map(|n| read_page(&document, n, options, recogniser, None))
        .collect())
}
