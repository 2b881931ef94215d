//! `make chaos`: the real fleet under load while a seeded schedule kills and stops its processes, and an account of what
//! came of it. Two quieter trials besides: rolling restarts, and hostile documents in bulk.

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
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Short, so that a run holds many recoveries.
const LEASE: Duration = Duration::from_secs(3);
/// Of every process of the fleet.
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
    /// Show the schedule only
    #[arg(long)]
    plan: bool,
    /// Tasks that resume late count as wrong; on a machine that has nothing else to do
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

/// One thread, for good: the kernel ties the life of the fleet's processes to the thread that started them.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    if args.plan {
        for strike in plan::plan(args.seed, args.seconds) {
            println!("{strike}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let account = match (args.rolling, args.hostile) {
        (Some(times), _) => rolling::run(args.seed, times).await?,
        (_, Some(times)) => hostile::run(args.seed, times).await?,
        _ => storm::run(args.seed, args.seconds, args.timed).await?,
    };
    println!("{account}");
    if let Some(file) = &args.json {
        let json = serde_json::to_vec_pretty(&account)?;
        std::fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(match account.is_clean() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
