//! Files that are made when somebody asks for them.

use crate::Store;
use crate::documents::Document;
use crate::error::Result;
use broker::NewTask;
use queue_schema::Payload;
use uuid::Uuid;

impl Store {
    /// Asks a worker to make something of a document. However often the same is asked for, one task does it: `what` names
    /// it within the document. Returns the task, unless one is at it already.
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
