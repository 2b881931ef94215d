use crate::condition::Condition;
use crate::duty::Duty;
use crate::rhythm::Rhythm;
use crate::watchdog::Pulse;
use std::time::Instant;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Does a duty over and over until `stop`, whatever happens to the servers.
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
        let result = if outcome.is_ok() { "ok" } else { "error" };
        metrics::counter!("docfleet_duty_rounds_total", "duty" => D::NAME, "result" => result).increment(1);
        metrics::histogram!("docfleet_duty_seconds", "duty" => D::NAME).record(began.elapsed());
        condition.note(D::NAME, &outcome);
        let round = outcome.ok();
        if let Some(round) = round.filter(|round| round.done > 0) {
            metrics::counter!("docfleet_duty_done_total", "duty" => D::NAME).increment(round.done);
            tracing::debug!(duty = D::NAME, done = round.done, "done");
        }
        let rest = rhythm.after(round, *leads.borrow_and_update());
        pulse.resting(rest);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
            // Whoever comes to lead begins at once.
            Ok(()) = leads.changed() => {}
        }
    }
}
