//! `POST /api/v1/documents`: streams the bytes to the storage, commits the row, and only then acknowledges the upload.

mod accept;
mod admission;
mod fields;
mod guarded;
mod intake;

pub use admission::Admission;
pub use fields::{has_nul, unstorable};

use crate::state::Gateway;
use crate::wire::Document;
use accept::{accept, new_document};
use admission::Admitted;
use axum::Json;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes as Chunk;
use fields::{Fields, Spec};
use futures_util::{StreamExt, TryStreamExt, stream};
use guarded::StoredUpload;
use intake::{FORM_BYTES, Intake, Stop};
use queue_schema::TraceId;
use queue_schema::content_type::{ContentType, HEAD_BYTES, detect};
use std::sync::Arc;
use store::{Bytes, Created};
use tracing::Instrument;
use utoipa::ToSchema;
use uuid::Uuid;
use web::problem::{Problem, Result};
use web::{Who, observe};

/// The form of an upload, its fields in any order. What is not given is left out.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form; it is read field by field")]
pub struct UploadForm {
    /// PDF, PNG, JPEG, WebP or TIFF, told by content.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Default: `default`.
    #[schema(nullable = false)]
    project: Option<String>,
    /// A category that the uploader is sure of; it is not guessed then.
    #[schema(nullable = false)]
    category: Option<String>,
    /// `normal` (default) or `high`.
    #[schema(nullable = false)]
    priority: Option<String>,
    /// Tesseract's names joined by `+`. Default: the setting OCR_LANGUAGES.
    #[schema(example = "eng+deu", nullable = false)]
    language: Option<String>,
    /// A JSON object, kept with the document.
    #[schema(nullable = false)]
    metadata: Option<String>,
    /// Recognise pages even where the file has text.
    #[schema(nullable = false)]
    force_ocr: Option<bool>,
}

/// A stored file with its name and type.
struct File {
    name: String,
    content_type: ContentType,
    upload: StoredUpload,
}

/// Uploads a document.
///
/// The same upload with the same `Idempotency-Key` again answers with the same document, and the header
/// `Idempotency-Replayed: true`; the same bytes again make a new document that names the older one in `duplicate_of`.
#[utoipa::path(
    post,
    path = "/api/v1/documents",
    operation_id = "upload_document",
    tag = "documents",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters, unique among the uploads with the same API key"),
        ("traceparent" = Option<String>, Header, description = "W3C Trace Context: the fleet logs under its trace id, which the answer's `trace_id` repeats")
    ),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "Stored and queued", body = Document),
        (status = 400, description = "No file, an empty file, or a wrong field", body = Problem),
        (status = 408, description = "Nothing more of the upload came", body = Problem),
        (status = 409, description = "The document of this Idempotency-Key has been deleted", body = Problem),
        (status = 413, description = "Too large", body = Problem),
        (status = 415, description = "A type that is not read here", body = Problem),
        (status = 422, description = "The Idempotency-Key was used for another upload", body = Problem),
        (status = 503, description = "Maintenance, too many uploads at once, or the database or storage is away", body = Problem),
        (status = 507, description = "Too little disk space is left", body = Problem)
    )
)]
pub async fn create(State(gateway): State<Arc<Gateway>>, who: Who, request: Request) -> Result<Response> {
    let headers = request.headers().clone();
    let (key, admitted) = match check(&gateway, &headers).await {
        Ok(let_in) => let_in,
        Err(problem) => {
            web::linger::linger(&headers, request.into_body());
            return Err(problem);
        }
    };
    let (id, trace) = (Uuid::now_v7(), trace_of(&headers));
    observe::about(id, Some(trace));
    let (form, intake) = intake::open(request, admitted).await.map_err(|why| {
        Problem::bad_request(
            "not_a_form",
            format!("send the document as multipart/form-data, in the field file: {why}"),
        )
    })?;
    let (fields, file) = receive(&gateway, fields_of(&who), id, form, &intake).await?;
    check_project(&who, &fields.project)?;
    // In a task of its own: a client that disconnects now must not cancel the work after the commit.
    let uploaded_by = who.key().map(|key| key.id);
    let new = new_document(id, trace, uploaded_by, key, fields, &file)?;
    let created = tokio::spawn(accept(gateway.clone(), new, file.upload).in_current_span()).await;
    let (id, is_replay) = match created.map_err(|error| web::problem::internal(&error))?? {
        Created::New(id) => (id, false),
        Created::Known(id) => (id, true),
        Created::Other(_) => return Err(key_reused()),
    };
    let view = match gateway.store.view(id, &who.acts_on()).await {
        Err(store::Error::NoDocument(_)) if is_replay => return Err(key_of_deleted(id)),
        view => view?,
    };
    let mut answer = (StatusCode::ACCEPTED, Json(Document::from(view))).into_response();
    if is_replay {
        answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(answer)
}

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

fn key_reused() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency_key_reused",
        "this Idempotency-Key was used for an upload of another file or with other fields; use a new key for each upload",
    )
}

fn key_of_deleted(id: Uuid) -> Problem {
    Problem::conflict(
        "idempotency_key_used",
        format!("document {id} was made with this Idempotency-Key and has been deleted; use another key"),
    )
}

/// Default fields. A key that is bound to a single project sets the project.
fn fields_of(who: &Who) -> Fields {
    let bound = who
        .sees()
        .projects
        .and_then(|mut projects| (projects.len() == 1).then(|| projects.remove(0)));
    let mut fields = Fields::default();
    fields.project = bound.unwrap_or(fields.project);
    fields
}

