//! `docfleet down`

use crate::args::Down;
use crate::data_dir::DataDir;
use crate::{output, say};
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;

const BEAT: Duration = Duration::from_millis(50);

/// Stops the folder's fleet and waits for its end.
pub async fn down(args: &Down) -> Result<ExitCode> {
    let folder = args.fleet.data.display();
    let data = DataDir::existing(&args.fleet.data);
    let holder = data.as_ref().map(keeper).transpose()?.flatten();
    if let (Some(data), Some(pid)) = (&data, holder) {
        kill_process(pid, Signal::TERM).with_context(|| format!("cannot tell process {pid} to stop"))?;
        if args.now {
            // Two signals at the same moment would arrive as one.
            tokio::time::sleep(BEAT).await;
            let _ = kill_process(pid, Signal::TERM);
        }
        while keeper(data)? == Some(pid) {
            tokio::time::sleep(BEAT).await;
        }
    }
    match (args.fleet.json, holder) {
        (true, _) => output::json(&json!({ "stopped": holder.map(|pid| pid.as_raw_nonzero().get()) }))?,
        (false, Some(_)) => say!("the fleet on {folder} has stopped"),
        (false, None) => say!("no fleet is running on {folder}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The process to signal: the guard, which passes the signal on and does not restart the fleet. Without a guard, the fleet
/// itself.
fn keeper(data: &DataDir) -> Result<Option<Pid>> {
    Ok(data.guardian()?.or(data.holder()?))
}
