//! The audit log: a row for each action of an operator, written in the action's own transaction.

use crate::error::Result;
use serde_json::Value;
use tokio_postgres::Transaction;

/// Records an action in the transaction that does it. `action` is `thing.verb`; `target` is what the action applies to.
pub async fn note(tx: &Transaction<'_>, who: &str, action: &str, target: &str, detail: &Value) -> Result<()> {
    tx.execute(include_str!("../sql/audit.sql"), &[&who, &action, &target, detail])
        .await?;
    Ok(())
}
