//! The last step of an upload: commits the document and its first task in one transaction.

use super::File;
use super::fields::Fields;
use super::guarded::StoredUpload;
use crate::events::DocumentAccepted;
use crate::state::Gateway;
use queue_schema::TraceId;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use store::{Created, NewDocument};
use telemetry::Event;
use tokio::time::{Instant, sleep};
use uuid::Uuid;
use web::problem::Result;

/// The document of an upload. Its fingerprint covers all fields and the file, so that a replay can be recognized.
pub fn new_document(
    id: Uuid,
    trace: TraceId,
    uploaded_by: Option<Uuid>,
    idempotency_key: Option<String>,
    fields: Fields,
    file: &File,
) -> Result<NewDocument> {
    let stored = file.upload.stored().clone();
    let said = serde_json::to_vec(&(&fields, &file.name, &stored.sha256)).map_err(|e| web::problem::internal(&e))?;
    Ok(NewDocument {
        id,
        project: fields.project,
        file_name: file.name.clone(),
        content_type: file.content_type.as_str().to_owned(),
        stored,
        languages: fields.languages,
        force_ocr: fields.force_ocr,
        urgent: fields.urgent,
        category: fields.category,
        metadata: fields.metadata.into(),
        idempotency_key,
        uploaded_by,
        fingerprint: hex(&Sha256::digest(said)),
        trace,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How long to wait for an unavailable database once all bytes are stored.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(500);

/// Commits the document and its first task. All bytes are stored by now, and sending them again would cost the client more than
/// waiting for a database that restarts or is busy.
pub async fn accept(gateway: Arc<Gateway>, new: NewDocument, upload: StoredUpload) -> Result<Created> {
    let begun = Instant::now();
    loop {
        let error = match gateway.store.create(&new).await {
            Ok(created) => {
                settle(&new, upload, created);
                return Ok(created);
            }
            Err(error) => error,
        };
        // The commit may have succeeded although its answer was lost.
        match gateway.store.document(new.id).await {
            Ok(_) => {
                settle(&new, upload, Created::New(new.id));
                return Ok(Created::New(new.id));
            }
            Err(store::Error::NoDocument(_)) if !error.is_transient() || error.is_full() => return Err(error.into()),
            Err(_) if begun.elapsed() < PATIENCE && !gateway.drain.is_cancelled() => sleep(PAUSE).await,
            Err(store::Error::NoDocument(_)) => return Err(error.into()),
            Err(_) => {
                upload.keep();
                return Err(error.into());
            }
        }
    }
}

/// Keeps the stored bytes of a new document, and logs that it was accepted.
fn settle(new: &NewDocument, upload: StoredUpload, created: Created) {
    if created != Created::New(new.id) {
        return;
    }
    upload.keep();
    let accepted = DocumentAccepted {
        content_type: &new.content_type,
        bytes: new.stored.size,
        project: &new.project,
    };
    accepted.emit();
}
