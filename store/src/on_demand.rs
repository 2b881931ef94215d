//! Files that are made on demand.

use crate::Store;
use crate::documents::Document;
use crate::error::Result;
use broker::NewTask;
use queue_schema::Payload;
use uuid::Uuid;

impl Store {
    /// Enqueues a task that makes a file of a document. `what` names the file within the document: while a task for it is live,
    /// no second one is enqueued. Returns the task; `None`: there is one already.
    pub async fn ask<P: Payload>(&self, document: &Document, payload: &P, what: &str) -> Result<Option<Uuid>> {
        let task = NewTask::new(payload)?
            .of_document(document.id, document.version)
            .in_flow(&document.project)
            .urgent(document.urgent)
            .unique(format!("{}:{}:{}:{what}", P::KIND, document.id, document.version));
        let client = self.client().await?;
        let woken = self.broker().enqueue(&**client, &[task]).await?;
        self.broker().wake().push_or_leave(&woken).await;
        Ok(woken.first().map(|task| task.id))
    }
}
