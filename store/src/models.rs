//! Trained models: their training documents, their versions with figures, and which version is active.

use crate::Store;
use crate::error::{Error, Result};
use broker::{NewTask, audit};
use chrono::{DateTime, Utc};
use queue_schema::Queue;
use queue_schema::payload::{EvaluateCategorizer, TrainCategorizer};
use serde::Serialize;
use serde_json::{Value, json};
use settings::{Settings, THRESHOLD_FOR_HEAVY_TRAINING};
use tokio_postgres::Transaction;
use uuid::Uuid;

/// The kind of model that projects can train.
pub const CATEGORIZER: &str = "categorizer";

/// A document whose category a person gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    pub document: Uuid,
    pub label: String,
    /// Equal for copies of the same file.
    pub sha256: String,
}

/// One version of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub id: Uuid,
    /// The object that holds its bytes.
    pub object: String,
    pub figures: Value,
    pub created_at: DateTime<Utc>,
}

/// One version of a model, for display.
#[derive(Debug, Clone, Serialize)]
pub struct ModelVersion {
    pub id: Uuid,
    pub kind: String,
    pub active: bool,
    pub created_at: DateTime<Utc>,
    pub figures: Value,
}

impl Store {
    /// Every version of a project's models, newest first.
    pub async fn models(&self, project: &str) -> Result<Vec<ModelVersion>> {
        let rows = self
            .client()
            .await?
            .query(include_str!("../sql/models.sql"), &[&project])
            .await?;
        let version = |row: &tokio_postgres::Row| ModelVersion {
            id: row.get("id"),
            kind: row.get("kind"),
            active: row.get("active"),
            created_at: row.get("created_at"),
            figures: row.get("figures"),
        };
        Ok(rows.iter().map(version).collect())
    }

    /// Documents of a project whose category a person gave. With `since`, only documents uploaded after it that are no copies
    /// of earlier ones.
    pub async fn labelled(&self, project: &str, since: Option<DateTime<Utc>>) -> Result<Vec<Labelled>> {
        let rows = self
            .client()
            .await?
            .query(include_str!("../sql/labelled.sql"), &[&project, &since])
            .await?;
        let labelled = |row: &tokio_postgres::Row| Labelled {
            document: row.get("id"),
            label: row.get("label"),
            sha256: row.get("sha256"),
        };
        Ok(rows.iter().map(labelled).collect())
    }

    /// Enqueues the training of a project's categorizer, in a queue of its own if there are many documents. Returns the task;
    /// `None`: a training is already waiting or running.
    pub async fn train_categorizer(&self, settings: &Settings, project: &str, who: &str) -> Result<Option<Uuid>> {
        let documents = self.labelled(project, None).await?.len() as u64;
        if documents == 0 {
            return Err(Error::Refused(format!(
                "project {project} has no finished document whose category a person gave; upload some with a category"
            )));
        }
        let heavy = documents >= settings.get(THRESHOLD_FOR_HEAVY_TRAINING);
        let task = NewTask::new(&TrainCategorizer {
            project: project.to_owned(),
        })?
        .on_queue(if heavy { Queue::TrainingHeavy } else { Queue::Training })
        .unique(format!("train_categorizer:{project}"));
        self.enqueue_one(task, project, "project.train", who).await
    }

    /// Enqueues the evaluation of a project's active model. Returns the task; `None`: one is already waiting or running.
    pub async fn evaluate_categorizer(&self, project: &str, who: &str) -> Result<Option<Uuid>> {
        self.to_evaluate(project).await?;
        let task = NewTask::new(&EvaluateCategorizer {
            project: project.to_owned(),
        })?;
        self.enqueue_one(
            task.unique(format!("evaluate_categorizer:{project}")),
            project,
            "project.evaluate",
            who,
        )
        .await
    }

    /// The active model of a project, and the documents on which to evaluate it: those that it cannot have been trained on.
    pub async fn to_evaluate(&self, project: &str) -> Result<(Model, Vec<Labelled>)> {
        let Some(model) = self.active_model(project, CATEGORIZER).await? else {
            return Err(Error::Refused(format!(
                "project {project} has no model yet; `docfleet train` makes one"
            )));
        };
        let documents = self.labelled(project, Some(model.created_at)).await?;
        if documents.is_empty() {
            return Err(Error::Refused(format!(
                "project {project} has no finished document that is new to its model and whose category a person gave; \
                 upload some with a category"
            )));
        }
        Ok((model, documents))
    }

    async fn enqueue_one(&self, task: NewTask, project: &str, action: &str, who: &str) -> Result<Option<Uuid>> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let woken = self.broker().enqueue(&*tx, &[task]).await?;
        let begun = woken.first().map(|task| task.id);
        if let Some(task) = begun {
            audit::note(&tx, who, action, project, &json!({"task": task})).await?;
        }
        tx.commit().await?;
        self.broker().wake().push_or_leave(&woken).await;
        Ok(begun)
    }

    pub async fn active_model(&self, project: &str, kind: &str) -> Result<Option<Model>> {
        let row = self
            .client()
            .await?
            .query_opt(include_str!("../sql/active_model.sql"), &[&project, &kind])
            .await?;
        Ok(row.map(|row| Model {
            id: row.get("id"),
            object: row.get("object"),
            figures: row.get("figures"),
            created_at: row.get("created_at"),
        }))
    }

    /// Adds a version. It is kept whether or not it becomes active.
    pub async fn add_model(
        &self,
        tx: &Transaction<'_>,
        project: &str,
        kind: &str,
        model: Uuid,
        object: &str,
        figures: &Value,
    ) -> Result<()> {
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 5] = [&model, &project, &kind, &object, figures];
        tx.execute(include_str!("../sql/insert_model.sql"), &params).await?;
        Ok(())
    }

    /// Adds the figures of an evaluation to a model.
    pub async fn add_evaluation(&self, tx: &Transaction<'_>, model: Uuid, figures: &Value) -> Result<()> {
        tx.execute(include_str!("../sql/add_evaluation.sql"), &[&model, figures])
            .await?;
        Ok(())
    }

    /// Makes this the model that categorizes the project's documents; `None`: the classifier that docfleet comes with.
    ///
    /// # Errors
    /// [`Error::Refused`] if the project has no such model.
    pub async fn choose_model(&self, project: &str, model: Option<Uuid>, who: &str) -> Result<()> {
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        match model {
            Some(model) if !self.activate_model(&tx, project, CATEGORIZER, model).await? => {
                return Err(Error::Refused(format!(
                    "project {project} has no model {model}; `docfleet models --project {project}` lists those it has"
                )));
            }
            Some(_) => {}
            None => self.deactivate_model(&tx, project, CATEGORIZER).await?,
        }
        audit::note(&tx, who, "project.activate", project, &json!({"model": model})).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a model the active one. Returns whether there is such a model.
    pub async fn activate_model(&self, tx: &Transaction<'_>, project: &str, kind: &str, model: Uuid) -> Result<bool> {
        // Deactivates the old one first, because at most one model may be active at any moment.
        self.deactivate_model(tx, project, kind).await?;
        let found = tx
            .execute(include_str!("../sql/activate_model.sql"), &[&project, &kind, &model])
            .await?;
        Ok(found > 0)
    }

    async fn deactivate_model(&self, tx: &Transaction<'_>, project: &str, kind: &str) -> Result<()> {
        tx.execute(include_str!("../sql/deactivate_model.sql"), &[&project, &kind])
            .await?;
        Ok(())
    }
}
