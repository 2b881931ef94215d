use settings::Settings;
use std::path::PathBuf;

/// A fleet's private storage: a Postgres database, a Redis database and a storage folder.
#[derive(Debug, Clone)]
pub struct Home {
    pub(crate) database_url: String,
    pub(crate) broker_url: String,
    pub(crate) storage: PathBuf,
}

impl Home {
    pub fn settings(&self) -> Settings {
        self.settings_with(&[])
    }

    /// # Panics
    /// When a value is wrong.
    pub fn settings_with(&self, more: &[(&str, &str)]) -> Settings {
        let more = more
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::from_pairs(self.env().into_iter().chain(more), []).unwrap_or_else(|e| panic!("{e}"))
    }

    /// The environment for a process of this fleet.
    pub fn env(&self) -> Vec<(String, String)> {
        vec![
            ("DATABASE_URL".into(), self.database_url.clone()),
            ("BROKER_URL".into(), self.broker_url.clone()),
            ("STORAGE_URL".into(), format!("file://{}", self.storage.display())),
        ]
    }

    /// The URL of Redis.
    pub fn broker_url(&self) -> &str {
        &self.broker_url
    }

    /// The folder that `STORAGE_URL` names.
    pub fn storage(&self) -> &std::path::Path {
        &self.storage
    }
}
