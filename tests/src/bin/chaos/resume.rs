//! How long tasks paused after their worker was killed.

use crate::faults::Struck;
use crate::history::{Run, Task};
use crate::plan::{Fault, Victim};
use anyhow::Result;
use broker::Broker;
use serde::Serialize;
use std::fmt::{self, Formatter};
use std::time::Duration;
use uuid::Uuid;

/// Interval at which the scheduler looks for expired leases, in leases.
const REAP: f64 = 0.25;
/// Time to find, claim and start the task.
const MARGIN: Duration = Duration::from_secs(2);
/// Time after a fault until its victim is back.
const RECOVERY: Duration = Duration::from_secs(3);

/// Time from a worker's death until its task ran again or had ended.
pub struct Pause {
    pub task: Uuid,
    pub seconds: f64,
    /// Other faults that hit processes which could have resumed the task.
    pub in_the_way: Vec<String>,
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s after its worker's death", self.seconds)?;
        match &self.in_the_way[..] {
            [] => f.write_str(" with nothing in the way"),
            strikes => write!(f, " ({})", strikes.join(", ")),
        }
    }
}

/// In seconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Pauses {
    pub tasks: usize,
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
    /// The limit: lease, reaper interval, and two seconds.
    pub bound: f64,
}

impl Pauses {
    pub fn of(pauses: &[Pause], lease: Duration) -> Pauses {
        let mut sorted: Vec<f64> = pauses.iter().map(|pause| pause.seconds).collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (sorted.len() as f64 * share).ceil() as usize;
            sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
        };
        Pauses {
            tasks: sorted.len(),
            p50: at(0.5),
            p99: at(0.99),
            max: at(1.0),
            bound: (lease.mul_f64(1.0 + REAP) + MARGIN).as_secs_f64(),
        }
    }
}

pub async fn pauses<'a>(
    struck: &[Struck],
    tasks: impl Iterator<Item = &'a Task> + Clone,
    broker: &Broker,
) -> Result<Vec<Pause>> {
    let client = broker.pool().get().await?;
    let mut pauses = Vec::new();
    for death in struck
        .iter()
        .filter(|struck| struck.fault == Fault::Kill(Victim::Worker))
    {
        let Ok(process) = &death.hit else { continue };
        // Process ids are reused: this takes the last worker with this id before the death.
        let worker = "SELECT id FROM workers WHERE pid = $1 AND started_at < $2 ORDER BY started_at DESC LIMIT 1";
        let Some(row) = client.query_opt(worker, &[&process.pid(), &death.at]).await? else {
            continue;
        };
        let (worker, died): (Uuid, f64) = (row.get(0), death.at.timestamp_micros() as f64 / 1e6);
        for task in tasks.clone() {
            let held =
                |run: &&Run| run.worker == worker && run.started < died && run.ended.is_none_or(|ended| ended > died);
            let Some(cut) = task.runs.iter().position(|run| held(&run)) else {
                continue;
            };
            // The start of the next run. If there was none, the end of the task.
            let resumed = task.runs.get(cut + 1).map(|run| run.started).or(task.runs[cut].ended);
            if let Some(resumed) = resumed {
                let seconds = resumed - died;
                let in_the_way = struck.iter().filter(|other| disturbs(other, death, seconds));
                pauses.push(Pause {
                    task: task.id,
                    seconds,
                    in_the_way: in_the_way.map(|other| told(other, death)).collect(),
                });
            }
        }
    }
    Ok(pauses)
}

/// Whether another fault could delay the task until it resumed: one that affects the whole fleet, or one at another worker of
/// the same kind.
fn disturbs(other: &Struck, death: &Struck, pause: f64) -> bool {
    let (Ok(hit), Ok(dead)) = (&other.hit, &death.hit) else {
        return false;
    };
    let of_the_kind = match other.fault {
        Fault::Kill(Victim::Worker) | Fault::Stop(Victim::Worker, _) | Fault::Drain => {
            hit.name() == dead.name() && other.at != death.at
        }
        _ => false,
    };
    let over = other.at + other.fault.lasts() + RECOVERY;
    let resumed = death.at + Duration::from_secs_f64(pause.max(0.0));
    (of_the_kind || other.fault.hits_all()) && over > death.at && other.at < resumed
}

fn told(other: &Struck, death: &Struck) -> String {
    let after = (other.at - death.at).as_seconds_f64();
    format!(
        "{} {:.1} s at {after:+.1} s",
        other.fault.kind(),
        other.fault.lasts().as_secs_f64()
    )
}
