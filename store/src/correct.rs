//! People's corrections of a document. They are stored beside what was found, shown instead of it, and survive every retry.

use crate::Store;
use crate::error::{Error, Result};
use broker::audit;
use queue_schema::document::{Category, Source};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A correction. Parts that it leaves out stay unchanged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Correction {
    /// `Some(None)`: removes the category; a model sets it when the document is categorized again.
    pub category: Option<Option<String>>,
    /// Merged into the existing metadata as in RFC 7396: a null removes its key.
    pub metadata: Option<Map<String, Value>>,
    pub fields: Vec<FieldCorrection>,
}

/// All values that a person gives for one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCorrection {
    pub label: String,
    /// Empty: the document has no such field. `None`: removes the correction, so that the extracted values count again.
    pub values: Option<Vec<String>>,
}

/// Most bytes of a document's metadata as JSON.
const MOST_METADATA: usize = 64 * 1024;

impl Store {
    /// # Errors
    /// `Refused` if the metadata would grow too large.
    pub async fn correct(&self, id: Uuid, correction: &Correction, who: &str) -> Result<()> {
        let before = self.document(id).await?;
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        broker::lock(&tx, id).await?;
        let metadata: Value = tx.query_one(include_str!("../sql/metadata.sql"), &[&id]).await?.get(0);
        let metadata = match &correction.metadata {
            Some(patch) => merge(metadata, &Value::Object(patch.clone())),
            None => metadata,
        };
        if metadata.to_string().len() > MOST_METADATA {
            return Err(Error::Refused(format!(
                "the metadata of {:?} would be larger than {MOST_METADATA} bytes",
                before.file_name
            )));
        }
        let category = correction.category.clone().flatten().map(|name| Category {
            name,
            confidence: 1.0,
            source: Source::User,
        });
        let category = category.map(serde_json::to_value).transpose()?;
        tx.execute(
            include_str!("../sql/correct_document.sql"),
            &[&id, &correction.category.is_some(), &category, &metadata],
        )
        .await?;
        let labels: Vec<&str> = correction.fields.iter().map(|field| field.label.as_str()).collect();
        tx.execute(include_str!("../sql/forget_corrections.sql"), &[&id, &labels])
            .await?;
        let (said, values): (Vec<&str>, Vec<Option<&str>>) = correction.fields.iter().flat_map(rows).unzip();
        tx.execute(include_str!("../sql/insert_corrections.sql"), &[&id, &said, &values])
            .await?;
        let about = json!({
            "category": correction.category,
            "metadata": correction.metadata.as_ref().map(|patch| patch.keys().collect::<Vec<_>>()),
            "fields": labels,
        });
        audit::note(&tx, who, "document.correct", &id.to_string(), &about).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// A row for each value. If there is none, one row with a null value.
fn rows(field: &FieldCorrection) -> Vec<(&str, Option<&str>)> {
    let label = field.label.as_str();
    match field.values.as_deref() {
        None => Vec::new(),
        Some([]) => vec![(label, None)],
        Some(values) => values.iter().map(|value| (label, Some(value.as_str()))).collect(),
    }
}

/// RFC 7396, JSON Merge Patch.
fn merge(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else {
        return patch.clone();
    };
    let mut merged = match target {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(key);
        } else {
            let before = merged.remove(key).unwrap_or(Value::Null);
            merged.insert(key.clone(), merge(before, value));
        }
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_are_merged() {
        let before = json!({"order": 7, "from": {"name": "A", "city": "B"}, "tags": [1, 2]});
        let patch = json!({"order": null, "from": {"city": null, "zip": 1}, "tags": [3], "new": {"a": null, "b": 1}});
        assert_eq!(
            merge(before, &patch),
            json!({"from": {"name": "A", "zip": 1}, "tags": [3], "new": {"b": 1}})
        );
    }
}
