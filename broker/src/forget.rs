//! Removing old tasks and firings.

use crate::Broker;
use crate::error::Result;

impl Broker {
    /// Removes up to `most` tasks, with their attempts, that ended more than `days` ago and belong to no existing document. A
    /// document's tasks are its history and are kept as long as the document. Returns how many were removed.
    pub async fn forget_ended(&self, days: u32, most: i64) -> Result<u64> {
        let client = self.pool.get().await?;
        Ok(client
            .execute(include_str!("../sql/forget_ended.sql"), &[&within_time(days), &most])
            .await?)
    }

    /// Removes firings of schedules that are more than `days` old. Their rows only prevent a second firing for the same time,
    /// and times before the last firing are never fired again.
    pub async fn forget_fires(&self, days: u32) -> Result<u64> {
        let client = self.pool.get().await?;
        Ok(client
            .execute(include_str!("../sql/forget_fires.sql"), &[&within_time(days)])
            .await?)
    }
}

/// Limits `days`, because more would lead before 4713 BC, where Postgres' timestamps begin.
fn within_time(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX).min(1_000_000)
}
