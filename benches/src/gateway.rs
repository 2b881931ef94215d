//! The gateway's own process, watched from outside.

use fleet_tests::{Home, binary, wait_for};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

/// Ends with this value.
#[derive(Debug)]
pub struct Gateway {
    pub address: SocketAddr,
    pub base: String,
    process: Child,
}

impl Gateway {
    /// Returns once it is ready.
    ///
    /// # Panics
    /// Where it is not built, or does not become ready.
    pub async fn start(home: &Home) -> Gateway {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let process = Command::new(binary("api-gateway"))
            .envs(home.env())
            .env("BIND", address.to_string())
            .stderr(Stdio::null())
            .spawn()
            .expect("the gateway is built");
        let base = format!("http://{address}");
        let ready = format!("{base}/readyz");
        wait_for("the gateway to be ready", async || {
            reqwest::get(&ready)
                .await
                .ok()
                .filter(|answer| answer.status().is_success())
        })
        .await;
        Gateway { address, base, process }
    }

    /// Memory that it holds now, in MiB.
    ///
    /// # Panics
    /// Where it has ended.
    pub fn rss_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        kib.expect("VmRSS is a number of kB") / 1024.0
    }

    /// How many files it has open.
    ///
    /// # Panics
    /// Where it has ended.
    pub fn open_files(&self) -> usize {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.process.id()));
        files.expect("it runs").count()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
