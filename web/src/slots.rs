//! A bounded number of slots. When all are taken, a newcomer gets the slot of an idle holder.
//!
//! If newcomers had to wait for a free slot, clients that take all slots and do nothing could block the server. Here such
//! clients lose their slots: first those that never asked for anything, and of these the one that has been idle longest.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Why a slot is idle. Slots are given up in the order of these variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Idle {
    /// The client has not asked for anything yet.
    New,
    /// Everything that the client asked for is answered.
    Answered,
    /// A request has begun but does not proceed, because its client sends nothing.
    Stalled,
}

#[derive(Debug)]
pub struct Slots {
    limit: usize,
    /// Most slots of one address.
    share: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    slots: HashMap<u64, Entry>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    owner: Option<IpAddr>,
    idle: Option<(Idle, Instant)>,
    given_up: CancellationToken,
}

/// A held slot. Dropping it frees the slot.
#[derive(Debug)]
pub struct Slot {
    slots: Arc<Slots>,
    id: u64,
    given_up: CancellationToken,
}

impl Slots {
    pub fn new(limit: usize, share: usize) -> Arc<Slots> {
        Arc::new(Slots {
            limit,
            share,
            held: Mutex::default(),
        })
    }

    /// Takes a slot, by giving up an idle one when all are taken. `None`: all are busy. An owner may hold at most its share.
    /// `owner` is `None` behind a proxy, where all clients have one address, and no share applies.
    pub fn take(self: &Arc<Slots>, owner: Option<IpAddr>, idle: Option<Idle>) -> Option<Slot> {
        let mut held = self.held();
        if owner.is_some() && held.slots.values().filter(|entry| entry.owner == owner).count() >= self.share {
            held.give_up(|entry| entry.owner == owner).then_some(())?;
        } else if held.slots.len() >= self.limit {
            held.give_up(|_| true).then_some(())?;
        }
        let (id, given_up) = (held.next, CancellationToken::new());
        held.next += 1;
        let entry = Entry {
            owner,
            idle: idle.map(|idle| (idle, Instant::now())),
            given_up: given_up.clone(),
        };
        held.slots.insert(id, entry);
        Some(Slot {
            slots: self.clone(),
            id,
            given_up,
        })
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Gives up an idle slot. `false`: no slot is idle.
    pub fn make_room(&self) -> bool {
        self.held().give_up(|_| true)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn give_up(&mut self, whose: impl Fn(&Entry) -> bool) -> bool {
        let idle = self.slots.iter().filter(|(_, entry)| whose(entry));
        let first = idle.filter_map(|(id, entry)| Some((entry.idle?, *id))).min();
        let Some(entry) = first.and_then(|(_, id)| self.slots.remove(&id)) else {
            return false;
        };
        entry.given_up.cancel();
        true
    }
}

impl Slot {
    pub fn is_busy(&self) {
        self.is(None);
    }

    /// Marks the slot as idle: it may be given up.
    pub fn is_idle(&self, how: Idle) {
        self.is(Some((how, Instant::now())));
    }

    fn is(&self, idle: Option<(Idle, Instant)>) {
        if let Some(entry) = self.slots.held().slots.get_mut(&self.id) {
            entry.idle = idle;
        }
    }

    /// Cancelled once the slot was given to another holder.
    pub fn given_up(&self) -> &CancellationToken {
        &self.given_up
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.held().slots.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
    const OTHER: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)));

    #[test]
    fn the_longest_idle_slot_is_given_up_for_a_newcomer() {
        let slots = Slots::new(2, 2);
        let first = slots.take(ONE, Some(Idle::New)).unwrap();
        let second = slots.take(OTHER, Some(Idle::New)).unwrap();
        let third = slots.take(OTHER, Some(Idle::New)).unwrap();
        assert!(first.given_up().is_cancelled() && !second.given_up().is_cancelled());
        drop(first);
        let fourth = slots.take(OTHER, None);
        assert!(
            fourth.is_some() && second.given_up().is_cancelled(),
            "what is dropped later frees nothing that another holds"
        );
        assert!(!third.given_up().is_cancelled());
    }

    #[test]
    fn busy_slots_are_kept() {
        let slots = Slots::new(1, 1);
        let first = slots.take(ONE, Some(Idle::New)).unwrap();
        first.is_busy();
        assert!(slots.take(OTHER, Some(Idle::New)).is_none());
        first.is_idle(Idle::Answered);
        assert!(slots.take(OTHER, Some(Idle::New)).is_some());
    }

    #[test]
    fn clients_that_asked_for_nothing_lose_their_slots_first() {
        let slots = Slots::new(3, 3);
        let stalled = slots.take(ONE, Some(Idle::Stalled)).unwrap();
        let answered = slots.take(ONE, Some(Idle::Answered)).unwrap();
        let new = slots.take(ONE, Some(Idle::New)).unwrap();
        let given_up = || [&new, &answered, &stalled].map(|slot| slot.given_up().is_cancelled());
        let mut taken = Vec::new();
        for expected in [[true, false, false], [true, true, false], [true, true, true]] {
            taken.push(slots.take(OTHER, None).unwrap());
            assert_eq!(given_up(), expected);
        }
    }

    #[test]
    fn an_address_that_has_its_share_takes_from_itself_only() {
        let slots = Slots::new(10, 2);
        let idle = slots.take(OTHER, Some(Idle::New)).unwrap();
        let own = slots.take(ONE, Some(Idle::New)).unwrap();
        let busy = slots.take(ONE, None).unwrap();
        let next = slots.take(ONE, None).unwrap();
        assert!(own.given_up().is_cancelled());
        assert!(slots.take(ONE, None).is_none(), "both of its slots are busy");
        assert!(![&idle, &busy, &next].iter().any(|slot| slot.given_up().is_cancelled()));
        assert!((0..7).all(|_| slots.take(None, None).map(std::mem::forget).is_some()));
    }
}
