//! Looks at the rows all the time: whatever is seen once must stay true.

use crate::ledger::{Ledger, Wrong};
use broker::Broker;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const PACE: Duration = Duration::from_millis(500);
/// A connection whose server process is stopped gives no answer.
const ANSWER: Duration = Duration::from_secs(5);

const ENDED: &str = "
    SELECT id, state, finished_at FROM tasks WHERE finished_at IS NOT NULL
    UNION ALL
    SELECT id, status, finished_at FROM documents WHERE finished_at IS NOT NULL";

/// An open run that is not its task's run, or a running task whose run is not open: two who think that they may write.
const STRAY: &str = "
    SELECT coalesce(a.task_id, t.id) AS task, a.run_token AS open, t.run_token AS rightful
    FROM (SELECT task_id, run_token FROM attempts WHERE ended_at IS NULL) a
    FULL JOIN (SELECT id, run_token FROM tasks WHERE state = 'running') t USING (run_token)
    WHERE a.run_token IS NULL OR t.run_token IS NULL";

/// Watches until it is dropped.
pub async fn watch(broker: Broker, ledger: Arc<Ledger>) {
    let mut strays = HashSet::new();
    loop {
        // Postgres may be away: the next look sees what this one missed.
        let _ = tokio::time::timeout(ANSWER, look(&broker, &ledger, &mut strays)).await;
        tokio::time::sleep(PACE).await;
    }
}

async fn look(broker: &Broker, ledger: &Ledger, strays: &mut HashSet<Uuid>) -> broker::Result<()> {
    let client = broker.pool().get().await?;
    for row in client.query(ENDED, &[]).await? {
        ledger.ended(row.get(0), (row.get(1), row.get(2)));
    }
    for row in client.query(STRAY, &[]).await? {
        let task: Uuid = row.get("task");
        if strays.insert(task) {
            let (open, rightful): (Option<Uuid>, Option<Uuid>) = (row.get("open"), row.get("rightful"));
            ledger.find(
                Wrong::TwoRuns,
                format!("task {task}: open run {open:?}, rightful run {rightful:?}"),
            );
        }
    }
    Ok(())
}
