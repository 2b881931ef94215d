//! Why a run did not succeed, and whether another run might.

use queue_schema::document::{DocumentError, ErrorCode};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub error: DocumentError,
    /// Another run might succeed.
    pub is_transient: bool,
}

impl Failure {
    /// A failure that every run would have.
    pub fn permanent(error: DocumentError) -> Failure {
        Failure {
            error,
            is_transient: false,
        }
    }

    /// A failure of the system, not of the document: another run might succeed.
    pub fn transient(what: impl std::fmt::Display) -> Failure {
        Failure {
            error: DocumentError::new(ErrorCode::Internal, what.to_string()),
            is_transient: true,
        }
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Failure::permanent(error)
    }
}
