//! Fills the database of `DATABASE_URL` with tasks, to try docfleet with many.
//!
//! `DATABASE_URL=… BROKER_URL=… cargo run -p fleet-tests --bin seed-tasks -- 1000000`

use settings::Settings;
use std::error::Error;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args().nth(1).ok_or("how many tasks?")?.parse()?;
    let broker = broker::Broker::open(&Settings::from_env()?, Arc::new(())).await?;
    let client = broker.pool().get().await?;
    fleet_tests::seed(&client, count).await?;
    println!("{count} tasks are in the database");
    Ok(())
}
