//! The fleet that a batch runs on: one that is already running, or a temporary one that is stopped after the batch.

use crate::client::Gateway;
use crate::data_dir::DataDir;
use crate::environment::remove_files;
use anyhow::{Context, Result, bail};
use boot::{DIE_WITH_PARENT, Shutdown};
use rustix::process::{Pid, Signal, kill_process};
use settings::{API_KEY, BIND, Origin, Settings};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

const START: Duration = Duration::from_secs(180);
const BEAT: Duration = Duration::from_millis(50);
/// Log lines to show when the fleet does not start.
const LAST_LINES: usize = 15;

pub struct Host {
    gateway: Gateway,
    /// The guard process of a temporary fleet.
    own: Option<Child>,
}

impl Host {
    pub async fn find_or_start(folder: &Path, settings: &Settings) -> Result<Host> {
        let data = DataDir::open(folder)?;
        if data.holder()?.or(data.guardian()?).is_some() {
            return Ok(Host {
                gateway: wait_ready(&data, settings, None).await?,
                own: None,
            });
        }
        let log = data.private_folder("logs")?.join("fleet.log");
        tracing::info!("starting a fleet for this batch; its log is {}", log.display());
        let mut own = start(&data, settings, &log)?;
        let gateway = wait_ready(&data, settings, Some((&mut own, &log))).await?;
        Ok(Host {
            gateway,
            own: Some(own),
        })
    }

    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Stops the fleet if it is a temporary one. A second signal of the operator makes it stop quickly.
    pub async fn end(self, shutdown: &Shutdown) {
        let Some(mut own) = self.own else {
            return;
        };
        tell_to_stop(&own);
        tokio::select! {
            _ = own.wait() => return,
            () = shutdown.at_once.cancelled() => tell_to_stop(&own),
        }
        let _ = own.wait().await;
    }
}

fn tell_to_stop(child: &Child) {
    let pid = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    if let Some(pid) = pid {
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// Starts a complete `docfleet up` that dies with this process.
fn start(data: &DataDir, settings: &Settings, log: &PathBuf) -> Result<Child> {
    let log = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut command = Command::new(std::env::current_exe().context("our own program file was not found")?);
    command
        .args(["up", "--data"])
        .arg(data.path())
        .envs(settings.given())
        .env(DIE_WITH_PARENT, std::process::id().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        // Keeps a Ctrl-C from the fleet: the batch has to end before its fleet does.
        .process_group(0);
    remove_files(command.as_std_mut());
    // Any free port will do, because only this process uses the fleet.
    command.args(["--dashboard-bind", "127.0.0.1:0"]);
    if settings.origin(&BIND) == Origin::Default {
        command.env("BIND", "127.0.0.1:0");
    }
    command.spawn().context("a fleet could not be started")
}

/// Waits until the folder's fleet accepts uploads, or until `own`, a temporary fleet, has died.
async fn wait_ready(data: &DataDir, settings: &Settings, mut own: Option<(&mut Child, &PathBuf)>) -> Result<Gateway> {
    let started = Instant::now();
    loop {
        if let Some(record) = data.running()? {
            let gateway = Gateway::new(&record.gateway, settings.get(API_KEY))?;
            if gateway.is_ready().await {
                return Ok(gateway);
            }
        }
        if let Some((child, log)) = &mut own
            && let Some(status) = child.try_wait()?
        {
            bail!(
                "the fleet did not start ({status}); the end of {}:\n{}",
                log.display(),
                end_of(log)
            );
        }
        if started.elapsed() > START {
            bail!(
                "the fleet on {} is not ready after {} s",
                data.path().display(),
                START.as_secs()
            );
        }
        tokio::time::sleep(BEAT).await;
    }
}

fn end_of(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}
