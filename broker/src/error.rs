use crate::postgres::explain;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("Postgres: {}", explain(.0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error("Postgres gave no connection: {}", explain_pool(.0))]
    Pool(#[from] deadpool_postgres::PoolError),
    #[error("Redis: {0}")]
    Redis(#[from] redis::RedisError),
    #[error("setting {name}: {problem}")]
    Setting { name: &'static str, problem: String },
    #[error("the database's schema could not be brought up to date: {0}")]
    Migration(#[from] refinery::Error),
    #[error(
        "the database has schema version {found}, this build knows {known}: it was upgraded by a newer docfleet; run that one"
    )]
    NewerSchema { found: i32, known: i32 },
    /// The run may no longer write anything: its lease expired, or its task was taken back.
    #[error("the lease of task {0} is lost")]
    LeaseLost(uuid::Uuid),
    #[error("a row of the task tables cannot be read: {0}")]
    Decode(#[from] serde_json::Error),
    /// An error of the code that commits a task's results or decides which tasks follow.
    #[error("{0}")]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

fn explain_pool(error: &deadpool_postgres::PoolError) -> String {
    match error {
        deadpool_postgres::PoolError::Backend(error) => explain(error),
        other => other.to_string(),
    }
}

impl Error {
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Other(error.into())
    }

    /// Whether a retry may succeed: the server is away, restarting, full or read-only, or two transactions conflicted.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Redis(_) => true,
            Error::Pool(deadpool_postgres::PoolError::Backend(error)) | Error::Postgres(error) => is_transient(error),
            Error::Pool(_) => true,
            _ => false,
        }
    }
}

/// As [`Error::is_transient`].
pub fn is_transient(error: &tokio_postgres::Error) -> bool {
    error.code().is_none_or(|code| passes(code.code()))
}

/// Whether an SQLSTATE stands for a problem of the server or its machine, and not of the statement or the settings. Most are
/// decided by their class, the first two characters.
fn passes(state: &str) -> bool {
    const CLASSES: [&str; 5] = [
        "08", // the connection
        "40", // rolled back: a deadlock, or a conflict of two transactions
        "53", // no resources: disk, memory, connections
        "57", // an operator intervened, or the server is stopping or starting
        "58", // the system under the server
    ];
    const STATES: [&str; 3] = [
        "25006", // read-only: no longer the primary
        "25P03", // the transaction was idle for too long
        "55P03", // another session holds the lock
    ];
    const BUT: [&str; 2] = [
        "08P01", // protocol violation: connection poolers refuse settings with it
        "57014", // a statement exceeded its time-out
    ];
    !BUT.contains(&state) && (CLASSES.iter().any(|class| state.starts_with(class)) || STATES.contains(&state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_of_the_server_passes_and_what_was_asked_wrongly_does_not() {
        for state in ["53100", "53200", "57P01", "57P03", "58030", "40P01", "25006", "25P03"] {
            assert!(passes(state), "{state}");
        }
        for state in ["23505", "22P05", "42P01", "28P01", "3D000", "08P01", "57014"] {
            assert!(!passes(state), "{state}");
        }
    }
}
