//! Checks the invariants of the rows continuously.

use crate::ledger::{Ledger, Wrong};
use broker::Broker;
use queue_schema::invariants::{Breach, Invariant, Snapshot};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

const PACE: Duration = Duration::from_millis(500);
/// Needed because a connection whose server process is stopped never answers.
const ANSWER: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Seen {
    last: Snapshot,
    told: HashSet<String>,
}

/// Watches until dropped.
pub async fn watch(broker: Broker, ledger: Arc<Ledger>) {
    let mut seen = Seen::default();
    loop {
        // Postgres may be unavailable: the next check covers what this one missed.
        let _ = tokio::time::timeout(ANSWER, look(&broker, &ledger, &mut seen)).await;
        tokio::time::sleep(PACE).await;
    }
}

async fn look(broker: &Broker, ledger: &Ledger, seen: &mut Seen) -> broker::Result<()> {
    let mut client = broker.pool().get().await?;
    let now = fleet_tests::snapshot(&mut client).await?;
    for breach in now.breaches().iter().chain(&now.breaches_since(&seen.last)) {
        if seen.told.insert(breach.what.clone()) {
            ledger.find(wrong(breach), breach.what.clone());
        }
    }
    for task in now.tasks.iter().filter(|task| task.state.is_terminal()) {
        ledger.ended(task.id, task.state.as_str());
    }
    seen.last = now;
    for row in client
        .query("SELECT id, status FROM documents WHERE finished_at IS NOT NULL", &[])
        .await?
    {
        ledger.ended(row.get("id"), row.get("status"));
    }
    Ok(())
}

pub fn wrong(breach: &Breach) -> Wrong {
    match breach.invariant {
        Invariant::Ends | Invariant::Woken | Invariant::Fair => Wrong::Stuck,
        Invariant::OneRun => Wrong::TwoRuns,
        Invariant::Budget | Invariant::HandedBack => Wrong::OverBudget,
        Invariant::Terminal | Invariant::Cancelled => Wrong::Changed,
        Invariant::OneFinalize | Invariant::OneFiring => Wrong::Doubled,
    }
}
