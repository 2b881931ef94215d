//! Listing and searching documents.

use crate::Store;
use crate::documents::Document;
use crate::error::Result;
use crate::reach::Reach;
use chrono::{DateTime, Utc};
use queue_schema::document::DocumentStatus;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Which documents to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub project: Option<String>,
    pub status: Option<DocumentStatus>,
    pub category: Option<String>,
    /// Words in the recognised text, or a part of the file's name.
    pub search: Option<String>,
    /// Created at this time or later.
    pub created_after: Option<DateTime<Utc>>,
    /// Created before this time.
    pub created_before: Option<DateTime<Utc>>,
    /// The metadata must have these keys, with these values as text.
    pub metadata: Vec<(String, String)>,
    /// The documents that the caller may see.
    pub reach: Reach,
    pub order: Order,
    /// Only documents that come after this one in the list.
    pub after: Option<(DateTime<Utc>, Uuid)>,
    pub limit: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

const NEWEST_FIRST: &str = concat!(
    "SELECT d.*, (SELECT count(*) FROM pages p WHERE p.document_id = d.id AND p.source <> 'unread') AS pages_read\n",
    include_str!("../sql/documents_matching.sql"),
    include_str!("../sql/documents_newest_first.sql")
);
const OLDEST_FIRST: &str = concat!(
    "SELECT d.*, (SELECT count(*) FROM pages p WHERE p.document_id = d.id AND p.source <> 'unread') AS pages_read\n",
    include_str!("../sql/documents_matching.sql"),
    include_str!("../sql/documents_oldest_first.sql")
);
const TOTAL: &str = concat!("SELECT count(*)\n", include_str!("../sql/documents_matching.sql"));

type Value = Box<dyn ToSql + Sync + Send>;

impl Filter {
    /// The parameters of sql/documents_matching.sql.
    fn matching(&self) -> Vec<Value> {
        let (keys, values): (Vec<String>, Vec<String>) = self.metadata.iter().cloned().unzip();
        vec![
            Box::new(self.project.clone()),
            Box::new(self.status.map(DocumentStatus::as_str)),
            Box::new(self.category.clone()),
            Box::new(self.search.clone()),
            Box::new(self.reach.projects.clone()),
            Box::new(self.reach.uploaded_by),
            Box::new(self.created_after),
            Box::new(self.created_before),
            Box::new(keys),
            Box::new(values),
        ]
    }
}

fn references(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()
}

impl Store {
    pub async fn documents(&self, filter: &Filter) -> Result<Vec<Document>> {
        let statement = match filter.order {
            Order::NewestFirst => NEWEST_FIRST,
            Order::OldestFirst => OLDEST_FIRST,
        };
        let mut values = filter.matching();
        values.push(Box::new(filter.after.map(|(at, _)| at)));
        values.push(Box::new(filter.after.map(|(_, id)| id)));
        values.push(Box::new(filter.limit));
        let rows = self.client().await?.query(statement, &references(&values)).await?;
        rows.iter().map(Document::from_row).collect()
    }

    /// How many documents match the filter in all, regardless of the cursor.
    pub async fn count_documents(&self, filter: &Filter) -> Result<i64> {
        let values = filter.matching();
        let row = self.client().await?.query_one(TOTAL, &references(&values)).await?;
        Ok(row.get(0))
    }
}
