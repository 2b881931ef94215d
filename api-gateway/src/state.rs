//! State that every handler can access.

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
    /// Served at `/metrics`, if metrics are recorded.
    pub metrics: Option<PrometheusHandle>,
    /// Cancelled once the process is told to stop: long-lived answers such as event streams end.
    pub drain: CancellationToken,
    pub watchers: Watchers,
    pub readiness: Readiness,
    pub admission: Arc<Admission>,
    /// Limits the archives of many documents that are written at once.
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
    /// When too little disk space is left for an upload and the files made of it.
    pub fn has_room(&self) -> Result<()> {
        match self.config.space.shortage() {
            None => Ok(()),
            // The folder is only logged, because every caller can see the answer.
            Some(shortage) => Err(Problem::storage_full(&shortage.what)),
        }
    }

    /// The document of a request. From here on, the request's log lines name it.
    ///
    /// # Errors
    /// 404 also when the caller may not see the document: the answer must not reveal that it exists.
    pub async fn document(&self, who: &Who, id: Uuid) -> Result<Document> {
        let document = self.store.document(id).await?;
        if !who.sees().covers(&document) {
            return Err(Problem::no_document(id));
        }
        observe::about(id, document.trace);
        Ok(document)
    }

    /// Like [`Gateway::document`], for a caller who wants to change it.
    ///
    /// # Errors
    /// 403 when the caller may see the document but not change it: it was uploaded with another key.
    pub async fn document_to_change(&self, who: &Who, id: Uuid) -> Result<Document> {
        // An upload key may change all documents that it sees. A read key sees documents that it may not change.
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

    /// Like [`Gateway::document`], with its stages.
    pub async fn view(&self, reach: &Reach, id: Uuid) -> Result<DocumentView> {
        let view = self.store.view(id, reach).await?;
        observe::about(id, view.trace);
        Ok(view)
    }
}
