//! How long the pages of both servers, their API and their live updates take with many tasks: the first answer, and the median and worst of ten.
//!
//! `cargo run --release -p benches --bin operator -- 1000000`

use benches::gateway::Gateway;
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
    let gateway = Gateway::start(Services::shared().home()).await;
    let document = operator.pages.iter().find_map(|path| path.strip_prefix("/documents/"));
    let seen_by_clerks = seen_by_clerks(document.unwrap_or_default());
    let seen_by_operators = operator.pages.iter().chain(&operator.api).cloned();
    let seen_by_operators = seen_by_operators.chain(["/api/v1/events".to_owned()]);
    let urls: Vec<String> = seen_by_operators
        .map(|path| format!("{}{path}", operator.base))
        .chain(seen_by_clerks.iter().map(|path| format!("{}{path}", gateway.base)))
        .collect();
    println!("{:>9} {:>9} {:>9}  address", "first ms", "median ms", "worst ms");
    let mut slow = 0;
    for url in &urls {
        tokio::time::sleep(PAUSE).await;
        let first = ask(url).await?;
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            times.push(ask(url).await?);
        }
        times.sort_unstable();
        let (median, worst) = (times[TIMES / 2], times[TIMES - 1]);
        let mark = if first.max(worst) > LIMIT { "  over 300 ms" } else { "" };
        slow += usize::from(first.max(worst) > LIMIT);
        println!("{:>9.1} {:>9.1} {:>9.1}  {url}{mark}", ms(first), ms(median), ms(worst));
    }
    println!("{slow} of {} over 300 ms", urls.len());
    Ok(if slow == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The documents page and its API, as far as they show lists and documents.
fn seen_by_clerks(document: &str) -> Vec<String> {
    let mut paths = [
        "/",
        "/?status=processing",
        "/?q=invoice",
        "/events",
        "/api/v1/documents",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend([
        format!("/documents/{document}"),
        format!("/api/v1/documents/{document}"),
        format!("/api/v1/documents/{document}/events"),
    ]);
    paths
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// To the end of the answer; of a stream, which has none, to its first event.
async fn ask(url: &str) -> Result<Duration, Box<dyn Error>> {
    let began = Instant::now();
    let mut answer = reqwest::get(url).await?.error_for_status()?;
    if url.ends_with("/events") {
        answer.chunk().await?;
    } else {
        answer.bytes().await?;
    }
    Ok(began.elapsed())
}
