//! Many documents in one ZIP, with the same layout as the output of `docfleet process`: `STEM.pdf`, `STEM.txt` and `STEM.json`
//! of each, and `summary.csv` of all.

use super::archive::{Archive, Gone};
use super::on_demand::{Wanted, make};
use super::params::Selection;
use super::result;
use crate::state::Gateway;
use crate::wire::Binary;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, TryStreamExt, stream};
use queue_schema::document::DocumentStatus;
use queue_schema::payload::MakeSearchablePdf;
use queue_schema::stems;
use queue_schema::summary::{self, FieldValue, Row};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use store::Document;
use utoipa::IntoParams;
use uuid::Uuid;
use web::problem::{Problem, Result};
use web::{Params, Who, parts};

/// Most documents in one archive.
const MOST: usize = 10_000;
/// Most ids in an address, so that proxies accept its length.
pub const MOST_IDS: usize = 200;
/// Archives written at once. Each has its own thread.
pub const AT_ONCE: usize = 8;

const PATH: &str = "/api/v1/documents/download";

/// Which documents, where not by filters, and what of them.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Download {
    #[serde(flatten)]
    #[param(ignore)]
    selection: Selection,
    /// The documents' ids with commas between, at most 200.
    ids: Option<String>,
    /// Which files of each document, with commas between: `pdf` (searchable), `txt`, `json` (the result), `hocr`, `original`.
    /// Default: `pdf,txt,json`.
    #[param(example = "pdf,json")]
    files: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum File {
    Pdf,
    Txt,
    Json,
    Hocr,
    Original,
}

const FILES: [(&str, File); 5] = [
    ("pdf", File::Pdf),
    ("txt", File::Txt),
    ("json", File::Json),
    ("hocr", File::Hocr),
    ("original", File::Original),
];
const USUAL: &str = "pdf,txt,json";

/// The address from which [`download`] serves these documents.
pub fn address(selection: &Selection, ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let ids = ids.join(",");
    let mut parameters = selection.parameters();
    parameters.push(("ids", Some(&ids)));
    parts::address(PATH, &parameters)
}

