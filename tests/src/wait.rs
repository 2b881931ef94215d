use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long nothing may happen before a test gives up. Enough for one step on a slow machine that is busy with other things;
/// it does not limit how long all steps take together.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks until `look` is true: for what comes in one step.
///
/// # Panics
/// After [`PATIENCE`], naming `what` was waited for.
pub async fn wait_until(what: &str, mut look: impl AsyncFnMut() -> bool) {
    wait_for(what, async || look().await.then_some(())).await;
}

/// Looks until `look` finds something, and returns it: for what comes in one step.
///
/// # Panics
/// After [`PATIENCE`], naming `what` was waited for.
pub async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    follow(what, async || look().await.ok_or(())).await
}

/// Looks until `look` finds something, and returns it; until then it says how far things are. For what comes in many steps: it
/// may take as long as it needs, as long as it moves.
///
/// # Panics
/// After [`PATIENCE`] without any change, naming `what` was waited for and how far it came.
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
