//! Takes back tasks whose lease expired: their workers are dead, stopped or cut off.

use crate::Broker;
use crate::error::Result;
use crate::events::LeaseExpired;
use crate::task::Run;
use queue_schema::document::{DocumentError, ErrorCode};
use telemetry::Event;

impl Broker {
    /// Takes back up to `most` runs whose lease is lost, oldest first. Returns how many.
    pub async fn reap(&self, most: i64) -> Result<usize> {
        self.watch_leases().await?;
        let expired = include_str!("../sql/expired.sql");
        let rows = self.pool.get().await?.query(expired, &[&most]).await?;
        let mut reaped = 0;
        for row in &rows {
            let run = Run {
                id: row.get("id"),
                token: row.get("run_token"),
                document: row.get("document_id"),
            };
            let error = DocumentError::new(
                ErrorCode::Crashed,
                "the worker that ran this task gave no sign of life until its lease ran out",
            );
            let expired = |went| LeaseExpired { row, went };
            match self.take_back(run, error).await {
                Ok(Some(state)) => {
                    expired(Ok(state)).emit();
                    reaped += 1;
                }
                // It was reaped elsewhere, or is just being completed. If not, the next round finds it again.
                Ok(None) => {}
                Err(error) if error.is_transient() => return Err(error),
                // One task that cannot be ended must not keep the others from being reaped.
                Err(error) => expired(Err(&error)).emit(),
            }
        }
        Ok(reaped)
    }
}
