//! Eight documents of fictional people and companies, made by `cargo run -p samples` and kept with the sources, and what
//! a good reading of each contains. They are processed on the first start and used in end-to-end tests.

use queue_schema::document::PageSource;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// A document and what is expected of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The file's name without its ending.
    pub name: String,
    pub path: PathBuf,
    pub expected: Expected,
}

/// `expected/NAME.json`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// The file's name in `documents/`.
    pub file: String,
    /// For people: what the document is.
    pub title: String,
    /// One of the starter categories.
    pub category: String,
    /// Two-letter code of the text's language.
    pub language: String,
    pub pages: Vec<ExpectedPage>,
    /// Values are normalised as in a result; a label may repeat.
    pub fields: Vec<ExpectedField>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpectedPage {
    /// Whether the page carries its text or is a picture that must be recognised.
    pub source: PageSource,
    /// Some of the page's words, in no order. They are plainly printed: a reader must find them.
    pub words: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpectedField {
    pub label: String,
    pub value: String,
}

impl Expected {
    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// The values expected under `label`.
    pub fn values<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |field| field.label == label)
            .map(|field| field.value.as_str())
    }
}

/// The folder of the documents, below this crate's sources.
pub fn documents_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("documents")
}

/// The folder of what is expected of them.
pub fn expected_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("expected")
}

/// All samples, by name.
pub fn all() -> io::Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for entry in fs::read_dir(expected_dir())? {
        let path = entry?.path();
        let expected: Expected = serde_json::from_slice(&fs::read(&path)?)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        samples.push(Sample {
            name,
            path: documents_dir().join(&expected.file),
            expected,
        });
    }
    samples.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(samples)
}
