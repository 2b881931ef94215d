//! Documents, pages, annotations and artefacts: their rows in Postgres and their bytes in the object store. Also API keys.

mod artefacts;
mod bytes;
mod choices;
mod correct;
mod documents;
mod error;
mod flow;
pub mod inputs;
mod keys;
mod list;
mod models;
mod on_demand;
mod operate;
mod pages;
mod reach;
mod retry;
mod search;
mod sweep;
mod view;
mod why;

pub use artefacts::{Artefact, NewArtefact};
pub use bytes::{Bytes, Stored};
pub use choices::Choices;
pub use correct::{Correction, FieldCorrection};
pub use documents::{Created, Document, NewDocument};
pub use error::{Error, Result};
pub use flow::DocumentFlow;
pub use keys::{Key, NewKey, SESSION, Scope, Secret};
pub use list::{Filter, Order};
pub use models::{CATEGORIZER, Labelled, Model, ModelVersion};
pub use operate::{Bulk, Remedy, Retried};
pub use pages::{FieldView, Shape};
pub use reach::Reach;
pub use retry::{Retry, usual_stage};
pub use search::{Found, Piece};
pub use view::{DocumentView, StageState, StageView, TaskCounts, Warning};
pub use why::Blocker;

use broker::{Broker, Claimed, JobContext};
use deadpool_postgres::Client;
use settings::{OCR_LANGUAGES, PAGE_IMAGES_BYTES, Settings};
use std::sync::Arc;

/// A handle on the fleet's documents; cheap to clone.
#[derive(Clone)]
pub struct Store {
    broker: Broker,
    bytes: Bytes,
    defaults: Arc<Defaults>,
    page_images_bytes: u64,
}

/// Defaults for uploads.
#[derive(Debug)]
struct Defaults {
    languages: String,
}

impl Store {
    /// Connects to Postgres, Redis and the object store that the settings name.
    pub async fn open(settings: &Settings) -> Result<Store> {
        Ok(Store {
            broker: Broker::open(settings, Arc::new(DocumentFlow::new(settings))).await?,
            bytes: Bytes::open(settings)?,
            defaults: Arc::new(Defaults {
                languages: settings.get(OCR_LANGUAGES).to_owned(),
            }),
            page_images_bytes: settings.get(PAGE_IMAGES_BYTES),
        })
    }

    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Whether Postgres and the object store answer, so that an upload could be accepted.
    pub async fn is_ready(&self) -> Result<()> {
        self.client().await?.execute("SELECT 1", &[]).await?;
        self.bytes.check().await
    }

    pub(crate) async fn client(&self) -> Result<Client> {
        Ok(self.broker.pool().get().await.map_err(broker::Error::from)?)
    }
}

impl JobContext for Store {
    async fn open(settings: &Settings) -> broker::Result<Self> {
        Store::open(settings).await.map_err(broker::Error::from)
    }

    fn broker(&self) -> &Broker {
        &self.broker
    }

    async fn project(&self, claimed: &Claimed) -> broker::Result<String> {
        let of_document = match claimed.document {
            Some(document) => self.project_of(document).await?,
            None => None,
        };
        // A task without a document, or whose document is gone, opens no upload, so its flow will do.
        Ok(of_document.unwrap_or_else(|| claimed.flow.clone()))
    }
}
