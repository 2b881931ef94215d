//! The same done to many documents.

use super::documents::{begin_again, cancel_one, delete_one};
use super::params::Listing;
use crate::app::Gateway;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use queue_schema::document::Stage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Filter, Scope};
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

/// How many documents are looked up at once.
const BATCH: i64 = 200;
/// As many as a body holds.
const MOST_IDS: usize = 1000;

/// Retries, cancels or deletes all documents that match. With `dry_run`, tells first how many these are.
#[utoipa::path(
    post,
    path = "/api/v1/documents/bulk",
    operation_id = "change_documents",
    tag = "documents",
    request_body = BulkOrder,
    responses(
        (status = 200, body = BulkResult, description = "What was done"),
        (status = 400, body = Problem, description = "The order cannot be read, or names no documents", content_type = "application/problem+json"),
        (status = 413, body = Problem, description = "The order is too long", content_type = "application/problem+json")
    )
)]
pub async fn bulk(State(gateway): State<Arc<Gateway>>, who: Who, body: Bytes) -> Result<Json<BulkResult>> {
    let order: BulkOrder = serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request("invalid_order", format!("the order cannot be read: {error}")))?;
    if order.action == BulkAction::Delete
        && let Some(key) = who.key().filter(|key| !key.allows(Scope::Operate))
    {
        return Err(missing_scope(key, &[Scope::Operate]));
    }
    let result = match &order.filter.ids {
        Some(ids) => on_ids(&gateway, &who, &order, ids).await?,
        None => on_matching(&gateway, &who, &order).await?,
    };
    if !order.dry_run {
        tracing::info!(action = ?order.action, done = result.done, refused = result.refused, "many documents changed");
    }
    Ok(Json(result))
}

async fn on_ids(gateway: &Gateway, who: &Who, order: &BulkOrder, ids: &[Uuid]) -> Result<BulkResult> {
    if ids.len() > MOST_IDS {
        return Err(Problem::field("ids", &format!("at most {MOST_IDS} ids")));
    }
    let mut result = BulkResult {
        matched: i64::try_from(ids.len()).unwrap_or(i64::MAX),
        ..BulkResult::default()
    };
    if !order.dry_run {
        for id in ids {
            on_one(gateway, who, order, *id, &mut result).await?;
        }
    }
    Ok(result)
}

async fn on_matching(gateway: &Gateway, who: &Who, order: &BulkOrder) -> Result<BulkResult> {
    let mut filter = filter(&order.filter)?;
    filter.reach = who.acts_on();
    let mut result = BulkResult {
        matched: gateway.store.count_documents(&filter).await?,
        ..BulkResult::default()
    };
    if order.dry_run {
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

fn filter(given: &BulkFilter) -> Result<Filter> {
    let listing = Listing {
        project: given.project.clone(),
        status: given.status.clone(),
        category: given.category.clone(),
        q: given.q.clone(),
        created_after: given.created_after.clone(),
        created_before: given.created_before.clone(),
        metadata: given
            .metadata
            .iter()
            .map(|(key, value)| (format!("metadata.{key}"), value.clone()))
            .collect(),
        ..Listing::default()
    };
    if listing == Listing::default() {
        return Err(Problem::bad_request(
            "empty_filter",
            "the filter names no documents; give at least one of its members (created_before with a moment means all up to then)",
        ));
    }
    Ok(Filter {
        limit: BATCH,
        ..listing.filter()?
    })
}

/// A document that cannot be helped is left as it is; trouble of ours ends the order.
async fn on_one(gateway: &Gateway, who: &Who, order: &BulkOrder, id: Uuid, result: &mut BulkResult) -> Result<()> {
    let done = match order.action {
        BulkAction::Retry => begin_again(gateway, who, id, order.from_stage).await.map(|_| ()),
        BulkAction::Cancel => cancel_one(gateway, who, id).await.map(|_| ()),
        BulkAction::Delete => delete_one(gateway, who, id).await,
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
