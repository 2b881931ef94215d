use crate::error::Result;
use std::time::Duration;
use telemetry::Outage;

/// Between two tries.
const TRY_AGAIN: Duration = Duration::from_millis(250);

/// Opens what stands on Postgres, and waits for a server that is away or just starting: a process that ended instead would
/// only be started again, ever later. What a person has to mend is an error at once.
pub async fn await_server<T, O: Future<Output = Result<T>>>(open: impl Fn() -> O) -> Result<T> {
    let mut outage = Outage::default();
    loop {
        match open().await {
            Err(error) if error.is_transient() => {
                if outage.begins() {
                    tracing::warn!(%error, "waiting for Postgres");
                }
                tokio::time::sleep(TRY_AGAIN).await;
            }
            opened => return opened,
        }
    }
}
