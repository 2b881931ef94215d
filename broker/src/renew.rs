//! Renewing leases. The answer says which runs are to be cancelled.

use crate::Broker;
use crate::error::Result;
use crate::postgres::Asked;
use uuid::Uuid;

/// One running task, its token and its progress.
#[derive(Debug, Clone, Copy)]
pub struct Renewal {
    pub id: Uuid,
    pub token: Uuid,
    /// `(done, of how many)`.
    pub progress: Option<(u32, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    pub id: Uuid,
    pub token: Uuid,
    /// Why the run is to be cancelled, if it is.
    pub cancel: Option<String>,
}

impl Broker {
    /// Records that Postgres answers. Called before every renewal and reaping, because a lease that expired while Postgres
    /// answered no process stands for another third of a lease.
    pub async fn watch_leases(&self) -> Result<()> {
        let client = Asked::of(&self.hasty).await?;
        let seconds = self.lease.as_secs_f64();
        let watched = client
            .execute(include_str!("../sql/watch_leases.sql"), &[&seconds])
            .await;
        client.answered();
        watched?;
        Ok(())
    }

    /// Renews all of a worker's leases in one statement. A run that is not in the answer has lost its lease. Safe to cancel at
    /// any `await`.
    pub async fn renew(&self, runs: &[Renewal]) -> Result<Vec<Renewed>> {
        self.watch_leases().await?;
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let ids: Vec<_> = runs.iter().map(|r| r.id).collect();
        let tokens: Vec<_> = runs.iter().map(|r| r.token).collect();
        let done: Vec<_> = runs.iter().map(|r| r.progress.map(|p| number(p.0))).collect();
        let total: Vec<_> = runs.iter().map(|r| r.progress.map(|p| number(p.1))).collect();
        let client = Asked::of(&self.hasty).await?;
        let renewed = client
            .query(
                include_str!("../sql/renew.sql"),
                &[&ids, &tokens, &done, &total, &self.lease.as_secs_f64()],
            )
            .await;
        client.answered();
        Ok(renewed?
            .iter()
            .map(|row| Renewed {
                id: row.get("id"),
                token: row.get("run_token"),
                cancel: row.get("cancel"),
            })
            .collect())
    }
}
