//! What a run needs of its document, brought into its folder; read there by a child that knows no database.

use crate::error::Result;
use crate::{Model, Store};
use queue_schema::document::Reading;
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The upload within a run's folder.
pub fn original(scratch: &Path) -> PathBuf {
    scratch.join("original")
}

fn reading_file(scratch: &Path) -> PathBuf {
    scratch.join("reading.json")
}

/// What [`Store::bring_reading`] brought.
pub fn reading(scratch: &Path) -> Result<Reading> {
    let file = io::BufReader::new(std::fs::File::open(reading_file(scratch))?);
    Ok(serde_json::from_reader(file).map_err(io::Error::from)?)
}

fn model_file(scratch: &Path) -> PathBuf {
    scratch.join("model.safetensors")
}

/// Another model may be the active one when the run ends.
fn model_id(scratch: &Path) -> PathBuf {
    scratch.join("model.id")
}

/// The model that [`Store::bring_model`] brought, and its file; `None` where none was brought.
pub fn model(scratch: &Path) -> Result<Option<(Uuid, PathBuf)>> {
    match std::fs::read_to_string(model_id(scratch)) {
        Ok(id) => Ok(Some((id.parse().map_err(io::Error::other)?, model_file(scratch)))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Store {
    /// Makes the upload readable at [`original`].
    pub async fn bring_original(&self, document: Uuid, scratch: &Path) -> Result<()> {
        let known = self.document(document).await?;
        self.bytes().bring(&known.original, &original(scratch)).await
    }

    /// Writes all that is known of the document's content, for [`reading`].
    pub async fn bring_reading(&self, document: Uuid, scratch: &Path) -> Result<()> {
        let json = serde_json::to_vec(&self.reading(document).await?)?;
        Ok(tokio::fs::write(reading_file(scratch), json).await?)
    }

    /// Makes a trained model readable, for [`model`].
    pub async fn bring_model(&self, model: &Model, scratch: &Path) -> Result<()> {
        self.bytes().bring(&model.object, &model_file(scratch)).await?;
        Ok(tokio::fs::write(model_id(scratch), model.id.to_string()).await?)
    }
}
