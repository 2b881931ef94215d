//! The operator's view: what waits, why, and a hand to act on it. Reads Postgres, keeps nothing, and writes no SQL. A process
//! apart, because the world may reach the gateway and not this.

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

/// What the command line offers as flags; all other settings are read from the environment.
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
/// When a setting is wrong, an address is taken, or Postgres refuses us. One that is away is waited for.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let bind = web::listen::address(settings, DASHBOARD_BIND)?;
    let shutdown = boot::Shutdown::listen()?;
    let metrics = boot::metrics::install(settings, &[web::METRICS, broker::METRICS]).await?;
    // Nobody is answered before: refused is better than left waiting.
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
