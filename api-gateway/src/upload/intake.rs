//! The body of an upload, let in step by step.
//!
//! A form is small and a file is large, so the reader of the form grants what may be read next; whoever sends a form
//! without end is stopped before it costs memory. What a client still sends after a refusal is read and thrown away.

use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep};
use web::linger::{is_sending, throw_away};

/// What may be read for everything in a form but its file.
pub const FORM_BYTES: u64 = 256 * 1024;
/// Longest silence of a sender.
const SILENCE: Duration = Duration::from_secs(60);

/// What became of the body, and how much more of it may be read.
#[derive(Debug, Default)]
pub struct Intake {
    read: AtomicU64,
    allowed: AtomicU64,
    exceeded: AtomicBool,
    silent: AtomicBool,
}

impl Intake {
    /// From here on, at most so many bytes more.
    pub fn allow(&self, bytes: u64) {
        let read = self.read.load(Ordering::Relaxed);
        self.allowed.store(read.saturating_add(bytes), Ordering::Relaxed);
    }

    /// The sender went beyond what was allowed.
    pub fn exceeded(&self) -> bool {
        self.exceeded.load(Ordering::Relaxed)
    }

    /// The sender sent nothing for too long.
    pub fn fell_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed)
    }

    fn took(&self, bytes: usize) -> bool {
        let read = self.read.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        let within = read <= self.allowed.load(Ordering::Relaxed);
        if !within {
            self.exceeded.store(true, Ordering::Relaxed);
        }
        within
    }
}

/// The form of a request, and the intake that its body passes.
///
/// # Errors
/// Where the request holds no form.
pub async fn open(request: Request) -> Result<(Multipart, Arc<Intake>), String> {
    let intake = Arc::new(Intake::default());
    intake.allow(FORM_BYTES);
    let (parts, body) = request.into_parts();
    let metered = Metered {
        lingers: is_sending(&parts.headers),
        body: Some(body.into_data_stream()),
        intake: intake.clone(),
        patience: Box::pin(tokio::time::sleep(SILENCE)),
    };
    let request = Request::from_parts(parts, Body::from_stream(metered));
    let form = Multipart::from_request(request, &()).await.map_err(|e| e.body_text())?;
    Ok((form, intake))
}

struct Metered {
    body: Option<BodyDataStream>,
    intake: Arc<Intake>,
    patience: Pin<Box<Sleep>>,
    lingers: bool,
}

impl Stream for Metered {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = self.body.as_mut() else {
            return Poll::Ready(None);
        };
        match body.poll_next_unpin(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                self.patience.as_mut().reset(Instant::now() + SILENCE);
                Poll::Ready(Some(if self.intake.took(chunk.len()) {
                    Ok(chunk)
                } else {
                    Err(std::io::Error::other("more was sent than is allowed"))
                }))
            }
            Poll::Ready(Some(Err(error))) => {
                self.body = None;
                Poll::Ready(Some(Err(std::io::Error::other(error))))
            }
            Poll::Ready(None) => {
                self.body = None;
                Poll::Ready(None)
            }
            Poll::Pending if self.patience.as_mut().poll(context).is_ready() => {
                self.intake.silent.store(true, Ordering::Relaxed);
                self.body = None;
                Poll::Ready(Some(Err(std::io::Error::other("nothing was sent for too long"))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        let body = self.body.take().filter(|_| self.lingers);
        // At the very end of the process there is no runtime any more.
        if let (Some(body), Ok(runtime)) = (body, Handle::try_current()) {
            runtime.spawn(throw_away(body));
        }
    }
}
