//! Looks at the rows all the time: what always holds must hold whenever somebody looks.

use crate::ledger::{Ledger, Wrong};
use broker::Broker;
use queue_schema::invariants::{Breach, Invariant, Snapshot};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

const PACE: Duration = Duration::from_millis(500);
/// A connection whose server process is stopped gives no answer.
const ANSWER: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Seen {
    last: Snapshot,
    told: HashSet<String>,
}

/// Watches until it is dropped.
pub async fn watch(broker: Broker, ledger: Arc<Ledger>) {
    let mut seen = Seen::default();
    loop {
        // Postgres may be away: the next look sees what this one missed.
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
