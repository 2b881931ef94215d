//! The API's JSON: types that clients rely on, separate from the internal structs.

use chrono::{DateTime, Utc};
use queue_schema::TraceId;
use queue_schema::document as schema;
use queue_schema::document::{DocumentStatus, ErrorCode, Source, Stage};
use serde::Serialize;
use serde_json::Value;
use store::{DocumentView, FieldView, StageState, StageView};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};
use uuid::Uuid;

/// The bytes of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code, reason = "describes answers, which are sent as they are read")]
pub struct Binary(Vec<u8>);

/// A document and where it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Document {
    pub id: Uuid,
    pub file_name: String,
    /// Told by content, not by name.
    pub content_type: String,
    pub size_bytes: i64,
    /// Hexadecimal.
    pub sha256: String,
    pub project: String,
    #[schema(schema_with = status_schema)]
    pub status: DocumentStatus,
    /// Why it failed or was cancelled.
    pub error: Option<DocumentError>,
    /// Known once the file has been opened.
    pub page_count: Option<i32>,
    pub pages_read: i64,
    /// As given at upload, or the setting OCR_LANGUAGES.
    #[schema(example = "eng+deu")]
    pub language: String,
    #[schema(schema_with = priority_schema)]
    pub priority: &'static str,
    pub created_at: DateTime<Utc>,
    /// When anything of this last changed.
    pub updated_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// An older document of the project with the same bytes.
    pub duplicate_of: Option<Uuid>,
    /// The document that it was taken from.
    pub parent: Option<Uuid>,
    /// The documents that were taken from it.
    pub children: Vec<Uuid>,
    /// What it went on in spite of, such as pages that could not be read; the first twenty.
    pub warnings: Vec<Warning>,
    pub category: Option<Category>,
    /// As given at upload and changed since.
    #[schema(value_type = Object)]
    pub metadata: Value,
    /// In order: ocr, categorize, extract, finalize.
    pub stages: Vec<StageOfDocument>,
    /// What the fleet's logs call this upload: 32 hexadecimal digits, those of the upload's `traceparent` header where it had
    /// one. Null on documents from before there were traces.
    #[schema(value_type = Option<String>, example = "4bf92f3577b34da6a3ce929d0e0e4736")]
    pub trace_id: Option<TraceId>,
    pub links: Links,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DocumentError {
    #[schema(schema_with = error_code_schema)]
    pub code: ErrorCode,
    /// What happened and what to do.
    pub message: String,
    #[schema(schema_with = optional_stage_schema)]
    pub stage: Option<Stage>,
    pub page: Option<u32>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Warning {
    #[schema(schema_with = error_code_schema)]
    pub code: ErrorCode,
    pub message: String,
    pub page: Option<u32>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Category {
    pub name: String,
    /// 0 to 1.
    pub confidence: f32,
    #[schema(schema_with = source_schema)]
    pub source: Source,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Stage)]
pub struct StageOfDocument {
    #[schema(schema_with = stage_schema)]
    pub stage: Stage,
    #[schema(schema_with = stage_state_schema)]
    pub state: StageState,
    pub tasks: TaskCounts,
    /// Why it waits or failed: one sentence.
    pub why: Option<String>,
    /// Milliseconds of work, waiting not counted.
    pub work_ms: i64,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskCounts {
    pub total: i64,
    pub done: i64,
    pub failed: i64,
}

/// Where to go on, as paths of this gateway.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Links {
    #[serde(rename = "self")]
    pub this: String,
    pub result: String,
    pub text: String,
    pub original: String,
    pub searchable_pdf: String,
    pub hocr: String,
    pub events: String,
    /// A small image of the first page.
    pub thumbnail: String,
    /// A page with its words, its number in place of `{page}`.
    pub page: String,
    /// A page's image, its number in place of `{page}`.
    pub page_image: String,
}

impl Links {
    fn of(document: Uuid) -> Links {
        let this = format!("/api/v1/documents/{document}");
        let below = |name: &str| format!("{this}/{name}");
        Links {
            result: below("result"),
            text: below("text"),
            original: below("original"),
            searchable_pdf: below("searchable.pdf"),
            hocr: below("hocr"),
            events: below("events"),
            thumbnail: below("pages/1/thumbnail"),
            page: below("pages/{page}"),
            page_image: below("pages/{page}/image"),
            this,
        }
    }
}

/// Documents, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentList {
    pub documents: Vec<Document>,
    /// Give it as `cursor` for what comes after; null at the end.
    pub next_cursor: Option<String>,
    /// How many match in all, where `total` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<i64>,
}

/// A document with all that was read of it.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes the answer, which is sent piece by piece")]
pub struct DocumentResult {
    #[serde(flatten)]
    pub document: Document,
    pub pages: Vec<Page>,
    pub fields: Vec<Field>,
}

