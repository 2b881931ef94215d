//! Corrections of a document by a person.

use super::params::DocumentId;
use crate::state::Gateway;
use crate::upload::{has_nul, unstorable};
use crate::wire::Document;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use queue_schema::document::{NAME, is_name};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::sync::Arc;
use store::{Correction, FieldCorrection};
use utoipa::ToSchema;
use web::Who;
use web::problem::{Problem, Result};

/// What is said of a document. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentPatch {
    /// What it is. Null: a model says so again, once the document is categorized again.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "invoice")]
    category: Option<Option<String>>,
    /// Merged into its metadata as RFC 7396 has it: a null removes its key.
    #[serde(default)]
    #[schema(value_type = Object, nullable = false)]
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    fields: Vec<FieldPatch>,
}

/// All that is said of one label.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldPatch {
    #[schema(example = "total")]
    label: String,
    /// The values, instead of those that were found: dates ISO 8601, amounts decimal strings with a point. Empty: the document
    /// has no such field. Null: what was found counts again.
    #[serde(deserialize_with = "nullable")]
    values: Option<Vec<String>>,
}

/// Distinguishes null from an absent field.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Rejects an absent field, but accepts null.
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Vec<String>>, D::Error> {
    Option::deserialize(deserializer)
}

const MOST_VALUES: usize = 1000;
const LONGEST_VALUE: usize = 4096;

impl DocumentPatch {
    fn check(self) -> Result<Correction> {
        if let Some(Some(category)) = &self.category
            && !is_name(category)
        {
            return Err(Problem::field("category", &format!("null, or {NAME}")));
        }
        if let Some(wrong) = self.metadata.as_ref().and_then(unstorable) {
            return Err(Problem::field("metadata", &format!("a JSON object; {wrong}")));
        }
        let mut fields: Vec<FieldCorrection> = Vec::new();
        for FieldPatch { label, values } in self.fields {
            if !is_name(&label) {
                return Err(Problem::field("label", NAME));
            }
            if fields.iter().any(|field| field.label == label) {
                let what = format!("the label {label} is spoken of more than once; give all its values at once");
                return Err(Problem::bad_request("repeated_label", what).about("fields"));
            }
            let of_label = values.as_deref().unwrap_or_default();
            let is_value = |value: &String| (1..=LONGEST_VALUE).contains(&value.len()) && !has_nul(value);
            if of_label.len() > MOST_VALUES || !of_label.iter().all(is_value) {
                let takes =
                    format!("at most {MOST_VALUES} texts of 1 to {LONGEST_VALUE} bytes, without NUL characters");
                return Err(Problem::field("values", &takes));
            }
            fields.push(FieldCorrection { label, values });
        }
        Ok(Correction {
            category: self.category,
            metadata: self.metadata,
            fields,
        })
    }
}

/// Says what a document is and what stands in it.
///
/// A person's values are kept beside what was found, show in its place, and outlive every retry.
#[utoipa::path(
    patch,
    path = "/api/v1/documents/{id}",
    operation_id = "correct_document",
    tag = "documents",
    params(("id" = Uuid, Path)),
    request_body = DocumentPatch,
    responses(
        (status = 200, body = Document, description = "The document as it is now"),
        (status = 400, body = Problem, description = "What is said cannot be read, or is not what its member takes"),
        (status = 404, body = Problem, description = "No such document"),
        (status = 409, body = Problem, description = "The metadata would grow too large"),
        (status = 413, body = Problem, description = "Too much is said")
    )
)]
pub async fn correct(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    DocumentId(id): DocumentId,
    body: Bytes,
) -> Result<Json<Document>> {
    gateway.document_to_change(&who, id).await?;
    let patch: DocumentPatch = serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request("invalid_order", format!("what is said cannot be read: {error}")))?;
    gateway.store.correct(id, &patch.check()?, who.name()).await?;
    tracing::info!("document corrected");
    Ok(Json(gateway.view(&who.acts_on(), id).await?.into()))
}
