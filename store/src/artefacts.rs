//! Files made from a document. They are found by name and replaced as a whole.

use crate::Store;
use crate::bytes::Bytes;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use std::path::Path;
use tokio_postgres::Transaction;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    pub object: String,
    pub content_type: String,
    pub size_bytes: i64,
}

/// A file that a run made. It is stored, but not yet attached to the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewArtefact {
    pub name: String,
    pub object: String,
    pub content_type: String,
    pub size_bytes: i64,
}

impl Store {
    /// Stores a run's file as an object of its own. [`Store::save_artefacts`] attaches it to the document.
    pub async fn upload(
        &self,
        document: Uuid,
        run: Uuid,
        name: &str,
        content_type: &str,
        file: &Path,
    ) -> Result<NewArtefact> {
        let object = Bytes::artefact_key(document, run, name);
        let size = self.bytes.put_file(&object, file).await?;
        Ok(NewArtefact {
            name: name.to_owned(),
            object,
            content_type: content_type.to_owned(),
            size_bytes: i64::try_from(size).unwrap_or(i64::MAX),
        })
    }

    pub async fn save_artefacts(&self, tx: &Transaction<'_>, document: Uuid, artefacts: &[NewArtefact]) -> Result<()> {
        for a in artefacts {
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
                [&document, &a.name, &a.object, &a.content_type, &a.size_bytes];
            tx.execute(include_str!("../sql/save_artefact.sql"), &params).await?;
        }
        Ok(())
    }

    pub async fn artefact(&self, document: Uuid, name: &str) -> Result<Option<Artefact>> {
        let row = self
            .client()
            .await?
            .query_opt(include_str!("../sql/artefact.sql"), &[&document, &name])
            .await?;
        Ok(row.map(|row| Artefact {
            object: row.get("object"),
            content_type: row.get("content_type"),
            size_bytes: row.get("size_bytes"),
        }))
    }

    /// Which of these files the document has.
    pub async fn artefacts_among(&self, document: Uuid, names: &[String]) -> Result<Vec<String>> {
        let rows = self
            .client()
            .await?
            .query(include_str!("../sql/artefacts_among.sql"), &[&document, &names])
            .await?;
        Ok(rows.iter().map(|row| row.get("name")).collect())
    }

    /// Removes the least recently used page images beyond the limit (setting PAGE_IMAGES_BYTES). Returns how many. If this
    /// breaks off after the rows are deleted, the storage sweep removes the remaining objects.
    pub async fn evict_page_images(&self) -> Result<usize> {
        let kept = i64::try_from(self.page_images_bytes).unwrap_or(i64::MAX);
        let client = self.client().await?;
        let evicted = client
            .query(include_str!("../sql/evict_page_images.sql"), &[&kept])
            .await?;
        drop(client);
        for row in &evicted {
            self.bytes.remove(row.get("object")).await?;
        }
        Ok(evicted.len())
    }
}
