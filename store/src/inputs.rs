//! What a run needs of its document, brought into its folder; read there by a child that knows no database.

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

/// The upload, in a run's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original;

impl Original {
    pub fn path(self, scratch: &Path) -> PathBuf {
        scratch.join(ORIGINAL)
    }
}

/// What was read of a document, in a run's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingFile;

impl ReadingFile {
    pub fn load(self, scratch: &Path) -> Result<Reading> {
        let file = io::BufReader::new(std::fs::File::open(scratch.join(READING))?);
        Ok(serde_json::from_reader(file).map_err(io::Error::from)?)
    }
}

/// A trained model, in a run's folder. Another may be the active one when the run ends.
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

    /// All that is known of the document's content.
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
