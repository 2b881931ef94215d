//! Removes orphaned objects: those of uploads that were never acknowledged and of runs that never committed.

use crate::Store;
use crate::error::Result;
use chrono::{Duration, Utc};
use futures_util::TryStreamExt;

/// Younger objects may belong to an upload or run whose row is not yet committed.
const AGE: Duration = Duration::days(1);
const BATCH: usize = 500;

impl Store {
    /// Removes orphaned objects that are at least a day old. Returns how many.
    pub async fn sweep(&self) -> Result<usize> {
        let before = Utc::now() - AGE;
        let mut old = self.bytes().list(before).try_chunks(BATCH);
        let client = self.client().await?;
        let mut removed = 0;
        while let Some(names) = old.try_next().await.map_err(|e| e.1)? {
            for row in client
                .query(include_str!("../sql/unclaimed_objects.sql"), &[&names])
                .await?
            {
                self.bytes().remove(row.get("name")).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}
