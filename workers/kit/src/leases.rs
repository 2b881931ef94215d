//! Renews all leases of a worker together. The answer says which runs are to be cancelled.

use crate::control::{Control, Order};
use crate::events::{GaveWay, LeaseLost};
use crate::give_way::{Running, who_gives_way};
use broker::fault::{self, Moment};
use broker::{Broker, Claimed, Renewal, Renewed};
use queue_schema::Queue;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use telemetry::{Event, Outage};
use tokio::sync::Notify;
use tracing::Span;
use uuid::Uuid;

/// Progress is not written more often than this.
const PROGRESS: Duration = Duration::from_millis(500);

// A lease is divided by the following numbers. After an outage, leases stand for a third of a lease: within that time a worker
// must have waited in vain for an answer, paused, and renewed.
/// Interval between two renewals.
const PACE: u32 = 3;
/// Longest wait for an answer.
const ANSWER: u32 = 5;
/// Pause between a failed renewal and the next attempt.
const AGAIN: u32 = 12;

#[derive(Clone)]
pub struct Leases(Arc<Inner>);

struct Inner {
    broker: Broker,
    /// The worker's queues, in its order.
    queues: Vec<Queue>,
    slots: usize,
    runs: Mutex<HashMap<Uuid, Held>>,
    progressed: Notify,
    /// Held during a renewal.
    renewing: tokio::sync::Mutex<()>,
    /// The order that was given to all runs.
    standing: Mutex<Order>,
}

struct Held {
    task: Uuid,
    document: Option<Uuid>,
    urgent: bool,
    /// Whether the run can stop between two steps.
    gives_way: bool,
    control: Control,
    /// The run's span, for its log lines.
    span: Span,
    /// The run's ending is being written. Its lease is not renewed meanwhile, because that transaction holds the task's row.
    settling: bool,
}

/// Ends the renewal of a lease when dropped.
pub struct Holding {
    leases: Leases,
    token: Uuid,
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.leases.runs().remove(&self.token);
    }
}

/// Suspends the renewal of a lease until dropped.
pub struct Settling {
    leases: Leases,
    token: Uuid,
}

impl Drop for Settling {
    fn drop(&mut self) {
        if let Some(held) = self.leases.runs().get_mut(&self.token) {
            held.settling = false;
        }
    }
}

