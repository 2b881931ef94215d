//! `make chaos`: the real fleet under load, while a seeded schedule kills and stops its processes. Prints an account of the
//! result. Two quieter modes: rolling restarts, and hostile documents in bulk.

mod account;
mod catalogue;
mod crew;
mod faults;
mod fleet;
mod history;
mod hostile;
mod ledger;
mod load;
mod oracle;
mod plan;
mod resume;
mod rolling;
mod site;
mod storm;
mod watch;

use anyhow::{Context, Result};
use clap::Parser;
use settings::{LEASE_SECONDS, Settings};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Settings of every process of the fleet.
const SETTINGS: &[(&str, &str)] = &[
    ("POLL_SECONDS", "2"),
    ("DRAIN_SECONDS", "1"),
    ("WORKER_MAX_TASKS_PER_CHILD", "20"),
];

#[derive(Debug, Parser)]
#[command(
    about = "Kills and stops the processes of a whole fleet under load, and accounts for what became of the work"
)]
struct Args {
    /// How long faults come, in seconds
    #[arg(long, default_value_t = 300)]
    seconds: u64,
    /// The same seed gives the same schedule and the same work
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// LEASE_SECONDS of the fleet; a short one makes for more recoveries, and for outages that outlast it
    #[arg(long, value_name = "SECONDS", value_parser = lease, default_value = default_lease())]
    lease: Duration,
    /// Show the schedule only
    #[arg(long)]
    plan: bool,
    /// Tasks that resume late count as wrong, and Postgres goes away once at a time, as outages longer than half a lease
    /// cost time by design; for the default lease, on a machine that has nothing else to do
    #[arg(long)]
    timed: bool,
    /// Instead: restart every worker, one after the other, this often
    #[arg(long, value_name = "TIMES", conflicts_with = "hostile")]
    rolling: Option<u32>,
    /// Instead: all hostile documents this often, in random order among good ones
    #[arg(long, value_name = "TIMES")]
    hostile: Option<u32>,
    /// Write the account as JSON, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn default_lease() -> String {
    let settings = Settings::from_pairs([], []).expect("the defaults are good");
    settings.get(LEASE_SECONDS).as_secs_f64().to_string()
}

fn lease(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|e| format!("{e}"))?;
    Duration::try_from_secs_f64(seconds).map_err(|e| e.to_string())
}

/// Single-threaded, because the kernel ties the life of the fleet's processes to the thread that started them.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    if args.plan {
        for strike in plan::plan(args.seed, args.seconds, args.lease, args.timed) {
            println!("{strike}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let account = match (args.rolling, args.hostile) {
        (Some(times), _) => rolling::run(args.seed, args.lease, times).await?,
        (_, Some(times)) => hostile::run(args.seed, args.lease, times).await?,
        _ => storm::run(args.seed, args.lease, args.seconds, args.timed).await?,
    };
    println!("{account}");
    if let Some(file) = &args.json {
        let json = serde_json::to_vec_pretty(&account)?;
        std::fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(if account.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
