//! Limits the uploads received at once. Further clients are refused before they send the file, and told when to retry.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use web::problem::{Problem, Result};
use web::slots::{Idle, Slot, Slots};

/// Uploads received at once. Each costs some 250 KiB of memory until its last byte is stored.
const UPLOADS: usize = 256;
/// Longest time that a refused client is told to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Admits uploads.
#[derive(Debug)]
pub struct Admission {
    slots: Arc<Slots>,
    pace: Mutex<Pace>,
}

/// How fast slots become free.
#[derive(Debug)]
struct Pace {
    /// Mean duration of an upload in seconds, a moving average.
    took: f64,
    /// When the slot promised to the last refused client becomes free.
    promised: Instant,
}

/// An admitted upload.
#[derive(Debug)]
pub struct Admitted {
    admission: Arc<Admission>,
    slot: Slot,
    begun: Instant,
}

impl Default for Admission {
    fn default() -> Admission {
        Admission::of(UPLOADS)
    }
}

impl Admission {
    fn of(uploads: usize) -> Admission {
        let pace = Pace {
            took: 1.0,
            promised: Instant::now(),
        };
        Admission {
            slots: Slots::new(uploads, uploads),
            pace: Mutex::new(pace),
        }
    }

    /// # Errors
    /// 503 when all slots are taken and none of their uploads has stalled.
    pub fn admit(self: &Arc<Admission>) -> Result<Admitted> {
        let Some(slot) = self.slots.take(None::<IpAddr>, None) else {
            let what = "as many documents are being uploaded as are received at once; send this one later";
            return Err(Problem::unavailable("too_many_uploads", what).retry_after(self.wait()));
        };
        Ok(Admitted {
            admission: self.clone(),
            slot,
            begun: Instant::now(),
        })
    }

    /// How long a refused client has to wait. Each gets a later time than the one before, at the rate at which slots become
    /// free.
    fn wait(&self) -> Duration {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let next = pace.promised.max(now) + Duration::from_secs_f64(pace.took / self.slots.limit() as f64);
        pace.promised = next.min(now + LONGEST_WAIT);
        let seconds = (pace.promised - now).as_secs_f64().ceil().max(1.0);
        Duration::from_secs_f64(seconds)
    }
}

impl Admitted {
    /// Nothing has arrived for a while: the upload loses its slot when another upload needs it.
    pub fn has_stalled(&self) {
        self.slot.is_idle(Idle::Stalled);
    }

    pub fn goes_on(&self) {
        self.slot.is_busy();
    }

    /// Cancelled once the slot was given to another upload.
    pub fn given_up(&self) -> &CancellationToken {
        self.slot.given_up()
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        const WEIGHT: f64 = 0.1;
        let mut pace = self.admission.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.took += WEIGHT * (self.begun.elapsed().as_secs_f64() - pace.took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_uploads_are_told_to_come_one_after_the_other() {
        let admission = Arc::new(Admission::of(1));
        admission.pace.lock().unwrap().took = 10.0;
        let held = admission.admit().unwrap();
        let waits: Vec<_> = (0..8)
            .map(|_| admission.admit().unwrap_err().wait().unwrap().as_secs())
            .collect();
        assert_eq!(waits, [10, 20, 30, 40, 50, 60, 60, 60]);
        drop(held);
        assert!(admission.admit().is_ok());
    }

    #[test]
    fn a_stalled_upload_makes_room() {
        let admission = Arc::new(Admission::of(1));
        let stalled = admission.admit().unwrap();
        stalled.has_stalled();
        let next = admission.admit().unwrap();
        assert!(stalled.given_up().is_cancelled() && !next.given_up().is_cancelled());
        assert!(admission.admit().is_err());
    }
}
