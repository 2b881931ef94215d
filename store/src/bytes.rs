//! Documents' bytes. They are streamed and hashed on the way in; no file is held in memory as a whole.

use crate::error::{Error, Result};
use bytes::{Bytes as Chunk, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{GetOptions, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use settings::{STORAGE_URL, Settings};
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// How many bytes of a stream are collected before they are written. This bounds the memory of an upload.
const PART: usize = 64 * 1024;

#[derive(Clone)]
pub struct Bytes {
    store: Arc<dyn ObjectStore>,
    /// The folder in which objects are files.
    root: PathBuf,
}

/// An object that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub object: String,
    pub size: u64,
    /// Hexadecimal.
    pub sha256: String,
}

/// The folders that hold all objects.
const FOLDERS: [&str; 2] = ["documents", "models"];
impl Bytes {
    pub(crate) fn open(settings: &Settings) -> Result<Bytes> {
        let wrong = |problem: String| Error::Setting {
            name: STORAGE_URL.name,
            problem,
        };
        let url = settings
            .get(STORAGE_URL)
            .ok_or_else(|| wrong("is not set; give file:///a/folder".into()))?;
        let root = url
            .strip_prefix("file://")
            .ok_or_else(|| wrong("must start with file://".into()))?;
        let root = PathBuf::from(root);
        std::fs::create_dir_all(&root).map_err(|e| wrong(format!("cannot make {}: {e}", root.display())))?;
        let store = LocalFileSystem::new_with_prefix(&root)?
            .with_fsync(true)
            .with_automatic_cleanup(true);
        Ok(Bytes {
            store: Arc::new(store),
            root,
        })
    }

    /// The object name of an upload, which is stored before its document has a row.
    pub fn original_key(document: Uuid) -> String {
        format!("documents/{document}/original")
    }

    /// The object name of a file that a run made. It contains the run, so that two runs of a task never write to the same
    /// object.
    pub fn artefact_key(document: Uuid, run: Uuid, name: &str) -> String {
        format!("documents/{document}/{run}/{name}")
    }

    /// The object name of a model that a run has trained.
    pub fn model_key(run: Uuid) -> String {
        format!("models/{run}.safetensors")
    }

    /// Stores a stream. It is durable when this returns. On an error nothing is left behind.
    pub async fn put<S, E>(&self, object: &str, mut stream: S, limit: u64) -> Result<Stored>
    where
        S: Stream<Item = std::result::Result<Chunk, E>> + Unpin,
        E: std::fmt::Display,
    {
        let mut upload = self.store.put_multipart(&Key::from(object)).await?;
        let written = write(upload.as_mut(), &mut stream, limit).await;
        match written {
            Ok((size, hash)) => {
                upload.complete().await?;
                Ok(Stored {
                    object: object.to_owned(),
                    size,
                    sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
                })
            }
            Err(error) => {
                upload.abort().await?;
                Err(error)
            }
        }
    }

    /// Stores a file. Returns its size.
    pub async fn put_file(&self, object: &str, file: &Path) -> Result<u64> {
        let stream = futures_util::stream::try_unfold(tokio::fs::File::open(file).await?, |mut file| async move {
            use tokio::io::AsyncReadExt;
            let mut buffer = vec![0; 1 << 20];
            let read = file.read(&mut buffer).await?;
            buffer.truncate(read);
            std::io::Result::Ok((read > 0).then(|| (Chunk::from(buffer), file)))
        });
        Ok(self.put(object, Box::pin(stream), u64::MAX).await?.size)
    }

    pub async fn put_small(&self, object: &str, bytes: Vec<u8>) -> Result<()> {
        self.store.put(&Key::from(object), PutPayload::from(bytes)).await?;
        Ok(())
    }

    /// Makes an object readable at `path`, by a symbolic link.
    pub async fn bring(&self, object: &str, path: &Path) -> Result<()> {
        Ok(tokio::fs::symlink(self.root.join(object), path).await?)
    }

    pub async fn stream(&self, object: &str) -> Result<impl Stream<Item = Result<Chunk>> + Send + Unpin + use<>> {
        let stream = self.store.get(&Key::from(object)).await?.into_stream();
        Ok(stream.map(|chunk| chunk.map_err(Error::from)))
    }

    /// Some of an object's bytes.
    pub async fn stream_range(
        &self,
        object: &str,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Chunk>> + Send + Unpin + use<>> {
        let options = GetOptions::new().with_range(Some(range));
        let stream = self.store.get_opts(&Key::from(object), options).await?.into_stream();
        Ok(stream.map(|chunk| chunk.map_err(Error::from)))
    }

    /// Removes one object. It is no error if the object does not exist.
    pub async fn remove(&self, object: &str) -> Result<()> {
        match self.store.delete(&Key::from(object)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes all objects of a document. Returns how many.
    pub async fn remove_document(&self, document: Uuid) -> Result<usize> {
        let prefix = Key::from(format!("documents/{document}"));
        let mut listing = self.store.list(Some(&prefix));
        let mut removed = 0;
        while let Some(object) = listing.next().await {
            self.remove(object?.location.as_ref()).await?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Names of all our objects that were last written before this moment. Other files in the store's folder are not listed.
    pub(crate) fn list(&self, before: DateTime<Utc>) -> impl Stream<Item = Result<String>> + Send + Unpin {
        let ours = FOLDERS.map(|folder| self.store.list(Some(&Key::from(folder))));
        let listing = futures_util::stream::iter(ours).flatten();
        let old = listing.map_err(Error::from).try_filter_map(move |object| {
            std::future::ready(Ok((object.last_modified < before).then(|| object.location.to_string())))
        });
        Box::pin(old)
    }

    pub(crate) async fn check(&self) -> Result<()> {
        tokio::fs::metadata(&self.root).await?;
        Ok(())
    }
}

/// Writes a stream part by part. Returns its size and its hash.
async fn write<S, E>(upload: &mut dyn MultipartUpload, stream: &mut S, limit: u64) -> Result<(u64, Sha256)>
where
    S: Stream<Item = std::result::Result<Chunk, E>> + Unpin,
    E: std::fmt::Display,
{
    let (mut size, mut hash) = (0u64, Sha256::new());
    // Chunks are copied, because keeping a small chunk would keep the whole buffer that it was read into.
    let mut part = BytesMut::with_capacity(PART);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| Error::Upload(error.to_string()))?;
        size += chunk.len() as u64;
        if size > limit {
            return Err(Error::TooLarge { limit });
        }
        hash.update(&chunk);
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            let (next, later) = rest.split_at(rest.len().min(PART - part.len()));
            part.extend_from_slice(next);
            rest = later;
            if part.len() == PART {
                let full = std::mem::replace(&mut part, BytesMut::with_capacity(PART));
                upload.put_part(PutPayload::from(full.freeze())).await?;
            }
        }
    }
    if !part.is_empty() {
        upload.put_part(PutPayload::from(part.freeze())).await?;
    }
    Ok((size, hash))
}
