//! Schedules: when each fired last, and firing them.

use crate::Broker;
use crate::audit;
use crate::enqueue::NewTask;
use crate::error::{Error, Result};
use crate::fault::{self, Moment};
use chrono::{DateTime, Utc};
use queue_schema::schedule::Schedule;
use serde_json::{Value, json};
use uuid::Uuid;

/// A schedule's row, and the time in Postgres: the one clock that all schedulers share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFire {
    /// `false`: an operator switched it off.
    pub enabled: bool,
    /// For a schedule that was never seen before: the moment it was first seen.
    pub at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

impl Broker {
    pub async fn last_fire(&self, schedule: &str) -> Result<LastFire> {
        let client = self.pool.get().await?;
        let select = include_str!("../sql/last_fire.sql");
        let row = match client.query_opt(select, &[&schedule]).await? {
            Some(row) => row,
            None => {
                client
                    .execute(include_str!("../sql/remember_schedule.sql"), &[&schedule])
                    .await?;
                client.query_one(select, &[&schedule]).await?
            }
        };
        Ok(LastFire {
            enabled: row.get("enabled"),
            at: row.get("last_fire"),
            now: row.get("now"),
        })
    }

    /// Enqueues `task` for this firing time of the schedule, in one transaction with the row that records it. `false`: this
    /// time was fired before.
    pub async fn fire(&self, schedule: &str, at: DateTime<Utc>, task: NewTask) -> Result<bool> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let fired = tx
            .execute(include_str!("../sql/fire.sql"), &[&schedule, &at, &task.id()])
            .await?
            > 0;
        let woken = if fired {
            self.enqueue(&*tx, &[task]).await?
        } else {
            Vec::new()
        };
        tx.execute(include_str!("../sql/fired.sql"), &[&schedule, &at]).await?;
        fault::dies(Moment::Fired);
        tx.commit().await?;
        fault::dies(Moment::FireCommitted);
        self.wake.push_or_leave(&woken).await;
        Ok(fired)
    }

    /// Sets the last firing to `at`: skips all firings until then or, after the clock was set back, moves the last firing back.
    pub async fn reset_fire(&self, schedule: &str, at: DateTime<Utc>) -> Result<()> {
        let client = self.pool.get().await?;
        client
            .execute(include_str!("../sql/reset_fire.sql"), &[&schedule, &at])
            .await?;
        Ok(())
    }

    /// Enqueues the schedule's task now, without changing its next firing. `None`: the last task enqueued like this has not
    /// ended.
    pub async fn run_now(&self, schedule: &Schedule, who: &str) -> Result<Option<Uuid>> {
        let payload = (schedule.payload)().ok_or_else(|| Error::other("a schedule has no payload"))?;
        let task =
            NewTask::of_kind(schedule.queue, schedule.kind, payload).unique(format!("schedule:{}", schedule.name));
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let woken = self.enqueue(&*tx, &[task]).await?;
        let id = woken.first().map(|task| task.id);
        if let Some(id) = id {
            audit::note(&tx, who, "schedule.run", schedule.name, &json!({"task": id})).await?;
        }
        tx.commit().await?;
        self.wake.push_or_leave(&woken).await;
        Ok(id)
    }

    /// Switches a schedule on or off. `false`: nothing changed.
    pub async fn switch_schedule(&self, schedule: &str, enabled: bool, who: &str) -> Result<bool> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let statement = include_str!("../sql/switch_schedule.sql");
        let changed = tx.execute(statement, &[&schedule, &enabled]).await? > 0;
        if changed {
            let action = if enabled { "schedule.enable" } else { "schedule.disable" };
            audit::note(&tx, who, action, schedule, &Value::Null).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }
}
