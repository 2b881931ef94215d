//! Documents whose category a person gave, on their way from the store to a child.

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

/// Writes the documents, with what was read of them, to the run's folder: one a line, so that the supervisor never holds more
/// than one.
pub async fn write(store: &Store, documents: Vec<Labelled>, scratch: &Path) -> Result<(), Failure> {
    let file = File::create(scratch.join(FILE)).await.map_err(Failure::passing)?;
    let mut file = BufWriter::new(file);
    for labelled in documents {
        let example = Example {
            label: labelled.label,
            group: labelled.sha256,
            pages: store.pages(labelled.document).await.map_err(Failure::passing)?,
        };
        let mut line = serde_json::to_vec(&example).map_err(Failure::passing)?;
        line.push(b'\n');
        file.write_all(&line).await.map_err(Failure::passing)?;
    }
    file.flush().await.map_err(Failure::passing)
}

/// Reads what [`write`] wrote.
pub fn read(scratch: &Path) -> Result<Vec<LabelledDocument>, Failure> {
    let file = std::fs::File::open(scratch.join(FILE)).map_err(Failure::passing)?;
    let lines = BufReader::new(file).lines();
    let document = |line: std::io::Result<String>| {
        let line = line.map_err(Failure::passing)?;
        let example: Example = serde_json::from_str(&line).map_err(Failure::passing)?;
        Ok(LabelledDocument {
            label: example.label,
            group: Some(example.group),
            pages: example.pages,
        })
    };
    lines.map(document).collect()
}