fn check_project(who: &Who, project: &str) -> Result<()> {
    match who.sees().projects {
        Some(bound) if !bound.iter().any(|known| known == project) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "other_project",
            format!(
                "the key is bound to other projects than {project:?}; give one of {}",
                bound.join(", ")
            ),
        )
        .about("project")),
        _ => Ok(()),
    }
}

/// Checks that need no body. Returns the idempotency key and the upload's slot.
async fn check(gateway: &Gateway, headers: &HeaderMap) -> Result<(Option<String>, Admitted)> {
    if gateway.config.maintenance {
        return Err(Problem::unavailable(
            "maintenance",
            "uploads are refused during maintenance (setting MAINTENANCE_MODE); what is here already goes on",
        ));
    }
    gateway.has_room()?;
    let limit = gateway.config.max_upload_bytes;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit.saturating_add(FORM_BYTES)) {
        return Err(Problem::too_large(limit));
    }
    let key = idempotency_key(headers)?;
    gateway.readiness.check(&gateway.store).await?;
    Ok((key, gateway.admission.admit()?))
}

/// The trace id of the client's header `traceparent`, or a new one.
fn trace_of(headers: &HeaderMap) -> TraceId {
    let given = headers.get("traceparent").and_then(|header| header.to_str().ok());
    given.and_then(TraceId::of_traceparent).unwrap_or_else(TraceId::random)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    const NAME: &str = "Idempotency-Key";
    let Some(value) = headers.get(NAME) else {
        return Ok(None);
    };
    let is_key = |key: &&str| (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    match value.to_str().ok().filter(is_key) {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::field(NAME, "1 to 255 visible ASCII characters")),
    }
}

async fn receive(
    gateway: &Gateway,
    mut fields: Fields,
    id: Uuid,
    mut form: Multipart,
    intake: &Intake,
) -> Result<(Fields, File)> {
    let mut file = None;
    let broken = |error: MultipartError| broken(intake, &error.body_text());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") if file.is_some() => {
                return Err(Problem::field("file", "one file; upload several documents one by one"));
            }
            Some("file") => {
                intake.allow(gateway.config.max_upload_bytes.saturating_add(FORM_BYTES));
                file = Some(receive_file(gateway, id, field, intake).await?);
                intake.allow(FORM_BYTES);
            }
            name => {
                let spec = Spec::named(name.unwrap_or_default())?;
                let value = small(field, spec, intake).await?;
                spec.read(&mut fields, &value)?;
            }
        }
    }
    match file {
        Some(file) => Ok((fields, file)),
        None => Err(Problem::bad_request("no_file", "the form has no field named file")),
    }
}

/// The value of a text field.
async fn small(mut field: Field<'_>, spec: &Spec, intake: &Intake) -> Result<Vec<u8>> {
    let mut value = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|e| broken(intake, &e.body_text()))? {
        if value.len() + chunk.len() > spec.longest {
            return Err(spec.refusal());
        }
        value.extend_from_slice(&chunk);
    }
    Ok(value)
}

/// Stores the file, once its first bytes show that its type is supported.
async fn receive_file(gateway: &Gateway, id: Uuid, mut field: Field<'_>, intake: &Intake) -> Result<File> {
    let name = fields::file_name(field.file_name());
    let mut begun: Vec<Chunk> = Vec::new();
    let mut head = Vec::with_capacity(HEAD_BYTES);
    while head.len() < HEAD_BYTES {
        let Some(chunk) = field.chunk().await.map_err(|e| broken(intake, &e.body_text()))? else {
            break;
        };
        head.extend_from_slice(&chunk[..chunk.len().min(HEAD_BYTES - head.len())]);
        begun.push(chunk);
    }
    if head.is_empty() {
        return Err(Problem::bad_request(
            "empty_file",
            format!("the file {name:?} is empty"),
        ));
    }
    let content_type = detect(&head).ok_or_else(|| unsupported(&name))?;
    let rest = field.map_err(|e| e.body_text());
    let bytes = stream::iter(begun.into_iter().map(Ok)).chain(rest);
    let limit = gateway.config.max_upload_bytes;
    let stored = gateway.store.bytes().put(&Bytes::original_key(id), bytes, limit).await;
    let stored = stored.map_err(|error| match error {
        store::Error::Upload(why) => broken(intake, &why),
        other => other.into(),
    })?;
    Ok(File {
        name,
        content_type,
        upload: StoredUpload::new(gateway.store.clone(), stored),
    })
}

fn unsupported(name: &str) -> Problem {
    let known: Vec<_> = ContentType::ALL.iter().map(|known| known.as_str()).collect();
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_type",
        format!(
            "{name:?} is, by its content, none of the types that are read here: {}",
            known.join(", ")
        ),
    )
}

fn broken(intake: &Intake, why: &str) -> Problem {
    let stalled = |what: &str| Problem::new(StatusCode::REQUEST_TIMEOUT, "upload_stalled", what);
    match intake.stop() {
        Some(Stop::Exceeded) => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "form_too_large",
            format!("the form holds more than {FORM_BYTES} bytes beside its file"),
        ),
        Some(Stop::Stalled) => stalled("the upload came to a halt; send the file again"),
        Some(Stop::MadeRoom) => stalled("the upload came to a halt, and others were waiting; send the file again"),
        None => Problem::bad_request(
            "upload_broken",
            format!("the upload broke off or is no valid form: {why}"),
        ),
    }
}
