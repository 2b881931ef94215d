//! What a list of documents can be narrowed down to.

use crate::Store;
use crate::error::Result;
use crate::reach::Reach;

/// The most projects that are offered.
const PROJECTS: i64 = 200;
/// Among how many of the newest documents categories are looked for.
const DOCUMENTS: i64 = 2000;

/// Names that occur, each kind in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    pub projects: Vec<String>,
    /// Of the newest documents.
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