impl Leases {
    pub fn new(broker: Broker, queues: Vec<Queue>, slots: usize) -> Leases {
        Leases(Arc::new(Inner {
            broker,
            queues,
            slots,
            runs: Mutex::default(),
            progressed: Notify::new(),
            renewing: tokio::sync::Mutex::default(),
            standing: Mutex::default(),
        }))
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<Uuid, Held>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renews a lease until the result is dropped. To be called in the run's span.
    pub fn hold(&self, claimed: &Claimed, gives_way: bool, control: Control) -> Holding {
        let token = claimed.token;
        let mut runs = self.runs();
        control.order(self.standing().clone());
        let held = Held {
            task: claimed.id,
            document: claimed.document,
            urgent: claimed.urgent,
            gives_way,
            control,
            span: Span::current(),
            settling: false,
        };
        runs.insert(token, held);
        drop(runs);
        Holding {
            leases: self.clone(),
            token,
        }
    }

    fn standing(&self) -> MutexGuard<'_, Order> {
        self.0.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an order to every current and future run.
    pub fn order_all(&self, order: &Order) {
        let runs = self.runs();
        *self.standing() = order.clone();
        for held in runs.values() {
            held.control.order(order.clone());
        }
    }

    pub fn progressed(&self) {
        self.0.progressed.notify_one();
    }

    /// To be held while the ending of a run is written. Waits for a renewal in progress, so that neither has to wait for the
    /// other's row lock.
    pub async fn settle(&self, token: Uuid) -> Settling {
        let _none_under_way = self.0.renewing.lock().await;
        if let Some(held) = self.runs().get_mut(&token) {
            held.settling = true;
        }
        Settling {
            leases: self.clone(),
            token,
        }
    }

    /// Renews for as long as the worker lives.
    pub async fn keep(&self) {
        let lease = self.0.broker.lease();
        loop {
            let progressed = async {
                self.0.progressed.notified().await;
                tokio::time::sleep(PROGRESS).await;
            };
            let _ = tokio::time::timeout(lease / PACE, progressed).await;
            let mut outage = Outage::default();
            // Only Postgres decides whether the leases stand, once it answers again. After an outage for all workers they do.
            // Until then the runs may go on without harm, because they cannot write anything.
            while let Err(error) = self.renew().await {
                if outage.begins() {
                    let runs = self.runs().len();
                    tracing::warn!(%error, runs, "leases not renewed; their runs go on, and it is tried again until it works");
                }
                tokio::time::sleep(lease / AGAIN).await;
            }
            if outage.ends() {
                tracing::info!("leases are renewed again");
            }
            // This is optional, so it must not delay the next renewal.
            if let Ok(Err(error)) = tokio::time::timeout(lease / ANSWER, self.make_way()).await {
                tracing::debug!(%error, "who waits was not seen; the runs go on");
            }
        }
    }

    /// If all slots are taken and a shorter or more urgent task is next in line, asks a run to give way.
    async fn make_way(&self) -> broker::Result<()> {
        let running = self.running();
        if running.len() < self.0.slots || !running.iter().any(Running::can_give_way) {
            return Ok(());
        }
        let Some(next) = self.0.broker.next_in_line(&self.0.queues).await? else {
            return Ok(());
        };
        if let Some(token) = who_gives_way(&next, &running)
            && let Some(held) = self.runs().get(&token)
            && held.control.ask_to_give_way()
        {
            held.span.in_scope(|| GaveWay.emit());
        }
        Ok(())
    }

    fn running(&self) -> Vec<Running> {
        let runs = self.runs();
        let running = |(token, held): (&Uuid, &Held)| Running {
            token: *token,
            document: held.document,
            urgent: held.urgent,
            steps_left: held
                .control
                .progress()
                .filter(|_| held.gives_way)
                .map_or(0, |(done, total)| total.saturating_sub(done)),
            asked: *held.control.gives_way().borrow(),
        };
        runs.iter().map(running).collect()
    }

    /// Asks every run to give way, so that another worker can go on with the remaining steps.
    pub fn ask_all_to_give_way(&self) {
        for held in self.runs().values().filter(|held| held.gives_way) {
            held.control.ask_to_give_way();
        }
    }

    /// Renews all leases, except those of runs whose ending is being written.
    pub async fn renew(&self) -> broker::Result<()> {
        let _alone = self.0.renewing.lock().await;
        let asked: Vec<Renewal> = self
            .runs()
            .iter()
            .filter(|(_, held)| !held.settling)
            .map(|(token, held)| Renewal {
                id: held.task,
                token: *token,
                progress: held.control.progress(),
            })
            .collect();
        if fault::loses(Moment::Renewal) {
            return Ok(());
        }
        let answer = tokio::time::timeout(self.0.broker.lease() / ANSWER, self.0.broker.renew(&asked));
        let renewed = answer
            .await
            .map_err(|_| broker::Error::other("Postgres did not answer in time"))??;
        let mut runs = self.runs();
        for Renewal { token, .. } in asked {
            let Some(held) = runs.get_mut(&token) else { continue };
            match renewed.iter().find(|r| r.token == token) {
                Some(Renewed { cancel: None, .. }) => {}
                Some(Renewed {
                    cancel: Some(reason), ..
                }) => {
                    held.control.order(Order::Cancel(reason.clone()));
                }
                None => {
                    held.span.in_scope(|| LeaseLost.emit());
                    held.control.order(Order::LeaseLost);
                }
            }
        }
        Ok(())
    }
}
