//! Rows of a fleet that has run for a month, for tests and benchmarks that need many.

use tokio_postgres::{Client, Error};

/// Adds this many tasks, with their runs and documents, to a docfleet database, and updates Postgres' statistics.
///
/// # Errors
/// The error of Postgres.
pub async fn seed(client: &Client, tasks: u64) -> Result<(), Error> {
    let script = include_str!("../sql/seed.sql").replace("$TASKS", &tasks.to_string());
    client.batch_execute(&script).await?;
    // One by one: statements sent in one message form a transaction, in which VACUUM is not allowed.
    for table in ["tasks", "attempts", "documents"] {
        client.batch_execute(&format!("VACUUM ANALYZE {table}")).await?;
    }
    Ok(())
}
