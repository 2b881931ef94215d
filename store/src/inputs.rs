//! A run's inputs from its document. The supervisor puts them into the run's folder, because the child process that reads them
//! has no access to the database.

use crate::error::Result;
use crate::{Model, Store};
use queue_schema::document::Reading;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

const ORIGINAL: &str = "original";
const READING: &str = "reading.json";
const MODEL: &str = "model.safetensors";

/// The uploaded file in a run's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original;

impl Original {
    pub fn path(self, scratch: &Path) -> PathBuf {
        scratch.join(ORIGINAL)
    }
}

/// The document's content so far, in a run's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingFile;

impl ReadingFile {
    pub fn load(self, scratch: &Path) -> Result<Reading> {
        let file = io::BufReader::new(std::fs::File::open(scratch.join(READING))?);
        Ok(serde_json::from_reader(file).map_err(io::Error::from)?)
    }
}

/// A trained model in a run's folder. When the run ends, another model may be active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFile {
    pub id: Uuid,
}

impl ModelFile {
    pub fn path(self, scratch: &Path) -> PathBuf {
        scratch.join(MODEL)
    }
}

impl Store {
    pub async fn bring_original(&self, document: Uuid, scratch: &Path) -> Result<Original> {
        let known = self.document(document).await?;
        self.bytes().bring(&known.original, &Original.path(scratch)).await?;
        Ok(Original)
    }

    /// Writes the document's content so far into the run's folder.
    pub async fn bring_reading(&self, document: Uuid, scratch: &Path) -> Result<ReadingFile> {
        let json = serde_json::to_vec(&self.reading(document).await?)?;
        tokio::fs::write(scratch.join(READING), json).await?;
        Ok(ReadingFile)
    }

    pub async fn bring_model(&self, model: &Model, scratch: &Path) -> Result<ModelFile> {
        let file = ModelFile { id: model.id };
        self.bytes().bring(&model.object, &file.path(scratch)).await?;
        Ok(file)
    }
}