/// Downloads the results of many documents as one ZIP, with a table of them all: `summary.csv`. Documents that are not done
/// are in the table alone, with the reason.
#[utoipa::path(
    get,
    path = "/api/v1/documents/download",
    operation_id = "download_documents",
    tag = "results",
    params(Selection, Download),
    responses(
        (status = 200, body = Binary, description = "The archive, sent while it is made", content_type = "application/zip"),
        (status = 400, body = Problem, description = "A wrong parameter, too many documents, or none are named"),
        (status = 404, body = Problem, description = "No such document, or none matches")
    )
)]
pub async fn download(
    State(gateway): State<Arc<Gateway>>,
    who: Who,
    Params(download): Params<Download>,
) -> Result<Response> {
    let files = files(download.files.as_deref())?;
    let documents = selected(&gateway, &who, &download).await?;
    let Ok(permit) = gateway.downloads.clone().try_acquire_owned() else {
        return Err(Problem::unavailable(
            "too_many_downloads",
            format!("{AT_ONCE} archives are being downloaded already; ask again"),
        ));
    };
    let (archive, body) = Archive::new(permit);
    let writer = Writer {
        gateway,
        who,
        files,
        archive,
    };
    tokio::spawn(async move {
        if let Err(Broken::Trouble(problem)) = writer.all(documents).await {
            tracing::warn!(problem = problem.detail(), "an archive broke off");
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"documents.zip\""),
    ];
    Ok((headers, body).into_response())
}

fn files(asked: Option<&str>) -> Result<Vec<File>> {
    let asked = asked.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(USUAL);
    let file = |name: &str| {
        FILES
            .iter()
            .find(|(known, _)| *known == name.trim())
            .map(|(_, file)| *file)
    };
    let files: Option<Vec<File>> = asked.split(',').map(file).collect();
    files.ok_or_else(|| {
        let known: Vec<_> = FILES.iter().map(|(name, _)| *name).collect();
        Problem::field("files", &format!("some of {}, with commas between", known.join(", ")))
    })
}

/// The ids of the documents, and the names of their files.
async fn selected(gateway: &Gateway, who: &Who, download: &Download) -> Result<Vec<(Uuid, String)>> {
    let Some(ids) = download.ids.as_deref().filter(|ids| !ids.is_empty()) else {
        return matching(gateway, who, &download.selection).await;
    };
    let takes = || {
        Problem::field(
            "ids",
            &format!("at most {MOST_IDS} ids of documents with commas between, and no filters beside them"),
        )
    };
    let ids: Result<Vec<Uuid>> = ids
        .split(',')
        .map(|id| id.trim().parse().map_err(|_| takes()))
        .collect();
    let ids = ids?;
    if ids.len() > MOST_IDS || !download.selection.is_empty() {
        return Err(takes());
    }
    let (mut documents, mut seen) = (Vec::new(), HashSet::new());
    for id in ids.into_iter().filter(|id| seen.insert(*id)) {
        documents.push((id, gateway.document(who, id).await?.file_name));
    }
    Ok(documents)
}

async fn matching(gateway: &Gateway, who: &Who, selection: &Selection) -> Result<Vec<(Uuid, String)>> {
    let mut filter = selection.narrow_filter(who.sees())?;
    let mut documents = Vec::new();
    loop {
        let some = gateway.store.documents(&filter).await?;
        let Some(last) = some.last() else { break };
        filter.after = Some((last.created_at, last.id));
        documents.extend(some.into_iter().map(|document| (document.id, document.file_name)));
        if documents.len() > MOST {
            return Err(Problem::bad_request(
                "too_many_documents",
                format!("more than {MOST} documents match, the most that one archive holds; narrow the filters"),
            ));
        }
    }
    if documents.is_empty() {
        Err(Problem::not_found("no_documents", "no document matches"))
    } else {
        Ok(documents)
    }
}

/// Writes the files of the documents into an archive.
struct Writer {
    gateway: Arc<Gateway>,
    who: Who,
    files: Vec<File>,
    archive: Archive,
}

/// Why an archive was aborted.
enum Broken {
    Gone,
    Trouble(Problem),
}

impl From<Gone> for Broken {
    fn from(Gone: Gone) -> Broken {
        Broken::Gone
    }
}

impl From<Problem> for Broken {
    fn from(problem: Problem) -> Broken {
        Broken::Trouble(problem)
    }
}

impl Writer {
    async fn all(self, documents: Vec<(Uuid, String)>) -> Result<(), Broken> {
        let names: Vec<String> = documents.iter().map(|(_, name)| portable(name)).collect();
        let mut rows = Vec::new();
        for ((id, name), stem) in documents.iter().zip(stems::of(&names)) {
            let document = match self.gateway.document(&self.who, *id).await {
                Ok(document) => document,
                // Deleted since the list was made.
                Err(problem) if problem.status() == StatusCode::NOT_FOUND => continue,
                Err(problem) => return Err(problem.into()),
            };
            rows.push(self.one(document, name, &stem).await?);
        }
        let summary = stream::iter([Ok::<_, Broken>(Bytes::from(summary::csv(&rows)))]);
        self.archive
            .file("summary.csv".into(), chrono::Utc::now(), None, summary)
            .await?;
        Ok(self.archive.finish().await?)
    }

    async fn one(&self, document: Document, name: &str, stem: &str) -> Result<Row, Broken> {
        let mut row = row(&document);
        if self.files.contains(&File::Original) {
            let ending = Path::new(name)
                .extension()
                .map(|ending| format!(".{}", ending.to_string_lossy()));
            let name = format!("originals/{stem}{}", portable(&ending.unwrap_or_default()));
            self.object(&document, name, &document.original, document.size_bytes)
                .await?;
        }
        if document.status != DocumentStatus::Done {
            row.message.get_or_insert_with(|| "still being processed".into());
            return Ok(row);
        }
        let fields = self.gateway.store.fields(document.id).await.map_err(Problem::from)?;
        row.fields = fields
            .into_iter()
            .map(|field| FieldValue {
                label: field.label,
                value: field.value,
            })
            .collect();
        for file in &self.files {
            let name = |ending: &str| format!("{stem}.{ending}");
            match file {
                File::Original => {}
                File::Pdf => match self.pdf(&document).await {
                    Ok(pdf) => self.object(&document, name("pdf"), &pdf.object, pdf.size_bytes).await?,
                    Err(problem) if !problem.status().is_server_error() => {
                        row.message = Some(problem.detail().to_owned());
                    }
                    Err(problem) => return Err(problem.into()),
                },
                File::Hocr => {
                    let hocr = self.gateway.store.artefact(document.id, "document.hocr").await;
                    if let Some(hocr) = hocr.map_err(Problem::from)? {
                        self.object(&document, name("hocr"), &hocr.object, hocr.size_bytes)
                            .await?;
                    }
                }
                File::Txt => {
                    let text = result::plain_text(self.gateway.clone(), &document);
                    self.stream(&document, name("txt"), text).await?;
                }
                File::Json => {
                    let json = result::json(self.gateway.clone(), &self.who, document.clone()).await?;
                    self.stream(&document, name("json"), json).await?;
                }
            }
        }
        Ok(row)
    }

    async fn pdf(&self, document: &Document) -> Result<store::Artefact> {
        let wanted = Wanted {
            name: "searchable.pdf",
            what: "whole",
        };
        make(
            &self.gateway,
            document,
            &MakeSearchablePdf { document: document.id },
            &wanted,
        )
        .await
    }

    async fn object(&self, document: &Document, name: String, object: &str, size: i64) -> Result<(), Broken> {
        let bytes = self.gateway.store.bytes().stream(object).await.map_err(Problem::from)?;
        let bytes = bytes.map_err(|error| Broken::Trouble(error.into()));
        let size = u64::try_from(size).ok();
        self.archive.file(name, document.created_at, size, bytes).await
    }

    async fn stream(
        &self,
        document: &Document,
        name: String,
        pieces: impl Stream<Item = result::Piece>,
    ) -> Result<(), Broken> {
        let pieces = pieces.map_err(|error| Broken::Trouble(web::problem::internal(&error)));
        self.archive.file(name, document.created_at, None, pieces).await
    }
}

fn row(document: &Document) -> Row {
    let seconds = document
        .finished_at
        .map(|end| (end - document.created_at).as_seconds_f64());
    Row {
        file: document.file_name.clone(),
        status: document.status.to_string(),
        category: document.category.as_ref().map(|category| category.name.clone()),
        pages: document.page_count.and_then(|pages| pages.try_into().ok()),
        error_code: document.error.as_ref().map(|error| error.code.to_string()),
        message: document.error.as_ref().map(|error| error.message.clone()),
        seconds: seconds.unwrap_or_default(),
        fields: Vec::new(),
    }
}

/// Replaces everything that some file system rejects or that could lead out of the folder.
fn portable(name: &str) -> String {
    let is_bad = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    let name: String = name.chars().map(|c| if is_bad(c) { '_' } else { c }).collect();
    match name.trim_matches(['.', ' ']) {
        "" => "document".into(),
        _ => name.trim_end_matches(['.', ' ']).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_out_of_no_folder() {
        for (name, shown) in [
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("C:\\x.pdf", "C__x.pdf"),
            ("..", "document"),
            ("a\nb.pdf. ", "a_b.pdf"),
            ("März.pdf", "März.pdf"),
        ] {
            assert_eq!(portable(name), shown);
        }
    }

    #[test]
    fn unknown_files_are_refused_by_name() {
        assert_eq!(files(Some("json, original")).unwrap(), [File::Json, File::Original]);
        assert_eq!(files(None).unwrap(), [File::Pdf, File::Txt, File::Json]);
        assert!(
            files(Some("pdf,csv"))
                .unwrap_err()
                .detail()
                .starts_with("files: takes some of pdf,")
        );
    }
}
