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
    /// The run may write nothing any more: its lease ran out or was taken.
    #[error("the lease of task {0} is lost")]
    LeaseLost(uuid::Uuid),
    #[error("a row of the task tables cannot be read: {0}")]
    Decode(#[from] serde_json::Error),
    /// Whoever follows the task, or commits its results, failed.
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

    /// Worth another try: the server is away or restarting, or two transactions met.
    pub fn is_passing(&self) -> bool {
        use tokio_postgres::error::SqlState;
        match self {
            Error::Redis(_) => true,
            Error::Pool(deadpool_postgres::PoolError::Backend(error)) | Error::Postgres(error) => match error.code() {
                None => true,
                Some(code) => [
                    SqlState::T_R_DEADLOCK_DETECTED,
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::ADMIN_SHUTDOWN,
                    SqlState::CRASH_SHUTDOWN,
                    SqlState::CANNOT_CONNECT_NOW,
                    SqlState::TOO_MANY_CONNECTIONS,
                ]
                .contains(code),
            },
            Error::Pool(_) => true,
            _ => false,
        }
    }
}
