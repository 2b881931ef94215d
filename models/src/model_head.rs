//! The head of a model's file, which is read first: JSON in the metadata of safetensors.

use safetensors::SafeTensorError;
use safetensors::tensor::SafeTensors;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use thiserror::Error;

const HEAD: &str = "head";

/// Why a file is not the expected model.
#[derive(Debug, Error)]
pub enum ModelError {
    #[error(
        "the model file is not readable as safetensors ({0}); it is damaged or something else: train or copy it again"
    )]
    NotSafetensors(#[from] SafeTensorError),
    #[error("the model file has no head that says what it is; it was not written by docfleet's training")]
    NoHead,
    #[error("the model file's head cannot be read ({0}); the file is damaged: train or copy it again")]
    BadHead(#[from] serde_json::Error),
    #[error("the model file holds a {found:?}, not a {wanted:?}; name the file of one")]
    OtherFormat { found: String, wanted: &'static str },
    #[error(
        "the model file has format version {found}, but this program reads version {known}; update the program or train again"
    )]
    UnknownVersion { found: u32, known: u32 },
    #[error("the model file contradicts itself: {0}; the file is damaged: train or copy it again")]
    Inconsistent(String),
}

/// A kind of model, by which files are identified.
#[derive(Debug, Clone, Copy)]
pub struct ModelKind {
    pub format: &'static str,
    /// Increased when a reader of the old version would misread the new one.
    pub version: u32,
}

#[derive(Serialize)]
struct Whole<'a, H> {
    format: &'a str,
    version: u32,
    #[serde(flatten)]
    head: &'a H,
}

/// Read first, because everything else may change with the version.
#[derive(Deserialize)]
struct Identity {
    format: String,
    version: u32,
}

impl ModelKind {
    /// The metadata of a file of this kind.
    pub fn metadata(&self, head: &impl Serialize) -> Result<HashMap<String, String>, ModelError> {
        let (format, version) = (self.format, self.version);
        let head = serde_json::to_string(&Whole { format, version, head })?;
        Ok(HashMap::from([(HEAD.to_owned(), head)]))
    }

    /// The head of a file, if the file is of this kind.
    pub fn read<H: DeserializeOwned>(&self, bytes: &[u8]) -> Result<H, ModelError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let heads = metadata.metadata().as_ref();
        let head = heads.and_then(|heads| heads.get(HEAD)).ok_or(ModelError::NoHead)?;
        let Identity { format, version } = serde_json::from_str(head)?;
        if format != self.format {
            return Err(ModelError::OtherFormat {
                found: format,
                wanted: self.format,
            });
        }
        if version != self.version {
            return Err(ModelError::UnknownVersion {
                found: version,
                known: self.version,
            });
        }
        Ok(serde_json::from_str(head)?)
    }
}
