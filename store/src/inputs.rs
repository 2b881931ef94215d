//! What a run needs of its document, brought into its folder; read there by a child that knows no database.

use crate::Store;
use crate::error::Result;
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
pub fn reading(scratch: &Path) -> io::Result<Reading> {
    let file = io::BufReader::new(std::fs::File::open(reading_file(scratch))?);
    Ok(serde_json::from_reader(file)?)
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
}
