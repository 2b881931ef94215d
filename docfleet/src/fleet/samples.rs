//! Sample documents: uploaded once, at the first start, so that the pages have something to show.

use crate::client::{Document, Gateway, Upload};
use crate::data_dir::DataDir;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Marker file, written once all samples are accepted.
const MARK: &str = "samples.uploaded";
/// File extensions of documents. Other files in the folder are ignored.
const ENDINGS: &[&str] = &["pdf", "png", "jpg", "jpeg", "tif", "tiff", "webp"];
const BEAT: Duration = Duration::from_millis(500);

/// Uploads the folder's documents if this fleet has never done so, and logs the outcome of each.
pub async fn process_once(gateway: Gateway, data: DataDir, folder: PathBuf) {
    if data.join(MARK).exists() {
        return;
    }
    if let Err(error) = process(&gateway, &data, &folder).await {
        tracing::warn!("samples: {error:#}; they are tried again at the next start");
    }
}

async fn process(gateway: &Gateway, data: &DataDir, folder: &Path) -> Result<()> {
    let files = documents_in(folder)?;
    tracing::info!("samples: uploading {} documents of {}", files.len(), folder.display());
    let started = Instant::now();
    let mut waiting = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let upload = Upload {
            // An idempotency key, so that a start after an interruption does not upload a sample twice.
            key: Some(format!("docfleet-sample-{name}")),
            ..Upload::default()
        };
        waiting.push(gateway.upload(file, &upload).await?.id);
    }
    fs::write(data.join(MARK), "").context("cannot remember that the samples are uploaded")?;
    while !waiting.is_empty() {
        let mut unfinished = Vec::new();
        for id in waiting {
            match gateway.document(id).await {
                Ok(document) if document.status.is_terminal() => tell(&document),
                // The gateway may be restarting.
                _ => unfinished.push(id),
            }
        }
        waiting = unfinished;
        tokio::time::sleep(BEAT).await;
    }
    tracing::info!(
        "samples: all {} ended after {:.1} s",
        files.len(),
        started.elapsed().as_secs_f32()
    );
    Ok(())
}

fn tell(document: &Document) {
    match &document.error {
        None => tracing::info!(
            "sample {}: {}, {}",
            document.file_name,
            document.status,
            document
                .category
                .as_ref()
                .map_or("no category", |category| &category.name)
        ),
        Some(error) => tracing::warn!("sample {}: {}: {}", document.file_name, document.status, error.message),
    }
}

/// The folder's files, or those of its subfolder `documents` if it has one. Sorted by name.
fn documents_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let inner = folder.join("documents");
    let folder = if inner.is_dir() { &inner } else { folder };
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && has_ending(path))
        .collect();
    files.sort();
    Ok(files)
}

fn has_ending(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_documents_are_samples() {
        let tmp = tempfile::tempdir().unwrap();
        for name in ["b.PDF", "a.png", "expected.json", "README.md"] {
            fs::write(tmp.path().join(name), "x").unwrap();
        }
        let names: Vec<_> = documents_in(tmp.path()).unwrap();
        assert_eq!(names, [tmp.path().join("a.png"), tmp.path().join("b.PDF")]);
        let inner = tmp.path().join("documents");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("c.tif"), "x").unwrap();
        assert_eq!(documents_in(tmp.path()).unwrap(), [inner.join("c.tif")]);
    }
}
