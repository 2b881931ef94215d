use crate::error::Result;
use std::time::Duration;
use telemetry::Outage;

/// Pause between two attempts.
const TRY_AGAIN: Duration = Duration::from_millis(250);

/// Runs `open`, which connects to Postgres, and repeats it while the server is away or starting. A process that exited instead
/// would only be restarted, with growing delays. Errors that a person has to fix are returned at once.
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
