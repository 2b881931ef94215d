//! Rows of a fleet that has worked for a month, for tests and figures that need many.

use tokio_postgres::{Client, Error};

/// Puts so many tasks, with their runs and documents, into a database of docfleet's schema, and lets Postgres get to know them.
///
/// # Errors
/// What Postgres says.
pub async fn seed(client: &Client, tasks: u64) -> Result<(), Error> {
    let script = include_str!("../sql/seed.sql").replace("$TASKS", &tasks.to_string());
    client.batch_execute(&script).await?;
    // A vacuum is no part of a transaction, and the statements of one message are.
    for table in ["tasks", "attempts", "documents"] {
        client.batch_execute(&format!("VACUUM ANALYZE {table}")).await?;
    }
    Ok(())
}
