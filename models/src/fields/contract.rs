//! Contracts: who agrees, from when, for how long, under which law.

use super::FieldExtractor;
use queue_schema::document::{Field, Page};

#[derive(Debug, Clone, Copy)]
pub struct Contracts;

impl FieldExtractor for Contracts {
    fn extract(&self, _pages: &[Page]) -> Vec<Field> {
        Vec::new()
    }
}
