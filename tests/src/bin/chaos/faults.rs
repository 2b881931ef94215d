//! Injects the planned faults, if a suitable victim is running.

use crate::crew::signal;
use crate::fleet::Fleet;
use crate::plan::{Fault, Strike, Victim};
use anyhow::{Context, Result};
use broker::Broker;
use chrono::{DateTime, Utc};
use fleet_tests::tree::Process;
use futures_util::future::join_all;
use rustix::process::Signal;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_postgres::Row;

/// How long to wait for a victim.
const PATIENCE: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(50);
const ANSWER: Duration = Duration::from_secs(1);

/// The outcome of a planned fault.
#[derive(Debug, Clone)]
pub struct Struck {
    pub fault: Fault,
    pub at: DateTime<Utc>,
    pub hit: Result<Process, Missed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// No process of this kind was running.
    Absent,
    /// Every process of this kind ran a document's task that its policy would dead-letter after one more crash. A poison task
    /// dies of three crashes by design, so chaos never causes the last one.
    Spared,
}

/// For each worker process, the number of its documents' tasks that would not survive another crash. A task of several pages
/// survives, because after its last crash it is replaced by one task per page.
const HELD: &str = "
    SELECT w.pid, count(*) FILTER (
        WHERE t.document_id IS NOT NULL AND (t.policy->>'max_crashes')::integer > 1
          AND (t.crashes + 1 >= (t.policy->>'max_crashes')::integer
               OR t.attempts >= (t.policy->>'max_attempts')::integer)) AS last_lives
    FROM tasks t LEFT JOIN workers w ON w.id = t.worker_id
    WHERE t.state = 'running' GROUP BY w.pid";

/// Injects all faults of the plan, and continues all stopped processes. `apart`: an outage that starts late, because its victim
/// had to be waited for, delays the outages after it.
pub async fn strike_all(plan: &[Strike], apart: bool, fleet: &Fleet, broker: &Broker) -> Vec<Struck> {
    let began = Instant::now();
    let outage = &Mutex::new(());
    join_all(plan.iter().map(|strike| async move {
        tokio::time::sleep_until(began + strike.at).await;
        let lasts = strike.fault.outage(fleet.lease).filter(|_| apart);
        let _no_other = match lasts {
            Some(_) => Some(outage.lock().await),
            None => None,
        };
        let struck = strike_one(strike, fleet, broker).await;
        let whom = match &struck.hit {
            Ok(process) => format!("{} {}", process.name(), process.pid()),
            Err(missed) => format!("missed: {missed:?}"),
        };
        eprintln!("{} {strike}  {whom}", struck.at.format("%H:%M:%S%.3f"));
        if struck.hit.is_ok() {
            tokio::time::sleep(strike.fault.lasts()).await;
        }
        if let (Fault::Stop(..), Ok(process)) = (strike.fault, &struck.hit) {
            signal(process.pid(), Signal::CONT);
        }
        if let (Some(lasts), Ok(_)) = (lasts, &struck.hit) {
            tokio::time::sleep(lasts.saturating_sub(strike.fault.lasts())).await;
        }
        struck
    }))
    .await
}

async fn strike_one(strike: &Strike, fleet: &Fleet, broker: &Broker) -> Struck {
    let began = Instant::now();
    loop {
        let hit = match choose(strike, fleet, broker).await {
            Ok(process) => hit(strike.fault, &process, fleet)
                .await
                .map(|()| process)
                .map_err(|_| Missed::Absent),
            Err(missed) => Err(missed),
        };
        if hit.is_ok() || began.elapsed() > PATIENCE {
            let (fault, at) = (strike.fault, Utc::now());
            return Struck { fault, at, hit };
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The victim that the plan picks among the candidates.
async fn choose(strike: &Strike, fleet: &Fleet, broker: &Broker) -> Result<Process, Missed> {
    let victim = strike.fault.victim();
    let candidates = fleet.candidates(victim);
    if candidates.is_empty() {
        return Err(Missed::Absent);
    }
    let mut candidates = match (victim.is_worker(), strike.fault.costs_lives()) {
        (true, _) => workers(candidates, strike, &held(broker).await?),
        (false, true) if held(broker).await?.values().any(|last_lives| *last_lives > 0) => Vec::new(),
        (false, _) => candidates,
    };
    let place = (strike.pick / 4).checked_rem(candidates.len() as u64);
    Ok(candidates.swap_remove(place.ok_or(Missed::Spared)? as usize))
}

/// Three of four faults pick a busy worker, or a child of one.
fn workers(candidates: Vec<Process>, strike: &Strike, held: &HashMap<i32, i64>) -> Vec<Process> {
    let of = |process: &Process| match strike.fault.victim() {
        Victim::Child => parent(process.pid()).and_then(|worker| held.get(&worker)),
        _ => held.get(&process.pid()),
    };
    let may_die = |process: &Process| of(process).is_none_or(|last_lives| *last_lives == 0);
    let candidates = candidates
        .into_iter()
        .filter(|process| !strike.fault.costs_lives() || may_die(process));
    let (busy, idle): (Vec<_>, Vec<_>) = candidates.partition(|process| of(process).is_some());
    match strike.pick % 4 {
        1.. if !busy.is_empty() => busy,
        _ => [busy, idle].concat(),
    }
}

impl Fault {
    /// Whether a run may end by this fault and be counted as a crash.
    fn costs_lives(self) -> bool {
        match self {
            Fault::Kill(victim) => !matches!(victim, Victim::Gateway | Victim::Scheduler | Victim::Redis),
            Fault::Stop(victim, _) => matches!(victim, Victim::Worker | Victim::Postgres | Victim::Backend),
            Fault::Drain | Fault::Flush | Fault::PauseRedis(_) => false,
        }
    }
}

/// The counts of [`HELD`] by worker process id; 0 if the id is unknown. Without an answer from Postgres, every victim is
/// spared.
async fn held(broker: &Broker) -> Result<HashMap<i32, i64>, Missed> {
    let rows = async {
        let client = broker.pool().get().await?;
        anyhow::Ok(client.query(HELD, &[]).await?)
    };
    let Ok(Ok(rows)) = tokio::time::timeout(ANSWER, rows).await else {
        return Err(Missed::Spared);
    };
    let held = |row: &Row| {
        (
            row.get::<_, Option<i32>>("pid").unwrap_or_default(),
            row.get("last_lives"),
        )
    };
    Ok(rows.iter().map(held).collect())
}

fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

async fn hit(fault: Fault, process: &Process, fleet: &Fleet) -> Result<()> {
    match fault {
        Fault::Kill(_) => signal(process.pid(), Signal::KILL),
        Fault::Stop(..) => signal(process.pid(), Signal::STOP),
        Fault::Drain => signal(process.pid(), Signal::TERM),
        Fault::Flush => redis(fleet, redis::cmd("FLUSHALL")).await?,
        Fault::PauseRedis(time) => {
            let mut pause = redis::cmd("CLIENT");
            pause.arg("PAUSE").arg(time.as_millis() as u64);
            redis(fleet, pause).await?;
        }
    }
    Ok(())
}

async fn redis(fleet: &Fleet, command: redis::Cmd) -> Result<()> {
    let client = redis::Client::open(fleet.broker_url())?;
    let answer = async {
        let mut connection = client.get_multiplexed_async_connection().await?;
        command.query_async::<()>(&mut connection).await
    };
    tokio::time::timeout(ANSWER, answer).await.context("no answer")??;
    Ok(())
}
