//! Leases that ran out: their workers are dead, stopped or cut off.

use crate::Broker;
use crate::end::{Run, Usage};
use crate::error::{Error, Result};
use queue_schema::Outcome;
use queue_schema::document::{DocumentError, ErrorCode};

impl Broker {
    /// Ends up to `most` runs whose lease has run out, oldest first. Returns how many.
    pub async fn reap(&self, most: i64) -> Result<usize> {
        let rows = self
            .pool
            .get()
            .await?
            .query(include_str!("../sql/expired.sql"), &[&most])
            .await?;
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
            match self
                .end_unfinished(run, false, Outcome::WorkerLost, Some(error), Usage::default())
                .await
            {
                Ok(state) => {
                    tracing::warn!(task = %run.id, %state, "lease ran out; the task was taken back");
                    reaped += 1;
                }
                // Somebody else reaped it, or it was completed in the last moment.
                Err(Error::LeaseLost(_)) => {}
                Err(error) if error.is_passing() => return Err(error),
                // One task that cannot be ended must not keep all others from it.
                Err(error) => {
                    tracing::error!(%error, task = %run.id, "lease ran out, but the task could not be taken back")
                }
            }
        }
        Ok(reaped)
    }
}
