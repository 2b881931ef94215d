//! State that every handler can access.

use crate::fleet::Snapshots;
use crate::schedule::Calendar;
use boot::Space;
use boot::metrics::PrometheusHandle;
use settings::Settings;
use store::Store;
use tokio_util::sync::CancellationToken;

pub struct Dashboard {
    pub store: Store,
    pub settings: Settings,
    /// Served at `/metrics`, if metrics are recorded.
    pub metrics: Option<PrometheusHandle>,
    /// Cancelled once the process is told to stop: long-lived answers such as event streams end.
    pub drain: CancellationToken,
    pub(crate) space: Space,
    pub(crate) calendar: Calendar,
    pub(crate) snapshots: Snapshots,
}

impl Dashboard {
    /// # Errors
    /// When the setting TIME_ZONE names no time zone.
    pub fn new(
        store: Store,
        settings: Settings,
        metrics: Option<PrometheusHandle>,
        drain: CancellationToken,
    ) -> anyhow::Result<Dashboard> {
        Ok(Dashboard {
            space: Space::of(&settings),
            calendar: Calendar::new(&settings)?,
            snapshots: Snapshots::default(),
            store,
            settings,
            metrics,
            drain,
        })
    }
}
