//! The gateway: accepts uploads, reports their progress, serves the results, and serves the documents page, where a person can
//! do the same. It parses no document and contains no SQL.

mod actions;
mod api;
mod app;
mod config;
mod events;
mod page;
mod readiness;
mod state;
mod upload;
mod wire;

pub use app::{openapi, router};
pub use config::{ABOUT, Config, USES};
pub use events::METRICS;
pub use state::Gateway;

use settings::{BIND, Settings};
use std::sync::Arc;
use store::Store;
use web::{Grace, Proxies, serve};

/// Runs the gateway until it is told to stop.
///
/// # Errors
/// When a setting is wrong, an address is taken, or Postgres refuses the connection. Waits for a Postgres that is unavailable.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let config = Config::from_settings(settings)?;
    let shutdown = boot::Shutdown::listen()?;
    let metrics = boot::metrics::install(settings, &[events::METRICS, web::METRICS, broker::METRICS]).await?;
    // The port is opened only afterwards: a client should be refused rather than left waiting.
    let opening = broker::await_server(|| <Store as broker::JobContext>::open(settings));
    let Some(store) = shutdown.drain.run_until_cancelled(opening).await else {
        return Ok(());
    };
    let store = store?;
    let listener = web::listen::bind(BIND, config.bind, &store).await?;
    let grace = Grace {
        drain: shutdown.drain.clone(),
        at_once: shutdown.at_once.clone(),
        longest: config.drain,
    };
    let gateway = Gateway::new(store, settings.clone(), config, Some(metrics), shutdown.drain.clone());
    tracing::info!("documents page at http://{}/", listener.local_addr()?);
    serve(
        listener,
        router(Arc::new(gateway)),
        Proxies::from_settings(settings),
        grace,
    )
    .await;
    Ok(())
}
