//! Tasks that nobody asks about any more.

use crate::Broker;
use crate::error::Result;

impl Broker {
    /// Removes up to `most` tasks that ended more than so many days ago and are no document's, with their attempts. A
    /// document's tasks are its history and stay as long as it does. Returns how many.
    pub async fn forget_ended(&self, days: u32, most: i64) -> Result<u64> {
        let client = self.pool.get().await?;
        Ok(client
            .execute(include_str!("../sql/forget_ended.sql"), &[&within_time(days), &most])
            .await?)
    }

    /// Removes past firings of schedules. Their rows guard against a second firing, which is never considered for a time
    /// before the last one.
    pub async fn forget_fires(&self, days: u32) -> Result<u64> {
        let client = self.pool.get().await?;
        Ok(client
            .execute(include_str!("../sql/forget_fires.sql"), &[&within_time(days)])
            .await?)
    }
}

/// Postgres' time begins 4713 BC: more days than these lead before it.
fn within_time(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX).min(1_000_000)
}