/// A page as displayed. Coordinates: origin at its top left, unit 1/72 inch, y grows downwards.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page {
    /// From 1.
    pub page: u32,
    pub width: f32,
    pub height: f32,
    /// Clockwise degrees by which the reader turned the page to make its text upright; boxes are of the page as displayed.
    pub rotation: u16,
    #[schema(schema_with = page_source_schema)]
    pub source: schema::PageSource,
    /// Mean confidence of the words, 0 to 1.
    pub confidence: f32,
    pub words: Vec<Word>,
    /// Why the page could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<DocumentError>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Word {
    pub text: String,
    /// `[x0, y0, x1, y1]`
    #[serde(rename = "box")]
    #[schema(value_type = [f32; 4])]
    pub rect: schema::Rect,
    /// 0 to 1; 1 in a text layer.
    pub confidence: f32,
    /// Index of the word's line on the page, from 0.
    pub line: u32,
}

/// A value of a document, found or given by a person. A label may repeat; what was not found is absent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Field {
    #[schema(example = "total")]
    pub label: String,
    /// Dates ISO 8601, amounts decimal strings with a point, currencies ISO 4217.
    #[schema(example = "104.90")]
    pub value: String,
    /// As it stands on the page.
    #[schema(example = "104,90 €")]
    pub raw: String,
    /// Null where a person gave the value.
    pub page: Option<u32>,
    /// `[x0, y0, x1, y1]`; null where a person gave the value.
    #[serde(rename = "box")]
    #[schema(value_type = Option<[f32; 4]>)]
    pub rect: Option<schema::Rect>,
    /// 0 to 1.
    pub confidence: f32,
    #[schema(schema_with = source_schema)]
    pub source: Source,
}

impl From<DocumentView> for Document {
    fn from(view: DocumentView) -> Document {
        Document {
            id: view.id,
            file_name: view.file_name,
            content_type: view.content_type,
            size_bytes: view.size_bytes,
            sha256: view.sha256,
            project: view.project,
            status: view.status,
            error: view.error.map(DocumentError::from),
            page_count: view.page_count,
            pages_read: view.pages_read,
            language: view.languages,
            priority: if view.urgent { "high" } else { "normal" },
            created_at: view.created_at,
            updated_at: view.updated_at,
            finished_at: view.finished_at,
            duplicate_of: view.duplicate_of,
            parent: view.parent,
            children: view.children,
            warnings: view.warnings.into_iter().map(Warning::from).collect(),
            category: view.category.map(Category::from),
            metadata: view.metadata,
            stages: view.stages.into_iter().map(StageOfDocument::from).collect(),
            trace_id: view.trace,
            links: Links::of(view.id),
        }
    }
}

impl From<store::Warning> for Warning {
    fn from(warning: store::Warning) -> Warning {
        Warning {
            code: warning.code,
            message: warning.message,
            page: warning.page,
        }
    }
}

impl From<schema::DocumentError> for DocumentError {
    fn from(error: schema::DocumentError) -> DocumentError {
        DocumentError {
            code: error.code,
            message: error.message,
            stage: error.stage,
            page: error.page,
        }
    }
}

impl From<schema::Category> for Category {
    fn from(category: schema::Category) -> Category {
        Category {
            name: category.name,
            confidence: category.confidence,
            source: category.source,
        }
    }
}

impl From<StageView> for StageOfDocument {
    fn from(stage: StageView) -> StageOfDocument {
        StageOfDocument {
            stage: stage.stage,
            state: stage.state,
            tasks: TaskCounts {
                total: stage.tasks.total,
                done: stage.tasks.done,
                failed: stage.tasks.failed,
            },
            why: stage.why,
            work_ms: stage.work_ms,
            started_at: stage.started_at,
            finished_at: stage.finished_at,
        }
    }
}

impl From<schema::Page> for Page {
    fn from(page: schema::Page) -> Page {
        let word = |word: schema::Word| Word {
            text: word.text,
            rect: word.rect,
            confidence: word.confidence,
            line: word.line,
        };
        Page {
            page: page.page,
            width: page.width,
            height: page.height,
            rotation: page.rotation,
            source: page.source,
            confidence: page.confidence,
            words: page.words.into_iter().map(word).collect(),
            error: page.error.map(DocumentError::from),
        }
    }
}

impl From<FieldView> for Field {
    fn from(field: FieldView) -> Field {
        Field {
            label: field.label,
            value: field.value,
            raw: field.raw,
            page: field.place.map(|(page, _)| page),
            rect: field.place.map(|(_, rect)| rect),
            confidence: field.confidence,
            source: field.source,
        }
    }
}

pub fn one_of(names: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names))
        .build()
}

pub fn status_schema() -> Object {
    one_of(DocumentStatus::ALL.iter().map(|s| s.as_str()))
}

pub fn stage_schema() -> Object {
    one_of(Stage::ALL.iter().map(|s| s.as_str()))
}

pub fn optional_stage_schema() -> Object {
    let names = Stage::ALL.iter().map(|s| Value::from(s.as_str()));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some(names.chain([Value::Null])))
        .build()
}

fn priority_schema() -> Object {
    one_of(["normal", "high"])
}

fn error_code_schema() -> Object {
    one_of(ErrorCode::ALL.iter().map(|c| c.as_str()))
}

fn stage_state_schema() -> Object {
    one_of(["waiting", "running", "done", "failed", "skipped"])
}

fn source_schema() -> Object {
    one_of(["model", "rule", "upload", "user"])
}

fn page_source_schema() -> Object {
    one_of(["text_layer", "ocr", "unreadable"])
}
