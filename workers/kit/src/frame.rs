//! The protocol between supervisor and child: frames of a length (four bytes, little-endian) and JSON.

use crate::erased::Raw;
use crate::failure::Failure;
use crate::sandbox::Report;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest frame, in bytes. The largest results are the words of a task's pages: 32 pages of a thousand words, at some 115
/// bytes a word, are below 4 MiB. Larger results are passed as files in the scratch folder.
const MOST: usize = 16 << 20;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToChild {
    Run {
        kind: String,
        payload: Raw,
        input: Raw,
        scratch: PathBuf,
    },
    /// The soft limit has passed: stop cleanly.
    Stop,
    /// A shorter or more urgent task waits, or the worker drains: stop after the current step.
    GiveWay,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromChild {
    /// The child is ready for its first task, in this sandbox.
    Ready(Report),
    /// The tools could not be made, so the child ends.
    Unfit(String),
    Progress {
        done: u32,
        total: u32,
    },
    Done(Raw),
    Failed(Failure),
}

fn encode(frame: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, frame)?;
    let length = bytes.len() - 4;
    if length > MOST {
        return Err(too_long(length));
    }
    bytes[..4].copy_from_slice(&(length as u32).to_le_bytes());
    Ok(bytes)
}

fn length(prefix: [u8; 4]) -> io::Result<usize> {
    match u32::from_le_bytes(prefix) as usize {
        length if length <= MOST => Ok(length),
        length => Err(too_long(length)),
    }
}

fn too_long(length: usize) -> io::Error {
    let most = MOST >> 20;
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!("a frame of {length} bytes, the limit is {most} MiB"),
    )
}

pub fn write(to: &mut impl Write, frame: &impl Serialize) -> io::Result<()> {
    to.write_all(&encode(frame)?)?;
    to.flush()
}

/// `None` at the end of the stream.
pub fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut prefix = [0; 4];
    match from.read_exact(&mut prefix) {
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut bytes = vec![0; length(prefix)?];
    from.read_exact(&mut bytes)?;
    Ok(Some(serde_json::from_slice(&bytes)?))
}

pub async fn send(to: &mut (impl AsyncWrite + Unpin), frame: &impl Serialize) -> io::Result<()> {
    to.write_all(&encode(frame)?).await?;
    to.flush().await
}

/// `None` at the end of the stream; half a frame is an error.
pub async fn receive<T: DeserializeOwned>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<T>> {
    let mut prefix = [0; 4];
    if from.read(&mut prefix[..1]).await? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut prefix[1..]).await?;
    let mut bytes = Vec::new();
    // The buffer grows as data arrives, so that a child that lies about the length costs no memory.
    let wanted = length(prefix)? as u64;
    from.take(wanted).read_to_end(&mut bytes).await?;
    if (bytes.len() as u64) < wanted {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(&bytes)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::to_raw_value;

    #[tokio::test]
    async fn what_is_written_is_received() {
        let mut wire = Vec::new();
        write(&mut wire, &FromChild::Progress { done: 1, total: 2 }).unwrap();
        write(&mut wire, &FromChild::Ready(Report::default())).unwrap();
        let mut from = wire.as_slice();
        assert!(matches!(
            receive(&mut from).await.unwrap(),
            Some(FromChild::Progress { done: 1, total: 2 })
        ));
        assert!(matches!(receive(&mut from).await.unwrap(), Some(FromChild::Ready(_))));
        assert!(receive::<FromChild>(&mut from).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn half_a_frame_is_an_error() {
        let mut wire = Vec::new();
        write(&mut wire, &FromChild::Ready(Report::default())).unwrap();
        for cut in 1..wire.len() {
            assert!(receive::<FromChild>(&mut &wire[..cut]).await.is_err(), "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_frame_may_be_as_long_as_the_limit_and_no_longer() {
        let quotes = r#"{"done":""}"#.len();
        let of = |bytes: usize| FromChild::Done(to_raw_value(&"x".repeat(bytes - quotes)).unwrap());
        let mut wire = Vec::new();
        write(&mut wire, &of(MOST)).unwrap();
        assert!(receive::<FromChild>(&mut wire.as_slice()).await.unwrap().is_some());
        let refused = write(&mut Vec::new(), &of(MOST + 1)).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
        wire[..4].copy_from_slice(&(MOST as u32 + 1).to_le_bytes());
        let refused = receive::<FromChild>(&mut wire.as_slice()).await.unwrap_err();
        assert!(refused.to_string().ends_with("the limit is 16 MiB"), "{refused}");
    }

    #[tokio::test]
    async fn a_lie_about_the_length_is_an_error_and_costs_no_memory() {
        let wire = (MOST as u32).to_le_bytes();
        assert!(receive::<FromChild>(&mut wire.as_slice()).await.is_err());
        assert!(
            receive::<FromChild>(&mut u32::MAX.to_le_bytes().as_slice())
                .await
                .is_err()
        );
    }
}
