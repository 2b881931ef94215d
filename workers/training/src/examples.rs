//! Documents whose category was given by a person, passed from the store to a child process.

use kit::Failure;
use models::LabelledDocument;
use queue_schema::document::Page;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader};
use std::path::Path;
use store::{Labelled, Store};
use tokio::fs::File;
use tokio::io::{AsyncWriteExt, BufWriter};

const FILE: &str = "examples.jsonl";

#[derive(Serialize, Deserialize)]
struct Example {
    label: String,
    group: String,
    pages: Vec<Page>,
}

/// The documents, in a file of the run's folder.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Examples;

impl Examples {
    /// Writes the documents with what was read of them, one per line, so that the supervisor never holds more than one in
    /// memory.
    pub async fn write(store: &Store, documents: Vec<Labelled>, scratch: &Path) -> Result<Examples, Failure> {
        let file = File::create(scratch.join(FILE)).await.map_err(Failure::transient)?;
        let mut file = BufWriter::new(file);
        for labelled in documents {
            let example = Example {
                label: labelled.label,
                group: labelled.sha256,
                pages: store.pages(labelled.document).await.map_err(Failure::transient)?,
            };
            let mut line = serde_json::to_vec(&example).map_err(Failure::transient)?;
            line.push(b'\n');
            file.write_all(&line).await.map_err(Failure::transient)?;
        }
        file.flush().await.map_err(Failure::transient)?;
        Ok(Examples)
    }

    pub fn read(self, scratch: &Path) -> Result<Vec<LabelledDocument>, Failure> {
        let file = std::fs::File::open(scratch.join(FILE)).map_err(Failure::transient)?;
        let lines = BufReader::new(file).lines();
        let document = |line: std::io::Result<String>| {
            let line = line.map_err(Failure::transient)?;
            let example: Example = serde_json::from_str(&line).map_err(Failure::transient)?;
            Ok(LabelledDocument {
                label: example.label,
                group: Some(example.group),
                pages: example.pages,
            })
        };
        lines.map(document).collect()
    }
}
