//! Results are only served once a document is done: a partial result could be taken for a complete one.

use crate::state::Gateway;
use queue_schema::document::DocumentStatus;
use std::time::Duration;
use store::Document;
use uuid::Uuid;
use web::Who;
use web::problem::{Problem, Result};

/// The document, if it is done.
///
/// # Errors
/// 409 with the reason if it is not.
pub async fn finished(gateway: &Gateway, who: &Who, id: Uuid) -> Result<Document> {
    let document = gateway.document(who, id).await?;
    let name = &document.file_name;
    let reason = document.error.as_ref().map(|e| e.message.as_str()).unwrap_or_default();
    match document.status {
        DocumentStatus::Done => Ok(document),
        DocumentStatus::Failed => Err(Problem::conflict(
            "document_failed",
            format!("{name:?} failed: {reason}"),
        )),
        DocumentStatus::Cancelled => Err(Problem::conflict(
            "document_cancelled",
            format!("{name:?} was {reason}; retry it to go on"),
        )),
        DocumentStatus::Queued | DocumentStatus::Processing => Err(Problem::conflict(
            "not_finished",
            format!("{name:?} is still being processed; follow its events and ask again"),
        )
        .retry_after(Duration::from_secs(2))),
    }
}
