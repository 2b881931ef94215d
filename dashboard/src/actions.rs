//! Actions that the API and the pages share.

use crate::api::keys::{KeyMade, KeyOrder};
use crate::api::tasks::Begun;
use crate::state::Dashboard;
use broker::inspect::DeadFilter;
use queue_schema::Queue;
use store::{Bulk, NewKey, Remedy, Retried};
use uuid::Uuid;
use web::Who;
use web::problem::{Problem, Result};

pub async fn drain_worker(dashboard: &Dashboard, who: &Who, id: Uuid) -> Result<()> {
    if !dashboard.store.broker().drain(id, who.name()).await? {
        return Err(Problem::not_found(
            "worker_not_found",
            format!("there is no worker {id}; it may have stopped"),
        ));
    }
    tracing::info!(worker = %id, "worker asked to drain");
    dashboard.snapshots.forget().await;
    Ok(())
}

/// Pauses or resumes a queue.
pub async fn switch_queue(dashboard: &Dashboard, who: &Who, queue: Queue, paused: bool) -> Result<()> {
    let broker = dashboard.store.broker();
    let changed = if paused {
        broker.pause(queue, who.name()).await?
    } else {
        broker.resume(queue, who.name()).await?
    };
    tracing::info!(%queue, paused, changed, "queue switched");
    dashboard.snapshots.forget().await;
    Ok(())
}

pub async fn retry_task(dashboard: &Dashboard, who: &Who, id: Uuid) -> Result<Begun> {
    let retried = dashboard.store.retry_task(&dashboard.settings, id, who.name()).await?;
    dashboard.snapshots.forget().await;
    tracing::info!(task = %id, ?retried, "task retried");
    Ok(match retried {
        Retried::Task(task) => Begun {
            task: Some(task),
            document: None,
            stage: None,
        },
        Retried::Document(document, stage) => Begun {
            task: None,
            document: Some(document),
            stage: Some(stage.to_string()),
        },
    })
}

pub async fn cancel_task(dashboard: &Dashboard, who: &Who, id: Uuid) -> Result<()> {
    dashboard.store.cancel_task(id, who.name()).await?;
    dashboard.snapshots.forget().await;
    tracing::info!(task = %id, "task cancelled");
    Ok(())
}

pub async fn discard_task(dashboard: &Dashboard, who: &Who, id: Uuid) -> Result<()> {
    let task = dashboard.store.task(id).await?;
    if dashboard.store.discard(&[id], who.name()).await? == 0 {
        let state = task.task.state;
        return Err(Problem::conflict(
            "refused",
            format!("the task is {state} and not among the dead letters; there is nothing to discard"),
        ));
    }
    dashboard.snapshots.forget().await;
    tracing::info!(task = %id, "task discarded");
    Ok(())
}

/// Retries or discards the dead letters that match the filter.
pub async fn remedy_dead_letters(
    dashboard: &Dashboard,
    who: &Who,
    filter: &DeadFilter,
    remedy: Remedy,
) -> Result<Bulk> {
    let bulk = dashboard
        .store
        .bulk(&dashboard.settings, filter, remedy, who.name())
        .await?;
    tracing::info!(
        ?remedy,
        done = bulk.done,
        refused = bulk.refused,
        "dead letters dealt with"
    );
    dashboard.snapshots.forget().await;
    Ok(bulk)
}

pub async fn act_on_schedule(dashboard: &Dashboard, who: &Who, name: &str, action: &str) -> Result<()> {
    let Some(schedule) = dashboard.calendar.find(name) else {
        return Err(Problem::not_found(
            "schedule_not_found",
            format!("there is no schedule {name:?}"),
        ));
    };
    let broker = dashboard.store.broker();
    match action {
        "run" => {
            if broker.run_now(schedule, who.name()).await?.is_none() {
                return Err(Problem::conflict(
                    "refused",
                    format!("a task that was asked for out of turn for {name} has not ended yet"),
                ));
            }
        }
        "enable" | "disable" => {
            broker
                .switch_schedule(schedule.name, action == "enable", who.name())
                .await?;
        }
        _ => {
            return Err(Problem::not_found(
                "action_not_found",
                "a schedule can be run, enabled or disabled",
            ));
        }
    }
    tracing::info!(schedule = name, action, "schedule acted upon");
    dashboard.snapshots.forget().await;
    Ok(())
}

/// Makes a key. Once the first key exists, every request needs one.
pub async fn make_key(dashboard: &Dashboard, who: &Who, order: KeyOrder) -> Result<KeyMade> {
    let new = NewKey {
        name: order.name,
        scopes: order.scopes,
        projects: order.projects,
        expires_at: order.expires_at,
    };
    let (key, secret) = dashboard.store.add_key(&new, who.name()).await?;
    tracing::info!(key = key.name, "key made");
    let secret = secret.reveal().to_owned();
    Ok(KeyMade { key, secret })
}

pub async fn revoke_key(dashboard: &Dashboard, who: &Who, key: &str) -> Result<()> {
    dashboard.store.revoke_key(key, who.name()).await?;
    tracing::info!(key, "key revoked");
    Ok(())
}
