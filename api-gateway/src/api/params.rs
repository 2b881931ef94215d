//! Parameters of paths and queries. A wrong one is answered with a problem that names it.

use super::cursor::Cursor;
use crate::upload::has_nul;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use queue_schema::document::DocumentStatus;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::{Filter, Order, Reach};
use utoipa::IntoParams;
use utoipa::openapi::Object;
use uuid::Uuid;
use web::path_name;
use web::problem::{Problem, Result};

/// The document in the path.
pub struct DocumentId(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for DocumentId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<DocumentId> {
        let id = path_name(parts, state, "id").await?;
        id.parse().map(DocumentId).map_err(|_| Problem::no_document(id))
    }
}

/// The page number in the path, from 1.
pub struct PageNumber(pub u32);

impl<S: Send + Sync> FromRequestParts<S> for PageNumber {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<PageNumber> {
        let number = path_name(parts, state, "n").await?;
        match number.parse() {
            Ok(n @ 1..) => Ok(PageNumber(n)),
            _ => Err(Problem::not_found(
                "page_not_found",
                format!("{number:?} is no page; pages are numbered from 1"),
            )),
        }
    }
}

/// Which documents. What it does not know is refused before it is read: see [`web::query`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Selection {
    pub project: Option<String>,
    #[param(schema_with = crate::wire::status_schema)]
    pub status: Option<String>,
    pub category: Option<String>,
    /// Words in the recognised text, or a part of the file's name.
    pub q: Option<String>,
    /// Uploaded at this moment or later: RFC 3339, or a day, which begins in UTC.
    #[param(example = "2026-11-01")]
    pub created_after: Option<String>,
    /// Uploaded before this moment or day.
    pub created_before: Option<String>,
    /// Metadata with the key KEY and this value, as text.
    #[serde(flatten)]
    #[param(rename = "metadata.KEY", value_type = Option<String>)]
    pub metadata: BTreeMap<String, String>,
}

/// How the selected documents are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    #[serde(flatten)]
    #[param(ignore)]
    pub selection: Selection,
    /// `-created_at`, newest first (default), or `created_at`.
    #[param(schema_with = sort_schema)]
    pub sort: Option<String>,
    /// `true`: the answer's `total` tells how many match.
    #[param(value_type = Option<bool>)]
    pub total: Option<String>,
    /// How many at most, 1 to 200; default 50.
    #[param(minimum = 1, maximum = 200, value_type = Option<i64>)]
    pub limit: Option<String>,
    /// `next_cursor` of the list before.
    pub cursor: Option<String>,
}

const METADATA: &str = "metadata.";

fn sort_schema() -> Object {
    crate::wire::one_of(["created_at", "-created_at"])
}

/// Most documents in one answer.
pub const MOST_LISTED: i64 = 200;

impl Selection {
    /// All that the selection holds within `reach`, newest first.
    ///
    /// # Errors
    /// Names the parameter that is wrong. An empty one counts as absent, as browsers send those that were left empty.
    pub fn filter(&self, reach: Reach) -> Result<Filter> {
        Ok(Filter {
            project: words("project", &self.project)?,
            status: given(&self.status).map(parse_status).transpose()?,
            category: words("category", &self.category)?,
            search: words("q", &self.q)?,
            created_after: moment("created_after", &self.created_after)?,
            created_before: moment("created_before", &self.created_before)?,
            metadata: self.metadata()?,
            reach,
            order: Order::NewestFirst,
            after: None,
            limit: MOST_LISTED,
        })
    }

    /// Like [`Selection::filter`], for actions that must not apply to every document by mistake.
    ///
    /// # Errors
    /// 400 when the selection is empty.
    pub fn narrow_filter(&self, reach: Reach) -> Result<Filter> {
        if self.is_empty() {
            return Err(Problem::bad_request(
                "empty_filter",
                "the filter names no documents; give at least one of its members (created_before with a moment means all up to then)",
            ));
        }
        self.filter(reach)
    }

    /// Whether it selects every document.
    pub fn is_empty(&self) -> bool {
        let parameters = self.parameters();
        parameters
            .iter()
            .all(|(_, value)| value.is_none_or(|text| text.trim().is_empty()))
    }

    /// The parameters for a query string.
    pub fn parameters(&self) -> Vec<(&str, Option<&str>)> {
        let filters = [
            ("project", &self.project),
            ("status", &self.status),
            ("category", &self.category),
            ("q", &self.q),
            ("created_after", &self.created_after),
            ("created_before", &self.created_before),
        ];
        let filters = filters.into_iter().map(|(name, value)| (name, value.as_deref()));
        let metadata = self
            .metadata
            .iter()
            .map(|(name, value)| (name.as_str(), Some(value.as_str())));
        filters.chain(metadata).collect()
    }

