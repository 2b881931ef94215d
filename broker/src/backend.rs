//! apalis' view of the broker: a source that claims a task when a slot is free to run it.
//!
//! `poll_*` never returns an error, because apalis ends a worker (and drops what it runs) on the first one; the claimer
//! outlasts every trouble in a task of its own. Leases, completion and retries are the kit's and the scheduler's.

use crate::Broker;
use crate::claim::Claimed;
use crate::claimer::Claimer;
use apalis_core::backend::{Backend, BackendConfig, finalize::Ephemeral};
use apalis_core::task::Task;
use apalis_core::task::task_id::RandomId;
use apalis_core::worker::context::WorkerContext;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::convert::Infallible;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Yields claimed tasks, one for each that is asked for.
pub struct TaskSource {
    demand: mpsc::Sender<()>,
    claimed: mpsc::Receiver<Claimed>,
    asked: bool,
    broker: Broker,
    stop: CancellationToken,
    /// What must end before the worker may: the claimer, and hand-backs of what it claimed in vain.
    ending: FuturesUnordered<JoinHandle<()>>,
}

impl TaskSource {
    /// Starts the claimer on the current runtime; it ends with the source or with the worker's drain.
    pub fn start(mut claimer: Claimer) -> TaskSource {
        let (demand, mut wanted) = mpsc::channel(1);
        let (deliver, claimed) = mpsc::channel(1);
        let (broker, stop) = (claimer.broker().clone(), claimer.stop_token());
        let stopping = stop.clone();
        let claiming = tokio::spawn(async move {
            // With every slot taken nothing is wanted, and the source keeps its end of the channel: only `stop` ends this.
            while let Some(Some(())) = stopping.run_until_cancelled(wanted.recv()).await {
                let Some(task) = claimer.next().await else { return };
                if let Err(mpsc::error::SendError(task)) = deliver.send(task).await {
                    return Claimer::hand_back(claimer.broker(), task).await;
                }
            }
        });
        TaskSource {
            demand,
            claimed,
            asked: false,
            broker,
            stop,
            ending: FuturesUnordered::from_iter([claiming]),
        }
    }
}

impl Backend for TaskSource {
    type Task = Task<Claimed>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Option<Result<Self::Task, Infallible>>> {
        if !self.asked {
            self.asked = self.demand.try_send(()).is_ok();
        }
        self.claimed.poll_recv(cx).map(|task| {
            self.asked = false;
            task.map(|task| Ok(Task::new(task)))
        })
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        self.stop.cancel();
        self.claimed.close();
        while let Ok(task) = self.claimed.try_recv() {
            let broker = self.broker.clone();
            self.ending
                .push(tokio::spawn(async move { Claimer::hand_back(&broker, task).await }));
        }
        while let Poll::Ready(Some(_)) = self.ending.poll_next_unpin(cx) {}
        if self.ending.is_empty() {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }
}

impl BackendConfig for TaskSource {
    type Args = Claimed;
    type Id = RandomId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = tower_layer::Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Self::Layer {
        tower_layer::Identity::new()
    }
}
