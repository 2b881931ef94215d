//! The last part of a run: publishes and commits its results, or writes its ending.

use crate::control::{Control, Order};
use crate::ending::{Ending, until_ordered, within};
use crate::erased::{ErasedRun, Scope};
use crate::failure::Failure;
use crate::run::Runner;
use broker::{Claimed, Commit, Error, JobContext, Run, Usage};
use futures_util::future::BoxFuture;
use queue_schema::document::ErrorCode;
use queue_schema::{Outcome, Policy};
use serde_json::value::RawValue;
use std::time::Duration;
use telemetry::Outage;
use tokio_postgres::Transaction;

/// Pause before a commit is retried while Postgres is away.
const AWAY: Duration = Duration::from_millis(500);
/// The outcome that is counted for a run that may not write one.
const LEASE_LOST: &str = "lease_lost";

impl<C: JobContext> Runner<C> {
    /// Stores the files that the child left, unless the run is ordered to end.
    pub(crate) async fn publish(
        &self,
        run: &mut dyn ErasedRun<C>,
        scope: Scope<'_, C>,
        policy: &Policy,
        control: &Control,
        output: &RawValue,
    ) -> Result<(), Ending> {
        let mut orders = control.orders();
        tokio::select! {
            published = within(policy, "publishing its results", run.publish(scope, output)) => published,
            ending = until_ordered(&mut orders) => Err(ending),
        }
    }

    /// Commits what was published. Waits for Postgres as long as the lease may stand. Returns the outcome, or the ending that
    /// is still to be written.
    pub(crate) async fn commit(
        &self,
        run: &dyn ErasedRun<C>,
        scope: Scope<'_, C>,
        control: &Control,
        usage: &Usage,
    ) -> Result<&'static str, Ending> {
        let claimed = scope.claimed;
        let mut outage = Outage::default();
        loop {
            let results = Results { run, scope };
            let settling = self.leases.settle(claimed.token).await;
            match self
                .context
                .broker()
                .complete(run_of(claimed), usage.clone(), results)
                .await
            {
                Ok(()) => return Ok(Outcome::Done.as_str()),
                Err(Error::LeaseLost(_)) => return Ok(LEASE_LOST),
                Err(error) if error.is_transient() => {
                    if outage.begins() {
                        tracing::warn!(%error, "result not committed; trying again while the lease stands");
                    }
                    drop(settling);
                    if !self.outlast(control).await {
                        return Ok(LEASE_LOST);
                    }
                }
                Err(error) => {
                    let failure = Failure::transient(format!("the result could not be stored: {error}"));
                    return Err(Ending::failed(failure));
                }
            }
        }
    }

    /// Writes an ending other than done. Waits for Postgres as long as the lease may stand. Returns the outcome.
    pub(crate) async fn end(
        &self,
        claimed: &Claimed,
        control: &Control,
        ending: Ending,
        usage: &Usage,
    ) -> &'static str {
        let Ending::Ended { outcome, error } = self.unless_full(claimed, ending) else {
            return LEASE_LOST;
        };
        let mut outage = Outage::default();
        loop {
            let settling = self.leases.settle(claimed.token).await;
            match self
                .context
                .broker()
                .fail(run_of(claimed), outcome, error.clone(), usage.clone())
                .await
            {
                Ok(_) => return outcome.as_str(),
                Err(failure) if failure.is_transient() => {
                    if outage.begins() {
                        tracing::warn!(error = %failure, "ending not written; trying again while the lease stands");
                    }
                    drop(settling);
                    if !self.outlast(control).await {
                        return LEASE_LOST;
                    }
                }
                Err(failure) => {
                    tracing::warn!(error = %failure, "ending not written; the lease will run out instead");
                    return LEASE_LOST;
                }
            }
        }
    }
}

impl<C: JobContext> Runner<C> {
    /// If a disk is full, the failure of a run says nothing about its task. So the task is handed back until there is space,
    /// and spends no attempt.
    ///
    /// The run's own files are already removed. If there is space again, they alone had filled the disk, and the run spends an
    /// attempt.
    fn unless_full(&self, claimed: &Claimed, ending: Ending) -> Ending {
        let Ending::Ended {
            outcome: Outcome::Failed | Outcome::Refused | Outcome::Crashed,
            error,
        } = &ending
        else {
            return ending;
        };
        let shortage = self.space.shortage().filter(|_| claimed.queue.needs_room());
        let Some(shortage) = shortage else {
            return ending;
        };
        let failed = error.as_ref().map(|error| format!("; this run had failed: {error}"));
        Ending::of(
            Outcome::HandedBack,
            ErrorCode::Internal,
            format!("it waits for space: {shortage}{}", failed.unwrap_or_default()),
        )
    }

    /// Waits a moment before the next attempt. `false`: waiting is of no use, because the lease is lost or the worker has to
    /// end.
    async fn outlast(&self, control: &Control) -> bool {
        tokio::time::sleep(AWAY).await;
        // Renewed before the next attempt, because the lease was not renewed during the last one.
        let _ = self.leases.renew().await;
        !matches!(*control.orders().borrow(), Order::LeaseLost | Order::HandBack)
    }
}

/// A run's results, to be committed by the broker.
struct Results<'r, C> {
    run: &'r dyn ErasedRun<C>,
    scope: Scope<'r, C>,
}

impl<C: JobContext> Commit for Results<'_, C> {
    fn commit<'a>(&'a self, tx: &'a Transaction<'_>) -> BoxFuture<'a, broker::Result<()>> {
        self.run.commit(self.scope, tx)
    }
}

fn run_of(claimed: &Claimed) -> Run {
    Run {
        id: claimed.id,
        token: claimed.token,
        document: claimed.document,
    }
}
