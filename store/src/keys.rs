//! API keys and the sessions that they open: who may come in, and for what. Secrets are shown once and stored hashed.

use crate::Store;
use crate::error::{Error, Result};
use crate::reach::Reach;
use broker::audit;
use chrono::{DateTime, Utc};
use queue_schema::document::{NAME, is_name};
use queue_schema::names;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fmt;
use std::time::Duration;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

names! {
    /// What a key is for.
    #[derive(ToSchema)]
    #[schema(rename_all = "lowercase")]
    Scope {
        /// Hand in documents; follow these, have them processed again or cancelled.
        Upload = "upload",
        /// See documents, results, queues and tasks.
        Read = "read",
        /// All of that; also payloads, and a hand on queues, tasks and workers. Deletes documents.
        Operate = "operate",
        /// All of that; also keys.
        Admin = "admin",
    }
}

impl Scope {
    /// Whether a key for `self` may do what `other` is for.
    pub fn includes(self, other: Scope) -> bool {
        match self {
            Scope::Upload | Scope::Read => self == other,
            Scope::Operate | Scope::Admin => other <= self,
        }
    }
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Key {
    pub id: Uuid,
    pub name: String,
    pub scopes: Vec<Scope>,
    /// The projects that it is bound to; `None`: to none, it is for all.
    pub projects: Option<Vec<String>>,
    /// Who made it.
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    /// `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Key {
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|own| own.includes(scope))
    }

    /// The documents that it may look at.
    pub fn sees(&self) -> Reach {
        self.reach(Scope::Read)
    }

    /// The documents that it may change.
    pub fn acts_on(&self) -> Reach {
        self.reach(Scope::Operate)
    }

    /// Without the scope it reaches what came with it.
    fn reach(&self, scope: Scope) -> Reach {
        Reach {
            projects: self.projects.clone(),
            uploaded_by: (!self.allows(scope)).then_some(self.id),
        }
    }

    fn from_row(row: &Row) -> Key {
        let scopes: Vec<&str> = row.get("scopes");
        Key {
            id: row.get("id"),
            name: row.get("name"),
            // A scope that a newer build knows allows nothing here.
            scopes: scopes.into_iter().filter_map(|scope| scope.parse().ok()).collect(),
            projects: row.get("projects"),
            created_by: row.get("created_by"),
            created_at: row.get("created_at"),
            expires_at: row.get("expires_at"),
            last_used_at: row.get("last_used_at"),
            revoked_at: row.get("revoked_at"),
        }
    }
}

/// What a key is made of.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Whose it is: audit rows call by it what is done with the key.
    pub name: String,
    pub scopes: Vec<Scope>,
    /// Projects to bind it to; `None`: it is for all.
    pub projects: Option<Vec<String>>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl NewKey {
    /// For all projects, until it is revoked.
    pub fn new(name: impl Into<String>, scopes: &[Scope]) -> NewKey {
        NewKey {
            name: name.into(),
            scopes: scopes.to_vec(),
            projects: None,
            expires_at: None,
        }
    }
}

/// Random text that lets its bearer in. Nothing shows it by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// 256 random bits. The prefix tells people and secret scanners what they have found.
    fn random(prefix: &str) -> Result<Secret> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Secret(format!("{prefix}{hex}")))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What the table knows of a secret.
fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// As long as a working day: who leaves in the evening signs in again in the morning.
pub const SESSION: Duration = Duration::from_secs(12 * 3600);
const LONGEST_NAME: usize = 64;

impl Store {
    /// Whether a key was ever made: from then on, one is needed.
    pub async fn is_locked(&self) -> Result<bool> {
        let client = self.client().await?;
        let row = client.query_one(include_str!("../sql/is_locked.sql"), &[]).await?;
        Ok(row.get(0))
    }

    /// Every key, those in force first.
    pub async fn keys(&self) -> Result<Vec<Key>> {
        let rows = self.client().await?.query(include_str!("../sql/keys.sql"), &[]).await?;
        Ok(rows.iter().map(Key::from_row).collect())
    }

