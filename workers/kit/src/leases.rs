//! All leases of a worker, renewed together; what is asked of a run comes back with the answer.

use crate::control::{Control, Order};
use broker::{Broker, Renewal};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use uuid::Uuid;

/// Progress is not written more often than this.
const PROGRESS: Duration = Duration::from_millis(500);

#[derive(Clone)]
pub struct Leases(Arc<Inner>);

struct Inner {
    broker: Broker,
    runs: Mutex<HashMap<Uuid, Held>>,
    progressed: Notify,
    /// What was asked of every run.
    standing: Mutex<Order>,
}

struct Held {
    task: Uuid,
    control: Control,
    /// Until when, by our own clock, the lease stands for certain.
    until: Instant,
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

impl Leases {
    pub fn new(broker: Broker) -> Leases {
        Leases(Arc::new(Inner {
            broker,
            runs: Mutex::default(),
            progressed: Notify::new(),
            standing: Mutex::default(),
        }))
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<Uuid, Held>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn hold(&self, task: Uuid, token: Uuid, control: Control) -> Holding {
        let until = Instant::now() + self.0.broker.lease();
        let mut runs = self.runs();
        control.order(self.standing().clone());
        runs.insert(token, Held { task, control, until });
        drop(runs);
        Holding {
            leases: self.clone(),
            token,
        }
    }

    fn standing(&self) -> MutexGuard<'_, Order> {
        self.0.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the same of every run under way, and of every one to come.
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

    /// Renews for as long as the worker lives.
    pub async fn keep(&self) {
        let pace = self.0.broker.lease() / 3;
        loop {
            let progressed = async {
                self.0.progressed.notified().await;
                tokio::time::sleep(PROGRESS).await;
            };
            let _ = tokio::time::timeout(pace, progressed).await;
            self.renew().await;
        }
    }

    async fn renew(&self) {
        let asked: Vec<Renewal> = self
            .runs()
            .iter()
            .map(|(token, held)| Renewal {
                id: held.task,
                token: *token,
                progress: held.control.progress(),
            })
            .collect();
        let sent = Instant::now();
        // An answer that comes later than the lease lasts is no answer.
        let answer = tokio::time::timeout(self.0.broker.lease() / 2, self.0.broker.renew(&asked)).await;
        let mut runs = self.runs();
        match answer {
            Ok(Ok(renewed)) => {
                for Renewal { token, .. } in asked {
                    let Some(held) = runs.get_mut(&token) else { continue };
                    match renewed.iter().find(|r| r.token == token) {
                        Some(answer) => {
                            held.until = sent + self.0.broker.lease();
                            if let Some(reason) = &answer.cancel {
                                held.control.order(Order::Cancel(reason.clone()));
                            }
                        }
                        None => {
                            metrics::counter!("docfleet_leases_lost_total").increment(1);
                            held.control.order(Order::LeaseLost);
                        }
                    }
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, runs = asked.len(), "leases not renewed"),
            Err(_) => tracing::warn!(runs = asked.len(), "Postgres did not answer a renewal in time"),
        }
        for held in runs.values().filter(|held| held.until <= Instant::now()) {
            held.control.order(Order::LeaseLost);
        }
    }
}
