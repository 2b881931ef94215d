//! Which documents a caller may access.

use crate::documents::Document;
use uuid::Uuid;

/// Restrictions on documents. The default has none: all documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Reach {
    /// Only those of these projects.
    pub projects: Option<Vec<String>>,
    /// Only those that were uploaded with this key.
    pub uploaded_by: Option<Uuid>,
}

impl Reach {
    pub fn covers(&self, document: &Document) -> bool {
        let is_own = self.uploaded_by.is_none_or(|key| document.uploaded_by == Some(key));
        is_own && self.covers_project(&document.project)
    }

    pub fn covers_project(&self, project: &str) -> bool {
        self.projects
            .as_ref()
            .is_none_or(|projects| projects.iter().any(|known| known == project))
    }
}
