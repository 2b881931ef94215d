//! Orders to a run while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Work,
    /// End the run; its task is not retried.
    Cancel(String),
    /// End the run and hand its task back; this spends no attempt.
    HandBack,
    /// Another worker may already run the task: end the run and write nothing.
    LeaseLost,
}

/// Connects a run with the code that gives it orders.
#[derive(Debug, Clone)]
pub struct Control {
    orders: Arc<watch::Sender<Order>>,
    /// Progress as `done << 32 | total`; zero: none yet.
    progress: Arc<AtomicU64>,
    gives_way: Arc<watch::Sender<bool>>,
}

impl Control {
    pub fn new() -> Control {
        Control {
            orders: Arc::new(watch::Sender::new(Order::Work)),
            progress: Arc::default(),
            gives_way: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Gives an order. A lost lease overrides all other orders; apart from that, the first order stands.
    pub fn order(&self, order: Order) {
        self.orders.send_if_modified(|now| {
            let stands = *now == Order::LeaseLost || (*now != Order::Work && order != Order::LeaseLost);
            if !stands {
                *now = order;
            }
            !stands
        });
    }

    pub fn orders(&self) -> watch::Receiver<Order> {
        self.orders.subscribe()
    }

    /// Asks the run to stop between two steps. `false`: it was already asked.
    pub fn ask_to_give_way(&self) -> bool {
        !self.gives_way.send_replace(true)
    }

    pub fn gives_way(&self) -> watch::Receiver<bool> {
        self.gives_way.subscribe()
    }

    pub fn set_progress(&self, done: u32, total: u32) {
        self.progress
            .store((u64::from(done) << 32) | u64::from(total), Ordering::Relaxed);
    }

    pub fn progress(&self) -> Option<(u32, u32)> {
        match self.progress.load(Ordering::Relaxed) {
            0 => None,
            both => Some(((both >> 32) as u32, both as u32)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_lease_outweighs_a_cancel_and_not_the_other_way() {
        let control = Control::new();
        control.order(Order::Cancel("by hand".into()));
        control.order(Order::HandBack);
        assert_eq!(*control.orders().borrow(), Order::Cancel("by hand".into()));
        control.order(Order::LeaseLost);
        control.order(Order::HandBack);
        assert_eq!(*control.orders().borrow(), Order::LeaseLost);
    }
}
