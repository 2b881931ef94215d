//! Client for the part of the gateway's HTTP API that the command line uses.

use futures_util::StreamExt;
use queue_schema::document::{Category, DocumentError, DocumentStatus, Stage};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

const CONNECT: Duration = Duration::from_secs(5);
/// Longest time without data while an answer is read.
const SILENCE: Duration = Duration::from_secs(120);

/// The part of the gateway's document view that is used here.
#[derive(Debug, Clone, Deserialize)]
pub struct Document {
    pub id: Uuid,
    pub file_name: String,
    pub status: DocumentStatus,
    pub error: Option<DocumentError>,
    pub page_count: Option<u32>,
    #[serde(default)]
    pub pages_read: u32,
    pub category: Option<Category>,
    #[serde(default)]
    pub stages: Vec<StageOf>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct StageOf {
    pub stage: Stage,
    pub state: String,
    pub why: Option<String>,
    #[serde(default)]
    pub work_ms: u64,
}

/// The fields of a result. Its pages are ignored.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Fields {
    #[serde(default)]
    pub fields: Vec<FieldOf>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct FieldOf {
    pub label: String,
    pub value: String,
}

/// Parameters of an upload.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    pub language: Option<String>,
    pub category: Option<String>,
    pub project: Option<String>,
    pub urgent: bool,
    pub force_ocr: bool,
    /// Idempotency key: a second upload with the same key returns the same document.
    pub key: Option<String>,
}

/// RFC 9457, with the gateway's stable `code`.
#[derive(Debug, Clone, Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{message}")]
    Refused {
        status: StatusCode,
        code: String,
        message: String,
    },
    #[error("the gateway at {base} does not answer: {}", causes(.source))]
    Unreachable { base: String, source: reqwest::Error },
    #[error("setting API_KEY: it holds characters that no key has; copy it again, without line breaks")]
    Key,
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: std::io::Error },
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Stable error code for programs: the gateway's code if it gave one.
    pub fn code(&self) -> &str {
        match self {
            Error::Refused { code, .. } => code,
            Error::Unreachable { .. } => "gateway_unreachable",
            Error::Key => "wrong_key",
            Error::File { .. } => "file_error",
        }
    }

    /// Whether a retry may help: the gateway, or a server behind it, is restarting.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Unreachable { source, .. } => !source.is_builder(),
            Error::Refused { status, code, .. } => {
                let away = [
                    StatusCode::BAD_GATEWAY,
                    StatusCode::SERVICE_UNAVAILABLE,
                    StatusCode::GATEWAY_TIMEOUT,
                ];
                away.contains(status) && code != "maintenance"
            }
            Error::Key | Error::File { .. } => false,
        }
    }
}

/// The message with all sources, because reqwest keeps the actual cause there.
fn causes(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}

#[derive(Debug, Clone)]
pub struct Gateway {
    http: reqwest::Client,
    base: String,
    has_key: bool,
}

fn authorization(key: Option<&str>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    if let Some(key) = key {
        let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| Error::Key)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

impl Gateway {
    /// Uses the operator's API key, if there is one.
    pub fn new(base: &str, key: Option<&str>) -> Result<Gateway> {
        let base = base.trim_end_matches('/').to_owned();
        let http = reqwest::Client::builder()
            .default_headers(authorization(key)?)
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build()
            .map_err(|source| Error::Unreachable {
                base: base.clone(),
                source,
            })?;
        Ok(Gateway {
            http,
            base,
            has_key: key.is_some(),
        })
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn of(&self, document: Uuid, what: &str) -> String {
        self.url(&format!("/api/v1/documents/{document}{what}"))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let response = request.send().await.map_err(|source| self.unreachable(source))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.bytes().await.unwrap_or_default();
        let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
        let said = [problem.detail, problem.title]
            .into_iter()
            .find(|text| !text.is_empty());
        Err(Error::Refused {
            status,
            code: Some(problem.code)
                .filter(|code| !code.is_empty())
                .unwrap_or_else(|| format!("http_{}", status.as_u16())),
            message: match status {
                StatusCode::UNAUTHORIZED => self.no_entry(),
                _ => said.unwrap_or_else(|| format!("the gateway answered {status}")),
            },
        })
    }

    fn no_entry(&self) -> String {
        let trouble = if self.has_key {
            "does not take the key in API_KEY"
        } else {
            "wants a key"
        };
        format!(
            "the gateway at {} {trouble}: set API_KEY to a key made with `docfleet keys add`",
            self.base
        )
    }

    fn unreachable(&self, source: reqwest::Error) -> Error {
        Error::Unreachable {
            base: self.base.clone(),
            source,
        }
    }

    async fn json<T: serde::de::DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        let response = self.send(request).await?;
        response.json().await.map_err(|source| self.unreachable(source))
    }

    /// Whether the gateway accepts requests. A full disk counts as ready, because the answer to an upload then explains it.
    pub async fn is_ready(&self) -> bool {
        match self.send(self.http.get(self.url("/readyz"))).await {
            Ok(_) => true,
            Err(error) => error.code() == "storage_full",
        }
    }

    /// Uploads a file, streaming it.
    pub async fn upload(&self, file: &Path, upload: &Upload) -> Result<Document> {
        let part = Part::file(file).await.map_err(|source| Error::File {
            path: file.to_owned(),
            source,
        })?;
        // The fields come first, so that the gateway can check them before it receives the file.
        let texts = [
            ("project", &upload.project),
            ("category", &upload.category),
            ("language", &upload.language),
        ];
        let mut form = Form::new();
        for (name, value) in texts {
            if let Some(value) = value {
                form = form.text(name, value.clone());
            }
        }
        if upload.urgent {
            form = form.text("priority", "high");
        }
        if upload.force_ocr {
            form = form.text("force_ocr", "true");
        }
        let mut request = self.http.post(self.url("/api/v1/documents"));
        if let Some(key) = &upload.key {
            request = request.header("Idempotency-Key", key);
        }
        self.json(request.multipart(form.part("file", part))).await
    }

    pub async fn document(&self, id: Uuid) -> Result<Document> {
        self.json(self.http.get(self.of(id, ""))).await
    }

    /// The document as JSON, exactly as the gateway sent it.
    pub async fn document_json(&self, id: Uuid) -> Result<Value> {
        self.json(self.http.get(self.of(id, ""))).await
    }

    /// The newest documents as JSON, exactly as the gateway sent them.
    pub async fn documents_json(&self, limit: u32) -> Result<Value> {
        self.json(self.http.get(self.url(&format!("/api/v1/documents?limit={limit}"))))
            .await
    }

    pub async fn retry(&self, id: Uuid, from: Option<Stage>) -> Result<Value> {
        let body = match from {
            Some(stage) => json!({ "from_stage": stage }),
            None => json!({}),
        };
        self.json(self.http.post(self.of(id, "/retry")).json(&body)).await
    }

    pub async fn cancel(&self, id: Uuid) -> Result<Value> {
        self.json(self.http.post(self.of(id, "/cancel"))).await
    }

    /// Downloads `result`, `text`, `searchable.pdf`… of a document to a file. The file appears complete or not at all.
    pub async fn download(&self, id: Uuid, what: &str, to: &Path) -> Result<()> {
        let response = self.send(self.http.get(self.of(id, &format!("/{what}")))).await?;
        let mut part = to.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let failed = |source| Error::File {
            path: to.to_owned(),
            source,
        };
        let mut file = tokio::fs::File::create(&part).await.map_err(failed)?;
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|source| self.unreachable(source))?;
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        tokio::fs::rename(&part, to).await.map_err(failed)
    }
}
