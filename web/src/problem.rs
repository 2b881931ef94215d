//! Errors as RFC 9457 problem details: `application/problem+json` with a stable code for programs and a sentence for people.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// Why a request was not fulfilled.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16, example = 413)]
    status: StatusCode,
    /// The status in words.
    title: &'static str,
    /// Stable, for programs.
    #[schema(example = "file_too_large")]
    code: &'static str,
    /// What happened and what to do.
    detail: String,
    /// The form field or parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

pub type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem {
            status,
            title: status.canonical_reason().unwrap_or("Error"),
            code,
            detail: detail.into(),
            field: None,
            retry_after: None,
        }
    }

    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// A form field or parameter with an invalid value. `takes`: which values are valid.
    pub fn field(name: &str, takes: &str) -> Problem {
        Problem::bad_request("invalid_field", format!("{name}: takes {takes}")).about(name)
    }

    /// Sets the form field or parameter that is wrong.
    pub fn about(mut self, field: &str) -> Problem {
        self.field = Some(field.to_owned());
        self
    }

    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, code, detail)
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, code, detail)
    }

    pub fn unavailable(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(Duration::from_secs(5))
    }

    pub fn too_large(limit: u64) -> Problem {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "file_too_large",
            format!("the file is larger than {limit} bytes, the most that is accepted here (setting MAX_UPLOAD_BYTES)"),
        )
    }

    /// Too little disk space is left. `what`: what is stored there.
    pub fn storage_full(what: &str) -> Problem {
        Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "storage_full",
            format!("too little disk space is left for {what}; what is here goes on later, and uploads are taken again once there is more"),
        )
        .retry_after(Duration::from_secs(60))
    }

    pub fn no_document(id: impl std::fmt::Display) -> Problem {
        Problem::not_found("document_not_found", format!("there is no document {id}"))
    }

    pub fn retry_after(mut self, wait: Duration) -> Problem {
        self.retry_after = Some(wait);
        self
    }

    /// The status in words.
    pub fn title(&self) -> &'static str {
        self.title
    }

    pub fn wait(&self) -> Option<Duration> {
        self.retry_after
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The sentence for a person.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.status, self.retry_after);
        let mut response = (status, Json(&self)).into_response();
        // A layer that renders pages can turn it into one.
        response.extensions_mut().insert(self);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(wait) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        response
    }
}

impl From<broker::Error> for Problem {
    fn from(error: broker::Error) -> Problem {
        store::Error::from(error).into()
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Problem {
        use store::Error;
        if error.is_full() {
            tracing::error!(%error, "a disk is full");
            return Problem::storage_full("the documents or the database");
        }
        match error {
            Error::NoDocument(id) => Problem::no_document(id),
            Error::NoTask(id) => Problem::not_found("task_not_found", format!("there is no task {id}")),
            Error::NoKey(_) => Problem::not_found("key_not_found", error.to_string()),
            Error::TooLarge { limit } => Problem::too_large(limit),
            Error::Upload(_) => Problem::bad_request("upload_broken", error.to_string()),
            Error::Refused(why) => Problem::conflict("refused", why),
            Error::Postgres(_) | Error::Broker(_) => {
                let error = broker::Error::from(error);
                if error.is_transient() {
                    tracing::error!(%error, "Postgres cannot be reached");
                    Problem::unavailable("database_unavailable", "the database cannot be reached; try again soon")
                } else {
                    internal(&error)
                }
            }
            Error::Bytes(_) | Error::Io(_) => {
                tracing::error!(%error, "the storage does not answer as it should");
                Problem::unavailable(
                    "storage_unavailable",
                    "the documents' storage does not answer; try again soon",
                )
            }
            Error::Setting { .. } | Error::Decode(_) => internal(&error),
        }
    }
}

/// Logs the error and answers without its details. The answer says where to find them.
pub fn internal(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "a request failed");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "something went wrong here; the server's log names it under this request's X-Request-Id",
    )
}