    fn metadata(&self) -> Result<Vec<(String, String)>> {
        let pairs = self.metadata.iter().map(|(name, value)| {
            let key = name.strip_prefix(METADATA).unwrap_or_default();
            if has_nul(key) || has_nul(value) {
                return Err(Problem::field(name, "text without NUL characters"));
            }
            Ok((key.to_owned(), value.clone()))
        });
        pairs.collect()
    }
}

impl Listing {
    pub const DEFAULT_LIMIT: i64 = 50;

    /// # Errors
    /// Names the parameter that is wrong, as [`Selection::filter`] does.
    pub fn filter(&self, reach: Reach) -> Result<Filter> {
        let limit = match given(&self.limit) {
            None => Some(Self::DEFAULT_LIMIT),
            Some(text) => text.parse().ok().filter(|n| (1..=MOST_LISTED).contains(n)),
        };
        Ok(Filter {
            order: match given(&self.sort) {
                None | Some("-created_at") => Order::NewestFirst,
                Some("created_at") => Order::OldestFirst,
                Some(_) => return Err(Problem::field("sort", "created_at or -created_at")),
            },
            after: given(&self.cursor).map(Cursor::decode).transpose()?,
            limit: limit.ok_or_else(|| Problem::field("limit", "a number from 1 to 200"))?,
            ..self.selection.filter(reach)?
        })
    }

    /// Whether the total number of matches is requested.
    ///
    /// # Errors
    /// When the value is neither true nor false.
    pub fn wants_total(&self) -> Result<bool> {
        match given(&self.total) {
            None => Ok(false),
            Some(text) => bool_of(text).ok_or_else(|| Problem::field("total", "true or false")),
        }
    }
}

/// Parses a boolean in any case.
pub fn bool_of(text: &str) -> Option<bool> {
    let is = |word| text.eq_ignore_ascii_case(word);
    is("true").then_some(true).or_else(|| is("false").then_some(false))
}

fn moment(name: &str, text: &Option<String>) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = given(text) else {
        return Ok(None);
    };
    let day = || Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc());
    let moment = text.parse::<DateTime<Utc>>().ok().or_else(day).filter(is_storable);
    match moment {
        Some(moment) => Ok(Some(moment)),
        None => Err(Problem::field(
            name,
            "a moment such as 2026-11-01T08:00:00Z, or a day such as 2026-11-01",
        )),
    }
}

/// Postgres supports a smaller range of times than chrono.
fn is_storable(moment: &DateTime<Utc>) -> bool {
    (0..=9999).contains(&moment.year())
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn words(name: &str, text: &Option<String>) -> Result<Option<String>> {
    const LONGEST: usize = 512;
    match given(text) {
        Some(text) if has_nul(text) || text.len() > LONGEST => Err(Problem::field(
            name,
            "at most 512 bytes of text, without NUL characters",
        )),
        text => Ok(text.map(str::to_owned)),
    }
}

fn parse_status(text: &str) -> Result<DocumentStatus> {
    text.parse().map_err(|_| {
        let known: Vec<_> = DocumentStatus::ALL.iter().map(|s| s.as_str()).collect();
        Problem::field("status", &format!("one of {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::Query;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn empty_parameters_count_as_absent() {
        let selection = Selection {
            status: text(""),
            q: text(""),
            ..Selection::default()
        };
        assert!(selection.narrow_filter(Reach::default()).is_err());
        let listing = Listing {
            selection,
            limit: text(""),
            cursor: text(""),
            ..Listing::default()
        };
        let filter = listing.filter(Reach::default()).unwrap();
        assert!(filter.status.is_none() && filter.search.is_none() && filter.after.is_none());
        assert_eq!(filter.limit, Listing::DEFAULT_LIMIT);
    }

    #[test]
    fn wrong_parameters_are_named() {
        for (name, value) in [
            ("limit", "0"),
            ("limit", "many"),
            ("status", "finished"),
            ("q", "a\0b"),
            ("cursor", "first"),
        ] {
            let uri = format!("/?{name}={}", value.replace('\0', "%00")).parse().unwrap();
            let Query(listing) = Query::<Listing>::try_from_uri(&uri).unwrap();
            let problem = listing.filter(Reach::default()).unwrap_err();
            assert!(problem.detail().starts_with(name), "{}", problem.detail());
        }
    }
}
