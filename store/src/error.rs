use std::io::{self, ErrorKind};
use tokio_postgres::error::SqlState;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Broker(#[from] broker::Error),
    #[error("Postgres: {}", broker::explain(.0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error("the object store (setting STORAGE_URL): {0}")]
    Bytes(#[from] object_store::Error),
    #[error("a file of this run or of the store cannot be used (settings WORKER_SCRATCH_DIR, STORAGE_URL): {0}")]
    Io(#[from] std::io::Error),
    #[error("setting {name}: {problem}")]
    Setting { name: &'static str, problem: String },
    #[error("a stored row cannot be read: {0}")]
    Decode(#[from] serde_json::Error),
    #[error("the upload is larger than {limit} bytes (setting MAX_UPLOAD_BYTES)")]
    TooLarge { limit: u64 },
    /// The client disconnected or sent invalid data.
    #[error("the upload broke off: {0}")]
    Upload(String),
    #[error("there is no document {0}")]
    NoDocument(uuid::Uuid),
    #[error("there is no task {0}")]
    NoTask(uuid::Uuid),
    #[error("there is no key {0} in force")]
    NoKey(String),
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// Whether a retry may succeed: the database is away, restarting or busy.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Broker(error) => error.is_transient(),
            Error::Postgres(error) => broker::is_transient(error),
            _ => false,
        }
    }

    /// Whether a disk is full, here or where Postgres writes.
    pub fn is_full(&self) -> bool {
        let mut causes = std::iter::successors(Some(self as &dyn std::error::Error), |error| error.source());
        causes.any(|cause| {
            let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
            let postgres = cause
                .downcast_ref::<tokio_postgres::Error>()
                .and_then(|error| error.code());
            matches!(io, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
                || postgres == Some(&SqlState::DISK_FULL)
        })
    }
}

impl From<Error> for broker::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Broker(error) => error,
            Error::Postgres(error) => broker::Error::Postgres(error),
            other => broker::Error::other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_known_however_deep_it_is_told() {
        let told = |kind: ErrorKind| {
            let source = Box::new(io::Error::from(kind));
            Error::from(object_store::Error::Generic { store: "disk", source })
        };
        assert!(told(ErrorKind::StorageFull).is_full() && told(ErrorKind::QuotaExceeded).is_full());
        assert!(Error::from(io::Error::from(ErrorKind::StorageFull)).is_full());
        assert!(!told(ErrorKind::PermissionDenied).is_full());
    }
}
