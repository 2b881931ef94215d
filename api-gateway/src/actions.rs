//! Actions that the API and the pages share.

use crate::state::Gateway;
use crate::wire::Document;
use queue_schema::document::{DocumentStatus, Stage};
use uuid::Uuid;
use web::Who;
use web::problem::{Problem, Result};

pub async fn delete_document(gateway: &Gateway, who: &Who, id: Uuid) -> Result<()> {
    gateway.document_to_change(who, id).await?;
    gateway.store.delete(id, who.name()).await?;
    tracing::info!("document deleted");
    Ok(())
}

pub async fn cancel_document(gateway: &Gateway, who: &Who, id: Uuid) -> Result<Document> {
    let before = gateway.document_to_change(who, id).await?;
    let ended_now = gateway.store.cancel(id, who.name()).await?;
    let view = gateway.view(&who.acts_on(), id).await?;
    if !ended_now && view.status != DocumentStatus::Cancelled {
        return Err(Problem::conflict(
            "already_ended",
            format!("{:?} is {} already", before.file_name, view.status),
        ));
    }
    Ok(view.into())
}

pub async fn retry_document(gateway: &Gateway, who: &Who, id: Uuid, from: Option<Stage>) -> Result<Document> {
    gateway.document_to_change(who, id).await?;
    gateway.store.retry(&gateway.settings, id, from, who.name()).await?;
    Ok(gateway.view(&who.acts_on(), id).await?.into())
}
