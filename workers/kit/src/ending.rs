//! The ways in which a run can end, other than success.

use crate::control::Order;
use crate::failure::Failure;
use crate::family;
use crate::usage::Sample;
use queue_schema::document::{DocumentError, ErrorCode};
use queue_schema::{Outcome, Policy};
use std::time::Duration;
use tokio::sync::watch;

/// The ending of a run that did not succeed.
pub enum Ending {
    Ended {
        outcome: Outcome,
        error: Option<DocumentError>,
    },
    /// The lease is lost, so nothing may be written.
    LeaseLost,
}

impl Ending {
    pub fn of(outcome: Outcome, code: ErrorCode, message: impl Into<String>) -> Ending {
        Ending::Ended {
            outcome,
            error: Some(DocumentError::new(code, message)),
        }
    }

    pub fn failed(failure: Failure) -> Ending {
        let outcome = match (failure.error.code, failure.is_transient) {
            (ErrorCode::TimedOut, _) => Outcome::TimedOut,
            (_, true) => Outcome::Failed,
            (_, false) => Outcome::Refused,
        };
        Ending::Ended {
            outcome,
            error: Some(failure.error),
        }
    }

    pub fn ordered(order: &Order) -> Option<Ending> {
        match order {
            Order::Work => None,
            Order::Cancel(reason) => Some(Ending::of(Outcome::Cancelled, ErrorCode::Cancelled, reason.clone())),
            Order::HandBack => Some(Ending::Ended {
                outcome: Outcome::HandedBack,
                error: None,
            }),
            Order::LeaseLost => Some(Ending::LeaseLost),
        }
    }
}

/// Waits until it is ordered that the run ends.
pub async fn until_ordered(orders: &mut watch::Receiver<Order>) -> Ending {
    loop {
        if let Some(ending) = Ending::ordered(&orders.borrow_and_update()) {
            return ending;
        }
        if orders.changed().await.is_err() {
            // All senders are gone, so no order can come.
            std::future::pending::<()>().await;
        }
    }
}

/// The ending of a run that exceeds a limit, and the cause under which it is counted.
pub fn over_limit(policy: &Policy, total: Duration, silence: Duration, now: Sample) -> Option<(Ending, &'static str)> {
    let timed_out = |message: String| (Ending::of(Outcome::TimedOut, ErrorCode::TimedOut, message), "time");
    if total >= policy.hard {
        return Some(timed_out(format!(
            "stopped after {} s, the hard limit of its queue",
            policy.hard.as_secs()
        )));
    }
    if silence >= policy.stall {
        return Some(timed_out(format!(
            "stopped after {} s without progress",
            policy.stall.as_secs()
        )));
    }
    if now.processes > family::MOST {
        let message = format!(
            "stopped because it ran {} processes, a task may have {}",
            now.processes,
            family::MOST
        );
        return Some((Ending::of(Outcome::Crashed, ErrorCode::Crashed, message), "processes"));
    }
    (now.rss_kib >= policy.kill_kib).then(|| (over_memory(now.rss_kib, policy), "kill_memory"))
}

/// The ending of a run whose child was killed at its memory limit, by the supervisor or by the kernel.
pub fn over_memory(kib: u64, policy: &Policy) -> Ending {
    let message = format!(
        "stopped at {} MiB of memory, the limit is {} MiB; if the document is worth it, raise WORKER_KILL_MEMORY_PER_CHILD",
        kib / 1024,
        policy.kill_kib / 1024
    );
    Ending::of(Outcome::OutOfMemory, ErrorCode::OutOfMemory, message)
}

/// Does the supervisor's part of a run under a time limit, so that a store that hangs does not occupy a slot for ever.
pub async fn within<T>(
    policy: &Policy,
    what: &str,
    part: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Ending> {
    match tokio::time::timeout(policy.hard, part).await {
        Ok(result) => result.map_err(Ending::failed),
        Err(_) => Err(Ending::of(
            Outcome::TimedOut,
            ErrorCode::TimedOut,
            format!("{what} took {} s, the hard limit of its queue", policy.hard.as_secs()),
        )),
    }
}
