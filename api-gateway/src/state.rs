//! What every handler reaches.

use crate::api;
use crate::api::watch::Watchers;
use crate::config::Config;
use crate::readiness::Readiness;
use crate::upload::Admission;
use boot::metrics::PrometheusHandle;
use settings::Settings;
use std::sync::Arc;
use store::{Document, DocumentView, Reach, Scope, Store};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use web::access::missing_scope;
use web::problem::{Problem, Result};
use web::{Who, observe};

pub struct Gateway {
    pub store: Store,
    pub settings: Settings,
    pub config: Config,
    /// Shown at `/metrics`, where metrics are recorded.
    pub metrics: Option<PrometheusHandle>,
    /// Cancelled once the process is told to stop: what would last for ever ends.
    pub drain: CancellationToken,
    pub watchers: Watchers,
    pub readiness: Readiness,
    pub admission: Arc<Admission>,
    /// Archives of many documents at once.
    pub downloads: Arc<Semaphore>,
}

impl Gateway {
    pub fn new(
        store: Store,
        settings: Settings,
        config: Config,
        metrics: Option<PrometheusHandle>,
        drain: CancellationToken,
    ) -> Gateway {
        Gateway {
            store,
            settings,
            config,
            metrics,
            drain,
            watchers: Watchers::default(),
            readiness: Readiness::default(),
            admission: Arc::default(),
            downloads: Arc::new(Semaphore::new(api::download::AT_ONCE)),
        }
    }

    /// # Errors
    /// Where too little disk space is left for what an upload brings with it.
    pub fn has_room(&self) -> Result<()> {
        match self.config.space.shortage() {
            None => Ok(()),
            // The log names the folder; the answer is open to every caller.
            Some(shortage) => Err(Problem::storage_full(&shortage.what)),
        }
    }

    /// The document that a request is about; what is logged during the request names it from now on.
    ///
    /// # Errors
    /// 404 also where the caller may not see it: that there is one is none of its business.
    pub async fn document(&self, who: &Who, id: Uuid) -> Result<Document> {
        let document = self.store.document(id).await?;
        if !who.sees().covers(&document) {
            return Err(Problem::no_document(id));
        }
        observe::about(id, document.trace);
        Ok(document)
    }

    /// As [`Gateway::document`], where the caller may change it.
    ///
    /// # Errors
    /// 403 where it came with another key, and the caller's is not for such.
    pub async fn document_to_change(&self, who: &Who, id: Uuid) -> Result<Document> {
        // A key for uploads alone sees what it may change, and one for reading what it may not.
        let document = self.store.document(id).await?;
        match who.key() {
            Some(key) if !key.acts_on().covers(&document) => {
                self.document(who, id).await?;
                Err(missing_scope(key, &[Scope::Operate]))
            }
            _ => {
                observe::about(id, document.trace);
                Ok(document)
            }
        }
    }

    /// As [`Gateway::document`], with its stages.
    pub async fn view(&self, reach: &Reach, id: Uuid) -> Result<DocumentView> {
        let view = self.store.view(id, reach).await?;
        observe::about(id, view.trace);
        Ok(view)
    }
}
