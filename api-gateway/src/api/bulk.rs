//! One action on many documents.

use super::download;
use super::params::Selection;
use crate::actions::{cancel_document, delete_document, retry_document};
use crate::state::Gateway;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use queue_schema::document::Stage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::Scope;
use utoipa::ToSchema;
use uuid::Uuid;
use web::Who;
use web::access::missing_scope;
use web::problem::{Problem, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// They are processed again.
    Retry,
    /// They end; what has ended is left as it is.
    Cancel,
    /// They are removed with all that was made of them.
    Delete,
    /// The answer tells where to download them.
    Download,
}

/// Which documents: those of `ids`, or those that match all the others. At least one is given.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkFilter {
    #[serde(default)]
    #[schema(nullable = false)]
    pub ids: Option<Vec<Uuid>>,
    #[serde(default)]
    #[schema(nullable = false)]
    pub project: Option<String>,
    #[serde(default)]
    #[schema(schema_with = crate::wire::status_schema)]
    pub status: Option<String>,
    #[serde(default)]
    #[schema(nullable = false)]
    pub category: Option<String>,
    #[serde(default)]
    #[schema(nullable = false)]
    pub q: Option<String>,
    #[serde(default)]
    #[schema(nullable = false)]
    pub created_after: Option<String>,
    #[serde(default)]
    #[schema(nullable = false)]
    pub created_before: Option<String>,
    /// Keys and their values, as text.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

impl BulkFilter {
    fn selection(&self) -> Selection {
        let metadata = self.metadata.iter();
        Selection {
            project: self.project.clone(),
            status: self.status.clone(),
            category: self.category.clone(),
            q: self.q.clone(),
            created_after: self.created_after.clone(),
            created_before: self.created_before.clone(),
            metadata: metadata
                .map(|(key, value)| (format!("metadata.{key}"), value.clone()))
                .collect(),
        }
    }
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkOrder {
    pub action: BulkAction,
    pub filter: BulkFilter,
    /// For `retry`. Default: the stage that failed.
    #[serde(default)]
    #[schema(schema_with = crate::wire::optional_stage_schema)]
    pub from_stage: Option<Stage>,
    /// Only tell how many there are.
    #[serde(default)]
    pub dry_run: bool,
}

#[derive(Debug, Default, Serialize, ToSchema)]
pub struct BulkResult {
    /// How many documents match; with `dry_run`, nothing else is told.
    pub matched: i64,
    pub done: u64,
    /// Documents that were left as they are.
    pub refused: u64,
    /// Why, the first few.
    pub reasons: Vec<String>,
    /// For `download`: where to get them, as one ZIP.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "uri-reference")]
    pub download: Option<String>,
}

impl BulkResult {
    const REASONS: usize = 5;

    fn refuse(&mut self, reason: &str) {
        self.refused += 1;
        if self.reasons.len() < Self::REASONS && !self.reasons.iter().any(|known| known == reason) {
            self.reasons.push(reason.to_owned());
        }
    }
}

/// Most ids, as many as fit into a request's body.
const MOST_IDS: usize = 1000;

/// Retries, cancels, deletes or hands out all documents that match. With `dry_run`, tells first how many these are.
#[utoipa::path(
    post,
    path = "/api/v1/documents/bulk",
    operation_id = "change_documents",
    tag = "documents",
    request_body = BulkOrder,
    responses(
        (status = 200, body = BulkResult, description = "What was done"),
        (status = 400, body = Problem, description = "The order cannot be read, or names no documents"),
        (status = 413, body = Problem, description = "The order is too long")
    )
)]
pub async fn bulk(State(gateway): State<Arc<Gateway>>, who: Who, body: Bytes) -> Result<Json<BulkResult>> {
    let order: BulkOrder = serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request("invalid_order", format!("the order cannot be read: {error}")))?;
    let needed = match order.action {
        BulkAction::Delete => Scope::Operate,
        BulkAction::Download => Scope::Read,
        BulkAction::Retry | BulkAction::Cancel => Scope::Upload,
    };
    if let Some(key) = who.key().filter(|key| !key.allows(needed)) {
        return Err(missing_scope(key, &[needed]));
    }
    let result = match &order.filter.ids {
        Some(ids) => on_ids(&gateway, &who, &order, ids).await?,
        None => on_matching(&gateway, &who, &order).await?,
    };
    if !order.dry_run && order.action != BulkAction::Download {
        tracing::info!(action = ?order.action, done = result.done, refused = result.refused, "many documents changed");
    }
    Ok(Json(result))
}

async fn on_ids(gateway: &Gateway, who: &Who, order: &BulkOrder, ids: &[Uuid]) -> Result<BulkResult> {
    let most = match order.action {
        BulkAction::Download => download::MOST_IDS,
        _ => MOST_IDS,
    };
    if ids.len() > most {
        return Err(Problem::field("ids", &format!("at most {most} ids")));
    }
    let mut result = BulkResult {
        matched: i64::try_from(ids.len()).unwrap_or(i64::MAX),
        ..BulkResult::default()
    };
    if order.dry_run {
        return Ok(result);
    }
    if order.action == BulkAction::Download {
        result.download = Some(download::address(&Selection::default(), ids));
        return Ok(result);
    }
    for id in ids {
        on_one(gateway, who, order, *id, &mut result).await?;
    }
    Ok(result)
}

async fn on_matching(gateway: &Gateway, who: &Who, order: &BulkOrder) -> Result<BulkResult> {
    let selection = order.filter.selection();
    let is_download = order.action == BulkAction::Download;
    let mut filter = selection.narrow_filter(if is_download { who.sees() } else { who.acts_on() })?;
    let mut result = BulkResult {
        matched: gateway.store.count_documents(&filter).await?,
        ..BulkResult::default()
    };
    if order.dry_run {
        return Ok(result);
    }
    if is_download {
        result.download = Some(download::address(&selection, &[]));
        return Ok(result);
    }
    loop {
        let some = gateway.store.documents(&filter).await?;
        let Some(last) = some.last() else {
            return Ok(result);
        };
        filter.after = Some((last.created_at, last.id));
        for document in &some {
            on_one(gateway, who, order, document.id, &mut result).await?;
        }
    }
}

/// Skips a document that refuses the action. An error of the server ends the whole request.
async fn on_one(gateway: &Gateway, who: &Who, order: &BulkOrder, id: Uuid, result: &mut BulkResult) -> Result<()> {
    let done = match order.action {
        BulkAction::Retry => retry_document(gateway, who, id, order.from_stage).await.map(|_| ()),
        BulkAction::Cancel => cancel_document(gateway, who, id).await.map(|_| ()),
        BulkAction::Delete => delete_document(gateway, who, id).await,
        BulkAction::Download => Ok(()),
    };
    match done {
        Ok(()) => result.done += 1,
        Err(problem)
            if matches!(
                problem.status(),
                StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::CONFLICT
            ) =>
        {
            result.refuse(problem.detail());
        }
        Err(problem) => return Err(problem),
    }
    Ok(())
}
