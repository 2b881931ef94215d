//! Claims tasks for a worker: on wake-ups from Redis, and by polling Postgres in case Redis is away.

use crate::claim::Claimed;
use crate::end::Usage;
use crate::error::Result;
use crate::events::{ClaimFailed, WakeWaitFailed};
use crate::task::Run;
use crate::{Broker, Waiter};
use queue_schema::{Outcome, Queue};
use std::time::{Duration, Instant};
use telemetry::{Event, Outage};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Longest blocking pop. It limits how long a drain waits for an idle worker.
const POP: Duration = Duration::from_secs(1);
/// Shortest and longest pause while a server is away. Each pause is twice the one before.
const FIRST_REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(1);

pub struct Claimer {
    broker: Broker,
    waiter: Waiter,
    worker: Uuid,
    /// In lane order: the first that has work is served.
    queues: Vec<Queue>,
    open: Vec<Queue>,
    has_room: Box<dyn Fn() -> bool + Send + Sync>,
    poll: Duration,
    looked: Option<Instant>,
    /// The next pause while a server is away.
    rest: Duration,
    stop: CancellationToken,
}

impl Claimer {
    /// `poll`: how often Postgres is polled while no wake-ups come.
    pub fn new(broker: Broker, worker: Uuid, queues: Vec<Queue>, poll: Duration, stop: CancellationToken) -> Claimer {
        let waiter = broker.wake().waiter();
        Claimer {
            broker,
            waiter,
            worker,
            open: queues.clone(),
            has_room: Box::new(|| true),
            queues,
            poll,
            looked: None,
            rest: FIRST_REST,
            stop,
        }
    }

    /// Calls `has_room` before every claim. Tasks that need disk space are claimed only while it returns `true`.
    pub fn while_room(self, has_room: impl Fn() -> bool + Send + Sync + 'static) -> Claimer {
        Claimer {
            has_room: Box::new(has_room),
            ..self
        }
    }

    /// Waits for a task and claims it. `None` once the worker is to stop. Errors are logged and retried, so a worker survives
    /// while a server is away.
    pub async fn next(&mut self) -> Option<Claimed> {
        let mut outage = Outage::default();
        while !self.stop.is_cancelled() {
            match self.attempt().await {
                Ok(Some(claimed)) => return Some(claimed),
                Ok(None) if outage.ends() => tracing::info!("tasks can be claimed again"),
                Ok(None) => {}
                Err(error) => {
                    let first = outage.begins();
                    ClaimFailed { error: &error, first }.emit();
                    self.rest().await;
                    // A wake-up may have been lost, so poll Postgres next.
                    self.looked = None;
                }
            }
        }
        None
    }

    async fn attempt(&mut self) -> Result<Option<Claimed>> {
        if self.looked.is_none_or(|at| at.elapsed() >= self.poll) {
            self.look().await?;
            if let Some(claimed) = self.broker.claim_next(self.worker, &self.servable()).await? {
                // More may be waiting: only an empty poll resets the timer.
                self.looked = None;
                self.broker.wake().forget(&claimed);
                return Ok(Some(claimed));
            }
        }
        let open = self.servable();
        if open.is_empty() {
            self.pause(LONGEST_REST).await;
            return Ok(None);
        }
        match self.waiter.next(&open, POP.min(self.poll)).await {
            Ok(woken) => {
                self.rest = FIRST_REST;
                let Some(id) = woken else { return Ok(None) };
                Ok(self.broker.claim(self.worker, &open, &[id]).await?.pop())
            }
            Err(error) => {
                WakeWaitFailed { error: &error }.emit();
                self.rest().await;
                self.looked = None;
                Ok(None)
            }
        }
    }

    /// The queues from which tasks may be claimed now.
    fn servable(&self) -> Vec<Queue> {
        let has_room = (self.has_room)();
        let open = self.open.iter().copied();
        open.filter(|queue| has_room || !queue.needs_room()).collect()
    }

    /// Reads which queues are paused, and restarts the timer of the poll.
    async fn look(&mut self) -> Result<()> {
        let paused = self.broker.paused().await?;
        self.open = self.queues.iter().copied().filter(|q| !paused.contains(q)).collect();
        self.looked = Some(Instant::now());
        Ok(())
    }

    /// Hands back a claimed task that was not started. It spends no attempt.
    pub(crate) async fn hand_back(broker: &Broker, claimed: Claimed) {
        let run = Run {
            id: claimed.id,
            token: claimed.token,
            document: claimed.document,
        };
        if let Err(error) = broker.fail(run, Outcome::HandedBack, None, Usage::default()).await {
            tracing::warn!(
                %error, task = %claimed.id, document = claimed.document.map(display), queue = %claimed.queue, kind = claimed.kind,
                attempt = claimed.attempt, trace = claimed.trace.map(display),
                "task not handed back; its lease will run out instead"
            );
        }
    }

    pub(crate) fn broker(&self) -> &Broker {
        &self.broker
    }

    pub(crate) fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    async fn rest(&mut self) {
        self.pause(self.rest).await;
        self.rest = (self.rest * 2).min(LONGEST_REST);
    }

    async fn pause(&self, time: Duration) {
        let _ = tokio::time::timeout(time.min(self.poll), self.stop.cancelled()).await;
    }
}