    /// Makes a key. Its secret is told here and never again.
    ///
    /// # Errors
    /// `Refused` for a name that a key in force has, an empty or overlong one, no scope, or an end that is past.
    pub async fn add_key(&self, new: &NewKey, who: &str) -> Result<(Key, Secret)> {
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(Error::Refused(format!(
                "a key needs a name of at most {LONGEST_NAME} characters, such as that of who will use it"
            )));
        }
        if name.chars().any(char::is_control) {
            return Err(Error::Refused(
                "the name has a control character, such as a line break or a tab".into(),
            ));
        }
        if new.scopes.is_empty() {
            return Err(Error::Refused("a key without a scope would open nothing".into()));
        }
        if new.expires_at.is_some_and(|at| at <= Utc::now()) {
            return Err(Error::Refused("the key would have expired already".into()));
        }
        let projects = new.projects.as_deref().unwrap_or_default();
        if new.projects.is_some() && (projects.is_empty() || !projects.iter().all(|project| is_name(project))) {
            return Err(Error::Refused(format!(
                "the projects of a key are names, each of {NAME}"
            )));
        }
        let mut scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
        scopes.sort_unstable();
        scopes.dedup();
        let secret = Secret::random("df_")?;
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let is_first = !tx
            .query_one(include_str!("../sql/is_locked.sql"), &[])
            .await?
            .get::<_, bool>(0);
        if is_first && !(new.scopes.contains(&Scope::Admin) && new.projects.is_none()) {
            return Err(Error::Refused(
                "the first key must have the scope admin and be for all projects: from now on only such a key can make others"
                    .into(),
            ));
        }
        let row = tx
            .query_opt(
                include_str!("../sql/insert_key.sql"),
                &[
                    &Uuid::now_v7(),
                    &name,
                    &hash(secret.reveal()),
                    &scopes,
                    &who,
                    &new.expires_at,
                    &new.projects,
                ],
            )
            .await?;
        let Some(row) = row else {
            return Err(Error::Refused(format!(
                "there is a key named {name} already; revoke it first, or choose another name"
            )));
        };
        let detail = json!({"scopes": scopes, "projects": new.projects, "expires_at": new.expires_at});
        audit::note(&tx, who, "key.add", name, &detail).await?;
        tx.commit().await?;
        Ok((Key::from_row(&row), secret))
    }

    /// From now on the key, and every session it opened, lets nobody in.
    pub async fn revoke_key(&self, name_or_id: &str, who: &str) -> Result<Key> {
        // No text of Postgres holds it.
        if name_or_id.contains('\0') {
            return Err(Error::NoKey(name_or_id.to_owned()));
        }
        let id: Option<Uuid> = name_or_id.parse().ok();
        let name = id.is_none().then_some(name_or_id);
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        let row = tx
            .query_opt(include_str!("../sql/revoke_key.sql"), &[&id, &name])
            .await?;
        let Some(row) = row else {
            return Err(Error::NoKey(name_or_id.to_owned()));
        };
        let key = Key::from_row(&row);
        audit::note(&tx, who, "key.revoke", &key.name, &json!({})).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// The key in force that has this secret.
    pub async fn key_of_secret(&self, secret: &str) -> Result<Option<Key>> {
        self.key_in_force(include_str!("../sql/key_of_secret.sql"), secret)
            .await
    }

    /// The key in force that opened this session.
    pub async fn key_of_session(&self, token: &str) -> Result<Option<Key>> {
        self.key_in_force(include_str!("../sql/key_of_session.sql"), token)
            .await
    }

    /// Those of these keys that are in force.
    pub async fn keys_in_force(&self, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
        let client = self.client().await?;
        let rows = client.query(include_str!("../sql/keys_in_force.sql"), &[&ids]).await?;
        Ok(rows.iter().map(|row| row.get("id")).collect())
    }

    async fn key_in_force(&self, statement: &str, secret: &str) -> Result<Option<Key>> {
        let client = self.client().await?;
        let row = client.query_opt(statement, &[&hash(secret)]).await?;
        let Some(key) = row.as_ref().map(Key::from_row) else {
            return Ok(None);
        };
        let is_old = |at: DateTime<Utc>| Utc::now() - at > chrono::TimeDelta::minutes(1);
        if key.last_used_at.is_none_or(is_old) {
            client.execute(include_str!("../sql/touch_key.sql"), &[&key.id]).await?;
        }
        Ok(Some(key))
    }

    /// Opens a session of [`SESSION`] for who has shown this key. Returns its token.
    pub async fn open_session(&self, key: &Key) -> Result<Secret> {
        let token = Secret::random("")?;
        let mut client = self.client().await?;
        let tx = client.transaction().await?;
        tx.execute(include_str!("../sql/forget_sessions.sql"), &[]).await?;
        tx.execute(
            include_str!("../sql/open_session.sql"),
            &[&hash(token.reveal()), &key.id, &SESSION.as_secs_f64()],
        )
        .await?;
        audit::note(&tx, &key.name, "session.open", &key.name, &json!({})).await?;
        tx.commit().await?;
        Ok(token)
    }

    pub async fn close_session(&self, token: &str) -> Result<()> {
        let client = self.client().await?;
        client
            .execute(include_str!("../sql/close_session.sql"), &[&hash(token)])
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_may_all_but_make_keys_and_administrators_may_all() {
        let may = |scope: Scope| {
            Scope::ALL
                .iter()
                .map(|other| scope.includes(*other))
                .collect::<Vec<_>>()
        };
        assert_eq!(may(Scope::Upload), [true, false, false, false]);
        assert_eq!(may(Scope::Read), [false, true, false, false]);
        assert_eq!(may(Scope::Operate), [true, true, true, false]);
        assert_eq!(may(Scope::Admin), [true; 4]);
    }

    #[test]
    fn a_secret_is_long_its_own_and_not_shown_by_accident() {
        let (one, other) = (Secret::random("df_").unwrap(), Secret::random("df_").unwrap());
        assert_eq!(one.reveal().len(), "df_".len() + 64);
        assert_ne!(one, other);
        assert_eq!(format!("{one:?}"), "Secret(…)");
    }
}
