//! An operator's second chance for a task that ended badly.

use crate::Broker;
use crate::enqueue::Enqueued;
use crate::error::Result;
use tokio_postgres::Transaction;
use uuid::Uuid;

impl Broker {
    /// Enqueues a dead or cancelled task anew, under a new id, with its budget unspent. `None`: there is no such task, or
    /// one like it is already under way.
    pub async fn retry(&self, tx: &Transaction<'_>, task: Uuid) -> Result<Option<Enqueued>> {
        let row = tx
            .query_opt(include_str!("../sql/retry.sql"), &[&Uuid::now_v7(), &task])
            .await?;
        Ok(row.as_ref().and_then(Enqueued::from_row))
    }
}
