//! The last part of a run: what came of it is published and committed.

use crate::control::{Control, Order};
use crate::ending::{Ending, until_ordered, within};
use crate::job::{Failure, Office};
use crate::run::Floor;
use broker::{Claimed, Commit, Error, Home, NewTask, Run, Usage};
use futures_util::future::BoxFuture;
use queue_schema::document::ErrorCode;
use queue_schema::{Outcome, Policy};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio_postgres::Transaction;

/// Pause before a completion is tried again while Postgres is away.
const AWAY: Duration = Duration::from_millis(500);
/// The outcome of a run that may write none.
const LEASE_LOST: &str = "lease_lost";

impl<H: Home> Floor<H> {
    /// Stores the files that the child left, as long as its results are wanted.
    pub(crate) async fn publish(
        &self,
        office: &dyn Office<H>,
        claimed: &Claimed,
        policy: &Policy,
        control: &Control,
        scratch: &Path,
        output: Value,
    ) -> Ending {
        let publishing = office.publish(&self.home, claimed, scratch, output);
        let mut orders = control.orders();
        tokio::select! {
            published = within(policy, "publishing its results", publishing) => match published {
                Ok(output) => Ending::Output(output),
                Err(ending) => ending,
            },
            ending = until_ordered(&mut orders) => ending,
        }
    }

    /// Commits the output, waiting for Postgres as long as the lease may stand. The outcome, or the ending that is still to be
    /// written.
    pub(crate) async fn commit(
        &self,
        office: &dyn Office<H>,
        claimed: &Claimed,
        control: &Control,
        scratch: &Path,
        output: &Value,
        usage: &Usage,
    ) -> Result<&'static str, Ending> {
        let mut told = false;
        loop {
            let results = Results {
                office,
                home: &self.home,
                claimed,
                scratch,
                output,
            };
            let settling = self.leases.settle(claimed.token).await;
            match self
                .home
                .broker()
                .complete(run_of(claimed), usage.clone(), results)
                .await
            {
                Ok(()) => return Ok(Outcome::Done.as_str()),
                Err(Error::LeaseLost(_)) => return Ok(LEASE_LOST),
                Err(error) if error.is_passing() => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::warn!(%error, "result not committed; trying again while the lease stands");
                    }
                    drop(settling);
                    if !self.outlast(control).await {
                        return Ok(LEASE_LOST);
                    }
                }
                Err(error) => {
                    let failure = Failure::passing(format!("the result could not be stored: {error}"));
                    return Err(Ending::failed(failure));
                }
            }
        }
    }

    /// Writes an ending other than done, waiting for Postgres as long as the lease may stand.
    pub(crate) async fn end(
        &self,
        claimed: &Claimed,
        control: &Control,
        ending: Ending,
        usage: &Usage,
    ) -> &'static str {
        let Ending::Other { outcome, error } = self.unless_full(claimed, ending) else {
            return LEASE_LOST;
        };
        let mut told = false;
        loop {
            let settling = self.leases.settle(claimed.token).await;
            match self
                .home
                .broker()
                .fail(run_of(claimed), outcome, error.clone(), usage.clone())
                .await
            {
                Ok(_) => return outcome.as_str(),
                Err(failure) if failure.is_passing() => {
                    if !std::mem::replace(&mut told, true) {
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

impl<H: Home> Floor<H> {
    /// A run that fails while a disk is full says nothing about its task, which waits for space and spends no attempt.
    ///
    /// Where there is space again once the run's own files are gone, they alone filled the disk: that spends one.
    fn unless_full(&self, claimed: &Claimed, ending: Ending) -> Ending {
        let Ending::Other {
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

    /// Waits a moment for Postgres to be back. `false`: it is of no use to wait any longer, the lease is lost or the worker
    /// has to end.
    async fn outlast(&self, control: &Control) -> bool {
        tokio::time::sleep(AWAY).await;
        // Before the result is tried again: while it was, nobody renewed its lease.
        let _ = self.leases.renew().await;
        !matches!(*control.orders().borrow(), Order::LeaseLost | Order::HandBack)
    }
}

/// A run's output on its way into the database.
struct Results<'r, H> {
    office: &'r dyn Office<H>,
    home: &'r H,
    claimed: &'r Claimed,
    scratch: &'r Path,
    output: &'r Value,
}

impl<H: Home> Commit for Results<'_, H> {
    fn commit<'a>(&'a self, tx: &'a Transaction<'_>) -> BoxFuture<'a, broker::Result<Vec<NewTask>>> {
        self.office
            .commit(self.home, tx, self.claimed, self.scratch, self.output)
    }
}

fn run_of(claimed: &Claimed) -> Run {
    Run {
        id: claimed.id,
        token: claimed.token,
        document: claimed.document,
    }
}
