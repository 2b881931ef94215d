//! Trained models: what they learn from, their versions with their figures, and which one is active.

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

/// The kind of model that projects have.
pub const CATEGORIZER: &str = "categorizer";

/// A document whose category a person gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    pub document: Uuid,
    pub label: String,
    /// Copies share it.
    pub sha256: String,
}

/// One version of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub id: Uuid,
    /// Where its bytes are.
    pub object: String,
    pub figures: Value,
    pub created_at: DateTime<Utc>,
}

/// One version of a model, for people to look at.
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

    /// Documents of a project whose category a person gave; only those uploaded after `since`, if that is given.
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

    /// Enqueues the training of a project's categorizer; a large one goes where large ones belong. Returns the task, or
    /// `None` where one is under way already.
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

    /// Enqueues the evaluation of a project's active model. Returns the task, or `None` where one is under way already.
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

    /// The active model of a project, and the documents to judge it on: those that it cannot have learnt from.
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

    /// Adds a version; it stays, whether it becomes the active one or not.
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

    /// Keeps with a model how well it did.
    pub async fn add_evaluation(&self, tx: &Transaction<'_>, model: Uuid, figures: &Value) -> Result<()> {
        tx.execute(include_str!("../sql/add_evaluation.sql"), &[&model, figures])
            .await?;
        Ok(())
    }

    /// From now on the project's documents are categorized by this model; `None`: by the classifier that docfleet comes
    /// with.
    ///
    /// # Errors
    /// [`Error::Refused`] where the project has no such model.
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

    /// Whether there is such a model.
    pub async fn activate_model(&self, tx: &Transaction<'_>, project: &str, kind: &str, model: Uuid) -> Result<bool> {
        // The old one first: at most one may be active at any moment.
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
