use queue_schema::invariants::{RunFacts, Snapshot, TaskFacts};
use queue_schema::state::Spent;
use tokio_postgres::{Client, Error, Row};

/// The current task tables, read in one transaction.
///
/// # Errors
/// When Postgres is unavailable.
///
/// # Panics
/// When a row cannot be read.
pub async fn snapshot(client: &mut Client) -> Result<Snapshot, Error> {
    let tx = client
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let rows = async |query| tx.query(query, &[]).await;
    let tasks = rows(
        "SELECT id, kind, state, outcome, attempts, crashes, timeouts, policy, run_token, document_id, version FROM tasks",
    );
    let tasks = tasks.await?.iter().map(task).collect();
    let runs = rows("SELECT task_id, run_token, outcome FROM attempts").await?;
    let firings =
        rows("SELECT schedule, extract(epoch FROM fire_at)::bigint AS at, task_id FROM schedule_fires").await?;
    Ok(Snapshot {
        tasks,
        runs: runs.iter().map(run).collect(),
        firings: firings.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect(),
    })
}

fn task(row: &Row) -> TaskFacts {
    let count = |name: &str| u32::try_from(row.get::<_, i32>(name)).expect("a count");
    TaskFacts {
        id: row.get("id"),
        kind: row.get("kind"),
        state: row.get::<_, &str>("state").parse().expect("a state"),
        outcome: outcome(row),
        spent: Spent {
            attempts: count("attempts"),
            crashes: count("crashes"),
            timeouts: count("timeouts"),
        },
        policy: serde_json::from_value(row.get("policy")).ok(),
        token: row.get("run_token"),
        document: row.get("document_id"),
        version: row.get("version"),
    }
}

fn run(row: &Row) -> RunFacts {
    RunFacts {
        task: row.get("task_id"),
        token: row.get("run_token"),
        outcome: outcome(row),
    }
}

fn outcome(row: &Row) -> Option<queue_schema::Outcome> {
    row.get::<_, Option<&str>>("outcome")
        .map(|o| o.parse().expect("an outcome"))
}
