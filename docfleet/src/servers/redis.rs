//! The private Redis. It contains nothing that Postgres does not, so it writes nothing to disk.

use super::{IN_PATH, Place, foreign, log_to};
use crate::fleet::Program;
use anyhow::{Result, bail};
use percent_encoding::utf8_percent_encode;
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// Longest wait for an answer after a start.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
pub struct Redis {
    place: Place,
}

impl Redis {
    pub fn new(place: Place) -> Redis {
        Redis { place }
    }

    fn socket(&self) -> PathBuf {
        self.place.run.join("redis.sock")
    }

    pub fn url(&self) -> String {
        let socket = self.socket();
        format!(
            "redis+unix://{}",
            utf8_percent_encode(&socket.to_string_lossy(), IN_PATH)
        )
    }

    pub fn program(&self) -> Program {
        let redis = self.clone();
        Program::new("redis", Signal::TERM, move || {
            let log = redis.place.logs.join("redis.log");
            let mut command = foreign(Path::new("redis-server"), redis.place.account, "KILL");
            command
                .args(["--port", "0", "--unixsocketperm", "700", "--daemonize", "no"])
                .arg("--unixsocket")
                .arg(redis.socket())
                // Eviction is off: the reconciler would re-add evicted ids, but late. A full Redis should return an error
                // instead.
                .args(["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"])
                .arg("--dir")
                .arg(&redis.place.run)
                .stdout(log_to(&log)?)
                .stderr(log_to(&log)?);
            Ok(command)
        })
    }

    /// Waits until Redis answers.
    pub async fn ready(&self) -> Result<()> {
        let start = Instant::now();
        while let Err(error) = self.ping().await {
            if start.elapsed() > PATIENCE {
                bail!(
                    "Redis does not answer: {error}; see {}",
                    self.place.logs.join("redis.log").display()
                );
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn ping(&self) -> std::io::Result<()> {
        let mut stream = UnixStream::connect(self.socket()).await?;
        stream.write_all(b"PING\r\n").await?;
        let mut answer = [0; 7];
        stream.read_exact(&mut answer).await?;
        match &answer {
            b"+PONG\r\n" => Ok(()),
            _ => Err(std::io::Error::other("it is still loading")),
        }
    }
}
