use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks until `look` is true.
///
/// # Panics
/// After `patience`, naming `what` was waited for.
pub async fn wait_until(what: &str, patience: Duration, mut look: impl AsyncFnMut() -> bool) {
    wait_for(what, patience, async || look().await.then_some(())).await;
}

/// Looks until `look` finds something, and returns it.
///
/// # Panics
/// After `patience`, naming `what` was waited for.
pub async fn wait_for<T>(what: &str, patience: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < patience, "waited {patience:?} in vain for: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
