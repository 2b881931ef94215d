//! Actions of a person on a document. Each is a form, so that it works without scripts too.

use super::Page;
use super::{Acted, Shown};
use crate::actions::{cancel_document, delete_document, retry_document};
use crate::api::DocumentId;
use crate::state::Gateway;
use axum::extract::{Form, State};
use axum::response::Redirect;
use maud::html;
use queue_schema::document::Stage;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;
use web::{Problem, Who};

#[derive(Debug, Deserialize)]
pub struct Retry {
    from_stage: Option<String>,
}

fn back_to(id: Uuid) -> Redirect {
    Redirect::to(&format!("/documents/{id}"))
}

pub async fn retry(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    Form(retry): Form<Retry>,
) -> Acted {
    let stage = retry.from_stage.filter(|name| !name.is_empty());
    let stage = stage.map(|name| name.parse::<Stage>()).transpose();
    let stage = stage.map_err(|unknown| Problem::bad_request("invalid_field", unknown.to_string()))?;
    retry_document(&gateway, &who, id, stage).await?;
    Ok(back_to(id))
}

pub async fn cancel(State(gateway): State<Arc<Gateway>>, who: Who, DocumentId(id): DocumentId) -> Acted {
    cancel_document(&gateway, &who, id).await?;
    Ok(back_to(id))
}

/// Asks for confirmation, because a deletion cannot be undone.
pub async fn confirm_delete(State(gateway): State<Arc<Gateway>>, who: Who, DocumentId(id): DocumentId) -> Shown {
    let name = gateway.document_to_change(&who, id).await?.file_name;
    let body = html! {
        section.card aria-labelledby="sure" {
            h1 #sure { "Delete " (name) "?" }
            p { "The file and all that was read of it are removed. This cannot be undone." }
            div.actions {
                form.inline method="post" action={ "/documents/" (id) "/delete" } { button.danger type="submit" { "Delete" } }
                a.button href={ "/documents/" (id) } { "Keep" }
            }
        }
    };
    Ok(Page::new(format!("Delete {name}?"), body))
}

pub async fn delete(State(gateway): State<Arc<Gateway>>, who: Who, DocumentId(id): DocumentId) -> Acted {
    delete_document(&gateway, &who, id).await?;
    Ok(Redirect::to("/"))
}
