use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long a test waits without any change before it gives up. Enough for one step on a slow, busy machine. It does not limit
/// the total time of several steps.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Interval between two polls.
const PAUSE: Duration = Duration::from_millis(20);

/// Polls until `look` is true. For changes that happen in one step.
///
/// # Panics
/// After [`PATIENCE`], with `what` in the message.
pub async fn wait_until(what: &str, mut look: impl AsyncFnMut() -> bool) {
    wait_for(what, async || look().await.then_some(())).await;
}

/// Polls until `look` returns something, and returns that. For changes that happen in one step.
///
/// # Panics
/// After [`PATIENCE`], with `what` in the message.
pub async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    follow(what, async || look().await.ok_or(())).await
}

/// Polls until `look` returns something, and returns that. Until then `look` returns the progress. For changes in many steps:
/// they may take as long as needed, as long as the progress changes.
///
/// # Panics
/// After [`PATIENCE`] without progress, with `what` and the last progress in the message.
pub async fn follow<T, P: PartialEq + Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, P>) -> T {
    let mut moved = Instant::now();
    let mut last = None;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(now) if last.as_ref() != Some(&now) => (last, moved) = (Some(now), Instant::now()),
            Err(now) => assert!(
                moved.elapsed() < PATIENCE,
                "waited in vain for: {what}; nothing has moved for {PATIENCE:?}: {now:?}"
            ),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
