//! The values by which a list of documents can be filtered.

use crate::Store;
use crate::error::Result;
use crate::reach::Reach;

/// How many projects are offered at most.
const PROJECTS: i64 = 200;
/// How many of the newest documents are searched for categories.
const DOCUMENTS: i64 = 2000;

/// Names that occur in documents, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    pub projects: Vec<String>,
    /// Categories of the newest documents.
    pub categories: Vec<String>,
}

impl Store {
    pub async fn choices(&self, reach: &Reach) -> Result<Choices> {
        let client = self.client().await?;
        let projects = client
            .query(include_str!("../sql/projects.sql"), &[&PROJECTS, &reach.projects])
            .await?;
        let categories = client
            .query(
                include_str!("../sql/recent_categories.sql"),
                &[&DOCUMENTS, &reach.projects],
            )
            .await?;
        Ok(Choices {
            projects: projects.iter().map(|row| row.get("project")).collect(),
            categories: categories.iter().map(|row| row.get("category")).collect(),
        })
    }
}
