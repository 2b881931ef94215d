//! How long the dashboard's pages and their API take with many tasks: the first answer, and the median and worst of ten.
//!
//! `cargo run --release -p benches --bin operator -- 1000000`

use benches::operator::Operator;
use fleet_tests::Services;
use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_millis(300);
const TIMES: usize = 10;
/// So that figures of the whole fleet are looked up anew.
const PAUSE: Duration = Duration::from_millis(1000);

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let tasks = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse())?;
    let began = Instant::now();
    let operator = Operator::seeded(Services::shared().home(), tasks).await?;
    println!("{tasks} tasks seeded in {} s", began.elapsed().as_secs());
    println!("{:>9} {:>9} {:>9}  address", "first ms", "median ms", "worst ms");
    let mut slow = 0;
    for path in operator.pages.iter().chain(&operator.api) {
        tokio::time::sleep(PAUSE).await;
        let first = ask(&operator.base, path).await?;
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            times.push(ask(&operator.base, path).await?);
        }
        times.sort_unstable();
        let (median, worst) = (times[TIMES / 2], times[TIMES - 1]);
        let mark = if first.max(worst) > LIMIT { "  over 300 ms" } else { "" };
        slow += usize::from(first.max(worst) > LIMIT);
        println!(
            "{:>9.1} {:>9.1} {:>9.1}  {path}{mark}",
            ms(first),
            ms(median),
            ms(worst)
        );
    }
    println!("{slow} of {} over 300 ms", operator.pages.len() + operator.api.len());
    Ok(if slow == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

async fn ask(base: &str, path: &str) -> Result<Duration, Box<dyn Error>> {
    let began = Instant::now();
    let answer = reqwest::get(format!("{base}{path}")).await?.error_for_status()?;
    answer.bytes().await?;
    Ok(began.elapsed())
}
