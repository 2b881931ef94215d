//! Limits on the body of an upload.
//!
//! A form is small and a file is large, so the reader of the form allows each part's bytes just before it reads that part. A
//! form without end is stopped before it uses much memory, and a client that sends too slowly is stopped too. What a client
//! still sends after a refusal is read and discarded.

use super::admission::Admitted;
use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::WaitForCancellationFutureOwned;
use web::linger::{is_sending, throw_away};

/// Bytes allowed for everything in a form except its file.
pub const FORM_BYTES: u64 = 256 * 1024;
/// Longest time without data from a client.
const SILENCE: Duration = Duration::from_secs(90);
/// After this long without data, an upload loses its slot when another upload needs it.
const STALL: Duration = Duration::from_secs(10);
/// Lowest mean rate, in bytes per second of waiting for the client, once the longest silence is used up.
const LEAST_RATE: u64 = 1024;

/// Why the rest of a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The client sent more than allowed.
    Exceeded,
    /// The client sent nothing for too long, or too little.
    Stalled,
    /// The client sent nothing for a while, and another upload needed the slot.
    MadeRoom,
}

impl Stop {
    fn into_error(self) -> std::io::Error {
        std::io::Error::other(match self {
            Stop::Exceeded => "more was sent than is allowed",
            Stop::Stalled => "too little was sent for too long",
            Stop::MadeRoom => "nothing was sent for a while, and another upload took the place",
        })
    }
}

/// The bytes read so far, how many are allowed, and why the body was stopped.
#[derive(Debug, Default)]
pub struct Intake {
    read: AtomicU64,
    allowed: AtomicU64,
    stop: OnceLock<Stop>,
}

impl Intake {
    /// Allows at most this many bytes from here on.
    pub fn allow(&self, bytes: u64) {
        let read = self.read.load(Ordering::Relaxed);
        self.allowed.store(read.saturating_add(bytes), Ordering::Relaxed);
    }

    /// Why the body was not read to its end, if it was not.
    pub fn stop(&self) -> Option<Stop> {
        self.stop.get().copied()
    }

    fn took(&self, bytes: usize) -> bool {
        let read = self.read.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        read <= self.allowed.load(Ordering::Relaxed)
    }
}

/// The form of a request, and the intake that limits its body.
///
/// # Errors
/// When the request contains no form.
pub async fn open(request: Request, admitted: Admitted) -> Result<(Multipart, Arc<Intake>), String> {
    let intake = Arc::new(Intake::default());
    intake.allow(FORM_BYTES);
    let (parts, body) = request.into_parts();
    let metered = Metered {
        lingers: is_sending(&parts.headers),
        body: Some(body.into_data_stream()),
        intake: intake.clone(),
        made_room: Box::pin(admitted.given_up().clone().cancelled_owned()),
        admitted,
        silent: None,
        waited: Duration::ZERO,
        timer: Box::pin(sleep_until(Instant::now())),
    };
    let request = Request::from_parts(parts, Body::from_stream(metered));
    let form = Multipart::from_request(request, &()).await.map_err(|e| e.body_text())?;
    Ok((form, intake))
}

struct Metered {
    body: Option<BodyDataStream>,
    intake: Arc<Intake>,
    admitted: Admitted,
    made_room: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Since when the body has had no data ready.
    silent: Option<Instant>,
    /// Total time spent waiting for the client in earlier silences.
    waited: Duration,
    /// Fires when the current silence reaches the next limit.
    timer: Pin<Box<Sleep>>,
    lingers: bool,
}

impl Metered {
    /// Ends a silence, because data arrived.
    fn hear(&mut self) {
        if let Some(since) = self.silent.take() {
            self.waited += since.elapsed();
            self.admitted.goes_on();
        }
    }

    /// Called while no data is ready. Returns why to stop, if the silence has lasted too long.
    fn wait(&mut self, context: &mut Context<'_>) -> Option<Stop> {
        if self.made_room.as_mut().poll(context).is_ready() {
            return Some(Stop::MadeRoom);
        }
        let since = *self.silent.get_or_insert_with(Instant::now);
        let longest = patience(self.intake.read.load(Ordering::Relaxed), self.waited);
        let is_over = |limit: Duration| since.elapsed() >= limit;
        loop {
            let next = if is_over(longest) {
                return Some(Stop::Stalled);
            } else if is_over(STALL) {
                self.admitted.has_stalled();
                longest
            } else {
                STALL.min(longest)
            };
            self.timer.as_mut().reset(since + next);
            if self.timer.as_mut().poll(context).is_pending() {
                return None;
            }
        }
    }

    fn stop(&mut self, why: Stop) -> Poll<Option<std::io::Result<Bytes>>> {
        let why = *self.intake.stop.get_or_init(|| why);
        Poll::Ready(Some(Err(why.into_error())))
    }
}

impl Stream for Metered {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = self.body.as_mut() else {
            return Poll::Ready(None);
        };
        let polled = body.poll_next_unpin(context);
        if polled.is_ready() {
            self.hear();
        }
        match polled {
            Poll::Ready(Some(Ok(chunk))) if self.intake.took(chunk.len()) => Poll::Ready(Some(Ok(chunk))),
            Poll::Ready(Some(Ok(_))) => self.stop(Stop::Exceeded),
            Poll::Ready(Some(Err(error))) => {
                self.body = None;
                Poll::Ready(Some(Err(std::io::Error::other(error))))
            }
            Poll::Ready(None) => {
                self.body = None;
                Poll::Ready(None)
            }
            Poll::Pending => match self.wait(context) {
                Some(why) => {
                    self.body = None;
                    self.stop(why)
                }
                None => Poll::Pending,
            },
        }
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        let body = self.body.take().filter(|_| self.lingers);
        // No runtime exists any more at the very end of the process.
        if let (Some(body), Ok(runtime)) = (body, Handle::try_current()) {
            runtime.spawn(throw_away(body));
        }
    }
}

/// The longest silence allowed now. Bytes already read extend it, earlier waiting shortens it.
fn patience(read: u64, waited: Duration) -> Duration {
    let earned = Duration::from_secs(read / LEAST_RATE);
    (SILENCE + earned).saturating_sub(waited).min(SILENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_waited_for_as_long_as_what_it_sends_is_worth() {
        let seconds = Duration::from_secs;
        assert_eq!(patience(0, seconds(0)), SILENCE);
        assert_eq!(
            patience(100 << 20, seconds(300)),
            SILENCE,
            "a fast sender may rest, each time as long"
        );
        assert_eq!(
            patience(20, seconds(80)),
            seconds(10),
            "a drip uses up the one rest it has"
        );
        assert_eq!(patience(20, seconds(91)), seconds(0));
        assert_eq!(patience(LEAST_RATE * 60, seconds(100)), seconds(50));
    }
}
