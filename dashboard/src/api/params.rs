//! Parameters of paths and queries. A wrong one is answered with a problem that names it. An empty parameter counts as absent,
//! because browsers send fields that were left empty.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use broker::inspect::{DeadFilter, TaskCursor, TaskSearch};
use chrono::{DateTime, Utc};
use queue_schema::{Queue, State};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::FromStr;
use utoipa::IntoParams;
use uuid::Uuid;
use web::path_name;
use web::problem::{Problem, Result};

pub const DEFAULT_LIMIT: i64 = 50;
const MOST: i64 = 500;
const LONGEST: usize = 512;

/// The id of a task, worker or document in the path.
pub struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Id> {
        path_name(parts, state, "id").await?.parse()
    }
}

impl FromStr for Id {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Id> {
        text.parse()
            .map(Id)
            .map_err(|_| Problem::not_found("not_found", format!("{text:?} is no id; ids are UUIDs")))
    }
}

/// The name of a queue or schedule in the path.
pub struct Name(pub String);

impl Name {
    pub fn queue(&self) -> Result<Queue> {
        self.0
            .parse()
            .map_err(|error: queue_schema::UnknownName| Problem::not_found("queue_not_found", error.to_string()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Name> {
        path_name(parts, state, "name").await.map(Name)
    }
}

pub fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn parsed<T: FromStr>(name: &str, text: &Option<String>, takes: impl Display) -> Result<Option<T>> {
    given(text)
        .map(|text| text.parse().map_err(|_| Problem::field(name, &takes.to_string())))
        .transpose()
}

fn named<T: FromStr>(name: &str, text: &Option<String>) -> Result<Option<T>>
where
    T::Err: Display,
{
    let parse = |text: &str| {
        text.parse()
            .map_err(|error: T::Err| Problem::field(name, &format!("a known name: {error}")))
    };
    given(text).map(parse).transpose()
}

fn words(name: &str, text: &Option<String>) -> Result<Option<String>> {
    match given(text) {
        Some(text) if text.contains('\0') || text.len() > LONGEST => Err(Problem::field(
            name,
            "at most 512 bytes of text, without NUL characters",
        )),
        text => Ok(text.map(str::to_owned)),
    }
}

fn limit(text: &Option<String>) -> Result<i64> {
    let takes = format!("a number from 1 to {MOST}");
    match parsed::<i64>("limit", text, &takes)? {
        None => Ok(DEFAULT_LIMIT),
        Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::field("limit", &takes)),
    }
}

const CURSOR: &str = "the next_cursor of the list before, as it was given";

/// Which tasks to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskListing {
    pub queue: Option<String>,
    /// scheduled, ready, running, done, dead or cancelled
    pub state: Option<String>,
    #[param(value_type = Option<Uuid>)]
    pub document: Option<String>,
    pub kind: Option<String>,
    /// How many at most, 1 to 500; default 50.
    #[param(minimum = 1, maximum = 500, value_type = Option<i64>)]
    pub limit: Option<String>,
    /// `next_cursor` of the list before.
    pub cursor: Option<String>,
}

impl TaskListing {
    /// # Errors
    /// Names the parameter that is wrong.
    pub fn search(&self) -> Result<TaskSearch> {
        Ok(TaskSearch {
            queue: named::<Queue>("queue", &self.queue)?,
            state: named::<State>("state", &self.state)?,
            kind: words("kind", &self.kind)?,
            document: parsed("document", &self.document, "a document's id, a UUID")?,
            after: parsed("cursor", &self.cursor, CURSOR)?,
            limit: limit(&self.limit)?,
        })
    }
}

/// Which dead letters to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DeadListing {
    pub queue: Option<String>,
    pub kind: Option<String>,
    pub outcome: Option<String>,
    pub document: Option<String>,
    pub search: Option<String>,
    /// Died at this moment or before.
    pub until: Option<String>,
    pub cursor: Option<String>,
}

impl DeadListing {
    pub fn filter(&self) -> Result<DeadFilter> {
        Ok(DeadFilter {
            queue: named("queue", &self.queue)?,
            kind: words("kind", &self.kind)?,
            outcome: named("outcome", &self.outcome)?,
            document: parsed("document", &self.document, "a document's id, a UUID")?,
            search: words("search", &self.search)?,
            until: parsed::<DateTime<Utc>>("until", &self.until, "a moment such as 2026-05-01T12:00:00Z")?,
            ids: None,
        })
    }

    pub fn after(&self) -> Result<Option<TaskCursor>> {
        parsed("cursor", &self.cursor, CURSOR)
    }
}

/// Which actions to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditListing {
    /// What was acted upon: a queue's name, a task's id, …
    pub target: Option<String>,
    #[param(minimum = 1, maximum = 500, value_type = Option<i64>)]
    pub limit: Option<String>,
    /// `next_cursor` of the list before.
    pub cursor: Option<String>,
}

impl AuditListing {
    /// Target, cursor, limit.
    pub fn read(&self) -> Result<(Option<String>, Option<i64>, i64)> {
        Ok((
            words("target", &self.target)?,
            parsed("cursor", &self.cursor, CURSOR)?,
            limit(&self.limit)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_parameters_count_as_absent() {
        let empty = Some(String::new());
        let listing = TaskListing {
            queue: empty.clone(),
            state: empty.clone(),
            document: empty.clone(),
            cursor: empty.clone(),
            limit: empty,
            ..TaskListing::default()
        };
        let search = listing.search().unwrap();
        assert!(search.queue.is_none() && search.state.is_none() && search.document.is_none());
        assert_eq!(search.limit, DEFAULT_LIMIT);
    }

    #[test]
    fn wrong_parameters_are_named() {
        let text = |text: &str| Some(text.to_owned());
        let none = TaskListing::default;
        #[rustfmt::skip]
        let wrong = [
            ("queue", TaskListing { queue: text("letters"), ..none() }),
            ("state", TaskListing { state: text("lost"), ..none() }),
            ("document", TaskListing { document: text("7"), ..none() }),
            ("kind", TaskListing { kind: text("a\0b"), ..none() }),
            ("limit", TaskListing { limit: text("501"), ..none() }),
            ("limit", TaskListing { limit: text("many"), ..none() }),
            ("cursor", TaskListing { cursor: text("first"), ..none() }),
        ];
        for (name, listing) in wrong {
            let problem = listing.search().unwrap_err();
            assert!(problem.detail().starts_with(name), "{}", problem.detail());
        }
    }
}
