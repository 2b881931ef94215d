//! A ZIP that is sent while it is written. The crate that writes it blocks, so each archive has its own thread. Only a few
//! chunks are buffered before and after that thread, so a slow client slows down the reading and nothing piles up in memory.

use axum::body::{Body, Bytes};
use chrono::{DateTime, Datelike, Timelike, Utc};
use futures_util::{Stream, StreamExt, stream};
use std::io::{self, BufWriter, Write};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const WAITING: usize = 4;
const CHUNK: usize = 64 * 1024;
/// zlib's compression level. The large files in an archive are already compressed.
const FASTEST: i64 = 1;

/// Takes files one after the other. Dropping an archive before its end aborts the answer, so that no client takes a part for
/// the whole.
pub struct Archive(mpsc::Sender<Part>);

enum Part {
    File(String, SimpleFileOptions),
    Bytes(Bytes),
    End,
}

/// The client has disconnected.
#[derive(Debug)]
pub struct Gone;

impl Archive {
    /// An empty archive, and the body of the answer that sends it. The permit is held until everything is sent.
    pub fn new(permit: OwnedSemaphorePermit) -> (Archive, Body) {
        let (parts, taken) = mpsc::channel(WAITING);
        let (chunks, mut sent) = mpsc::channel(WAITING);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let out = Out::new(chunks.clone());
            if let Err(error) = write(taken, out) {
                let _ = chunks.blocking_send(Err(error));
            }
        });
        (
            Archive(parts),
            Body::from_stream(stream::poll_fn(move |context| sent.poll_recv(context))),
        )
    }

    /// Adds a file. Give its size in bytes if it may exceed four GiB.
    ///
    /// # Errors
    /// The errors of `bytes`, or [`Gone`] if the client has disconnected.
    pub async fn file<E: From<Gone>>(
        &self,
        name: String,
        made: DateTime<Utc>,
        size: Option<u64>,
        bytes: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<(), E> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(FASTEST))
            .large_file(size.is_some_and(|size| size >= u64::from(u32::MAX)))
            .last_modified_time(time(made));
        self.put(Part::File(name, options)).await?;
        let mut bytes = pin!(bytes);
        while let Some(chunk) = bytes.next().await {
            self.put(Part::Bytes(chunk?)).await?;
        }
        Ok(())
    }

    /// # Errors
    /// When the client has disconnected.
    pub async fn finish(self) -> Result<(), Gone> {
        self.put(Part::End).await
    }

    async fn put(&self, part: Part) -> Result<(), Gone> {
        self.0.send(part).await.map_err(|_| Gone)
    }
}

fn write(mut parts: mpsc::Receiver<Part>, out: Out) -> io::Result<()> {
    let is_shut = out.is_shut.clone();
    let mut zip = ZipWriter::new_stream(BufWriter::with_capacity(CHUNK, out));
    loop {
        let done = match parts.blocking_recv() {
            Some(Part::File(name, options)) => zip.start_file(name, options).map_err(io::Error::from),
            Some(Part::Bytes(bytes)) => zip.write_all(&bytes),
            Some(Part::End) => return zip.finish()?.into_inner().flush(),
            None => Err(io::Error::other("the archive broke off")),
        };
        if let Err(error) = done {
            // Otherwise dropping the writer would write the end of the archive, which would then look complete.
            is_shut.store(true, Ordering::Relaxed);
            return Err(error);
        }
    }
}

/// The writer's output: sends the archive's bytes.
struct Out {
    chunks: mpsc::Sender<io::Result<Bytes>>,
    /// When set, further bytes are discarded.
    is_shut: Arc<AtomicBool>,
}

impl Out {
    fn new(chunks: mpsc::Sender<io::Result<Bytes>>) -> Out {
        Out {
            chunks,
            is_shut: Arc::default(),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_shut.load(Ordering::Relaxed) {
            let sent = self.chunks.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
            sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The time format of archives: without a time zone, and from 1980 on.
fn time(at: DateTime<Utc>) -> zip::DateTime {
    let number = |n: u32| u8::try_from(n).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let (month, day) = (number(at.month()), number(at.day()));
    zip::DateTime::from_date_and_time(
        year,
        month,
        day,
        number(at.hour()),
        number(at.minute()),
        number(at.second()),
    )
    .unwrap_or_default()
}
