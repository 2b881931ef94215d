//! What stands in paths and queries, refused with a problem that names it.

use super::cursor::Cursor;
use crate::upload::has_nul;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use queue_schema::document::DocumentStatus;
use serde::Deserialize;
use store::Filter;
use utoipa::IntoParams;
use uuid::Uuid;
use web::path_name;
use web::problem::{Problem, Result};

/// The document that a path names.
pub struct DocumentId(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for DocumentId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<DocumentId> {
        let id = path_name(parts, state, "id").await?;
        id.parse().map(DocumentId).map_err(|_| Problem::no_document(id))
    }
}

/// The page, from 1, that a path names.
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

/// Which documents to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    pub project: Option<String>,
    #[param(schema_with = crate::wire::status_schema)]
    pub status: Option<String>,
    pub category: Option<String>,
    /// Words in the recognised text, or a part of the file's name.
    pub q: Option<String>,
    /// How many at most, 1 to 200; default 50.
    #[param(minimum = 1, maximum = 200, value_type = Option<i64>)]
    pub limit: Option<String>,
    /// `next_cursor` of the list before.
    pub cursor: Option<String>,
}

impl Listing {
    pub const DEFAULT_LIMIT: i64 = 50;
    const MOST: i64 = 200;

    /// # Errors
    /// Names the parameter that is wrong. An empty one counts as absent, as browsers send those that were left empty.
    pub fn filter(&self) -> Result<Filter> {
        let limit = match given(&self.limit) {
            None => Some(Self::DEFAULT_LIMIT),
            Some(text) => text.parse().ok().filter(|n| (1..=Self::MOST).contains(n)),
        };
        Ok(Filter {
            project: words("project", &self.project)?,
            status: given(&self.status).map(parse_status).transpose()?,
            category: words("category", &self.category)?,
            search: words("q", &self.q)?,
            after: given(&self.cursor).map(Cursor::decode).transpose()?,
            limit: limit.ok_or_else(|| Problem::field("limit", "a number from 1 to 200"))?,
        })
    }
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

    #[test]
    fn empty_parameters_count_as_absent() {
        let empty = Some(String::new());
        let listing = Listing {
            status: empty.clone(),
            q: empty.clone(),
            limit: empty.clone(),
            cursor: empty,
            ..Listing::default()
        };
        let filter = listing.filter().unwrap();
        assert!(filter.status.is_none() && filter.search.is_none() && filter.after.is_none());
        assert_eq!(filter.limit, Listing::DEFAULT_LIMIT);
    }

    #[test]
    fn wrong_parameters_are_named() {
        let text = |text: &str| Some(text.to_owned());
        let wrong = [
            (
                "limit",
                Listing {
                    limit: text("0"),
                    ..Listing::default()
                },
            ),
            (
                "limit",
                Listing {
                    limit: text("many"),
                    ..Listing::default()
                },
            ),
            (
                "status",
                Listing {
                    status: text("finished"),
                    ..Listing::default()
                },
            ),
            (
                "q",
                Listing {
                    q: text("a\0b"),
                    ..Listing::default()
                },
            ),
            (
                "cursor",
                Listing {
                    cursor: text("first"),
                    ..Listing::default()
                },
            ),
        ];
        for (name, listing) in wrong {
            let problem = listing.filter().unwrap_err();
            assert!(problem.detail().starts_with(name), "{}", problem.detail());
        }
    }
}
