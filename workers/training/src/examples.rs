//! Documents whose category a person gave, on their way from the store to a child.

use kit::Failure;
use models::LabelledDocument;
use queue_schema::document::Page;
use serde::{Deserialize, Serialize};
use std::path::Path;
use store::{Labelled, Store};

const FILE: &str = "examples.json";

#[derive(Serialize, Deserialize)]
struct Example {
    label: String,
    group: String,
    pages: Vec<Page>,
}

/// Writes the documents, with what was read of them, to the run's folder.
pub async fn write(store: &Store, documents: Vec<Labelled>, scratch: &Path) -> Result<(), Failure> {
    let mut all = Vec::with_capacity(documents.len());
    for labelled in documents {
        all.push(Example {
            label: labelled.label,
            group: labelled.sha256,
            pages: store.pages(labelled.document).await.map_err(Failure::passing)?,
        });
    }
    let json = serde_json::to_vec(&all).map_err(Failure::passing)?;
    tokio::fs::write(scratch.join(FILE), json)
        .await
        .map_err(Failure::passing)
}

/// Reads what [`write`] wrote.
pub fn read(scratch: &Path) -> Result<Vec<LabelledDocument>, Failure> {
    let json = std::fs::read(scratch.join(FILE)).map_err(Failure::passing)?;
    let all: Vec<Example> = serde_json::from_slice(&json).map_err(Failure::passing)?;
    let document = |example: Example| LabelledDocument {
        label: example.label,
        group: Some(example.group),
        pages: example.pages,
    };
    Ok(all.into_iter().map(document).collect())
}
