//! The broker as a backend of apalis: it claims a task when a slot is free to run it.
//!
//! `poll_*` never returns an error, because apalis ends a worker (and drops its running tasks) on the first one. Instead the
//! claimer runs in a tokio task of its own and retries after errors. Leases, completion and retries are not handled here, but
//! by the worker kit and the scheduler.

use crate::claim::Claimed;
use crate::claimer::Claimer;
use apalis_core::backend::{Backend, BackendConfig, finalize::Ephemeral};
use apalis_core::task::Task;
use apalis_core::task::task_id::RandomId;
use apalis_core::worker::context::WorkerContext;
use futures_util::FutureExt;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Yields claimed tasks, one per request.
pub struct TaskSource {
    demand: mpsc::Sender<()>,
    claimed: Arc<Mutex<mpsc::Receiver<Claimed>>>,
    asked: bool,
    stop: CancellationToken,
    claiming: JoinHandle<()>,
}

impl TaskSource {
    /// Starts the claimer on the current runtime. It ends with the source, or when the worker drains.
    pub fn start(mut claimer: Claimer) -> TaskSource {
        let (demand, mut wanted) = mpsc::channel(1);
        let (deliver, claimed) = mpsc::channel(1);
        let claimed = Arc::new(Mutex::new(claimed));
        let (stop, delivered) = (claimer.stop_token(), claimed.clone());
        let stopping = stop.clone();
        let claiming = tokio::spawn(async move {
            // While every slot is taken, no request comes and the channel stays open, so only `stop` ends this loop.
            while let Some(Some(())) = stopping.run_until_cancelled(wanted.recv()).await {
                let Some(task) = claimer.next().await else { break };
                // Never blocks: one task is claimed per request, and the channel has space for one.
                let _ = deliver.send(task).await;
            }
            // apalis polls again only after all running tasks have ended. Until then nothing would renew this task's lease.
            let not_begun = lock(&delivered).try_recv();
            if let Ok(task) = not_begun {
                Claimer::hand_back(claimer.broker(), task).await;
            }
        });
        TaskSource {
            demand,
            claimed,
            asked: false,
            stop,
            claiming,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        lock(&self.claimed).poll_recv(cx).map(|task| {
            self.asked = false;
            task.map(|task| Ok(Task::new(task)))
        })
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        self.stop.cancel();
        self.claiming.poll_unpin(cx).map(|_| Ok(()))
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
