//! The scheduler: periodic duties of the fleet, one per file.
//!
//! Any number of schedulers may run. Every scheduler can do every duty, also at the same time as another: rows are locked and
//! skipped, runs are fenced by tokens, and each firing of a schedule has a unique row. Leadership only saves work. Schedulers
//! that do not lead do the expensive duties too, but more slowly, so a leader that hangs delays work without blocking it.

mod beat;
mod condition;
mod duty;
mod events;
mod fire;
mod leader;
mod misfire;
mod reap;
mod reconcile;
mod release;
mod retention;
mod rhythm;
mod watchdog;

pub use duty::{By, Duty, Pace, Round};
pub use events::METRICS;
pub use fire::Fire;
pub use misfire::due;
pub use reap::Reap;
pub use reconcile::Reconcile;
pub use release::Release;
pub use retention::Retention;

use anyhow::Context;
use beat::beat;
use broker::Broker;
use queue_schema::schedule;
use settings::{BROKER_URL, DATABASE_URL, Entry, LEASE_SECONDS, METRICS_BIND, RETENTION_DAYS, Settings, TIME_ZONE};
use std::sync::Arc;
use store::DocumentFlow;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use watchdog::Watchdog;

/// The settings that the scheduler's command line offers as flags. All others are read from the environment.
pub const USES: &[&dyn Entry] = &[
    &DATABASE_URL,
    &BROKER_URL,
    &LEASE_SECONDS,
    &RETENTION_DAYS,
    &TIME_ZONE,
    &METRICS_BIND,
];

/// Does every duty until `stop`.
///
/// # Errors
/// A wrong setting, a database that a newer docfleet has upgraded, or a duty that ended by itself. While Postgres or Redis is
/// away, it waits.
pub async fn run(settings: &Settings, stop: &CancellationToken) -> anyhow::Result<()> {
    let Some(opened) = stop.run_until_cancelled(connect(settings)).await else {
        return Ok(());
    };
    let broker = opened?;
    let mut watchdog = Watchdog::default();
    let (leads, leading) = watch::channel(false);
    let mut beats = JoinSet::new();
    beats.spawn(leader::campaign(broker.pool().clone(), leads, stop.clone()));
    let fire = Fire::new(broker.clone(), settings, schedule::ALL).context("the schedules cannot be read")?;
    beats.spawn(beat(fire, leading.clone(), watchdog.pulse("fire"), stop.clone()));
    let release = Release::new(broker.clone());
    beats.spawn(beat(release, leading.clone(), watchdog.pulse("release"), stop.clone()));
    let reap = Reap::new(broker.clone());
    beats.spawn(beat(reap, leading.clone(), watchdog.pulse("reap"), stop.clone()));
    let reconcile = Reconcile::new(broker.clone());
    beats.spawn(beat(
        reconcile,
        leading.clone(),
        watchdog.pulse("reconcile"),
        stop.clone(),
    ));
    let retention = Retention::new(broker, settings);
    beats.spawn(beat(retention, leading, watchdog.pulse("retention"), stop.clone()));
    watchdog.watch(stop.clone());
    tracing::info!("started");
    let first = beats.join_next().await;
    if !stop.is_cancelled() {
        beats.shutdown().await;
        match first {
            Some(Err(panic)) => return Err(panic).context("a duty died"),
            _ => anyhow::bail!("a duty ended by itself"),
        }
    }
    while beats.join_next().await.is_some() {}
    tracing::info!("stopped");
    Ok(())
}

/// Connects with the same [`DocumentFlow`] as the workers, because a reaped task may also have follow-up tasks.
async fn connect(settings: &Settings) -> broker::Result<Broker> {
    let flow = Arc::new(DocumentFlow::new(settings));
    broker::await_server(|| Broker::open(settings, flow.clone())).await
}
