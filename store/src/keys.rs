//! API keys and the sessions that they open: authentication and authorization. Secrets are shown once and stored hashed.

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
    /// What a key allows.
    #[derive(ToSchema)]
    #[schema(rename_all = "lowercase")]
    Scope {
        /// Upload documents, and follow, retry or cancel them.
        Upload = "upload",
        /// See documents, results, queues and tasks.
        Read = "read",
        /// All of the above; also see payloads, operate queues, tasks and workers, and delete documents.
        Operate = "operate",
        /// All of the above; also manage keys.
        Admin = "admin",
    }
}

impl Scope {
    /// Whether a key with scope `self` may do what `other` allows.
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
    /// The projects to which the key is restricted; `None`: it is valid for all.
    pub projects: Option<Vec<String>>,
    /// Who created it.
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    /// `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Accurate to a minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Key {
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|own| own.includes(scope))
    }

    /// The documents that the key may read.
    pub fn sees(&self) -> Reach {
        self.reach(Scope::Read)
    }

    /// The documents that the key may change.
    pub fn acts_on(&self) -> Reach {
        self.reach(Scope::Operate)
    }

    /// Without the scope, the key reaches only documents that were uploaded with it.
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
            // Scopes that only a newer build knows are dropped, so they allow nothing here.
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

/// A key to be created.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Owner; recorded in the audit log.
    pub name: String,
    pub scopes: Vec<Scope>,
    /// The projects to which the key is restricted; `None`: it is valid for all.
    pub projects: Option<Vec<String>>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl NewKey {
    /// A key for all projects that never expires.
    pub fn new(name: impl Into<String>, scopes: &[Scope]) -> NewKey {
        NewKey {
            name: name.into(),
            scopes: scopes.to_vec(),
            projects: None,
            expires_at: None,
        }
    }
}

/// The secret of a key or session. Its `Debug` output hides the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// 256 random bits. The prefix tells people and secret scanners what kind of secret it is.
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

/// The hash that is stored instead of a secret.
fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// Lifetime of a session: as long as a working day, so that users sign in once each morning.
pub const SESSION: Duration = Duration::from_secs(12 * 3600);
const LONGEST_NAME: usize = 64;

impl Store {
    /// Whether a key was ever created. From then on, every request needs one.
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

    /// Creates a key. Only here is its secret returned.
    ///
    /// # Errors
    /// `Refused` for a name that a key in force has, an invalid name or project, no scope, an expiry in the past, or a first
    /// key that is not for admin and all projects.
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

    /// Revokes a key and its sessions.
    pub async fn revoke_key(&self, name_or_id: &str, who: &str) -> Result<Key> {
        // Postgres cannot store U+0000 in text, so no key has such a name.
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

    /// Opens a session with this key, which lasts for [`SESSION`]. Returns its token.
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
