//! Releasing due tasks.

use crate::Broker;
use crate::error::Result;
use crate::fault::{self, Moment};
use crate::task::Enqueued;

impl Broker {
    /// Makes up to `most` due tasks ready. Returns how many.
    pub async fn release_due(&self, most: i64) -> Result<usize> {
        let rows = self
            .pool
            .get()
            .await?
            .query(include_str!("../sql/release_due.sql"), &[&most])
            .await?;
        let released: Vec<_> = rows.iter().filter_map(Enqueued::from_row).collect();
        if !released.is_empty() {
            fault::dies(Moment::Released);
        }
        self.wake.push_or_leave(&released).await;
        Ok(rows.len())
    }
}
