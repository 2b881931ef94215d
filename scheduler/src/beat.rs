use crate::condition::Condition;
use crate::duty::{By, Duty};
use crate::events::RoundEnded;
use crate::rhythm::Rhythm;
use crate::watchdog::Pulse;
use std::time::Instant;
use telemetry::Event;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Repeats a duty until `stop`, also while Postgres or Redis is away.
pub(crate) async fn beat<D: Duty>(
    mut duty: D,
    mut leads: watch::Receiver<bool>,
    pulse: Pulse,
    stop: CancellationToken,
) {
    let mut rhythm = Rhythm::new(duty.pace());
    let mut condition = Condition::default();
    loop {
        pulse.working();
        let began = Instant::now();
        let Some(outcome) = stop.run_until_cancelled(duty.round()).await else {
            return;
        };
        condition.note(D::NAME, &outcome);
        let round = outcome.ok();
        RoundEnded {
            duty: D::NAME,
            done: round.map(|round| round.done),
            took: began.elapsed(),
        }
        .emit();
        let leads_now = *leads.borrow_and_update();
        let rest = rhythm.after(round, D::BY == By::All || leads_now);
        pulse.resting(rest);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
            // A new leader starts its next round at once.
            Ok(()) = leads.changed() => {}
        }
    }
}
