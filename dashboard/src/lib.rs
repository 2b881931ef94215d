//! The operator's view: what waits, why, and actions on it. Reads Postgres, stores nothing itself, and contains no SQL. It is a
//! separate process, because the gateway may be public while the dashboard must not be.

mod actions;
mod api;
mod app;
mod fleet;
mod page;
mod schedule;
mod state;
mod warnings;

pub use app::{openapi, router};
pub use fleet::Fleet;
pub use state::Dashboard;
pub use warnings::Warning;

use settings::{
    ALLOWED_HOSTS, BROKER_URL, DASHBOARD_BIND, DATABASE_FOLDER, DATABASE_URL, DRAIN_SECONDS, Entry, METRICS_BIND,
    STORAGE_RESERVE_BYTES, STORAGE_URL, Settings, TIME_ZONE,
};
use std::sync::Arc;
use store::Store;
use web::{Grace, Proxies, serve};

pub const ABOUT: &str = "Shows operators what waits and why, and lets them act on it";

/// Settings that the command line offers as flags. All others are read from the environment.
pub const USES: &[&dyn Entry] = &[
    &DATABASE_URL,
    &BROKER_URL,
    &STORAGE_URL,
    &DATABASE_FOLDER,
    &STORAGE_RESERVE_BYTES,
    &DASHBOARD_BIND,
    &ALLOWED_HOSTS,
    &TIME_ZONE,
    &DRAIN_SECONDS,
    &METRICS_BIND,
];

/// Runs the dashboard until it is told to stop.
///
/// # Errors
/// When a setting is wrong, an address is taken, or Postgres refuses the connection. Waits for a Postgres that is unavailable.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let bind = web::listen::address(settings, DASHBOARD_BIND)?;
    let shutdown = boot::Shutdown::listen()?;
    let metrics = boot::metrics::install(settings, &[web::METRICS, broker::METRICS]).await?;
    // The port is opened only afterwards: a client should be refused rather than left waiting.
    let opening = broker::await_server(|| <Store as broker::JobContext>::open(settings));
    let Some(store) = shutdown.drain.run_until_cancelled(opening).await else {
        return Ok(());
    };
    let store = store?;
    let listener = web::listen::bind(DASHBOARD_BIND, bind, &store).await?;
    let grace = Grace {
        drain: shutdown.drain.clone(),
        at_once: shutdown.at_once.clone(),
        longest: settings.get(DRAIN_SECONDS),
    };
    let dashboard = Dashboard::new(store, settings.clone(), Some(metrics), shutdown.drain.clone())?;
    tracing::info!("dashboard at http://{}/", listener.local_addr()?);
    serve(
        listener,
        router(Arc::new(dashboard)),
        Proxies::from_settings(settings),
        grace,
    )
    .await;
    Ok(())
}
