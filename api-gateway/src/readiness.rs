//! Checks whether Postgres and the storage answer. Concurrent requests share one check, so that a burst of uploads does not use
//! up all database connections.

use store::Store;
use tokio::sync::Mutex;
use tokio::time::Instant;
use web::problem::Result;

#[derive(Debug, Default)]
pub struct Readiness {
    last: Mutex<Option<(Instant, Result<()>)>>,
}

impl Readiness {
    /// # Errors
    /// The reason why no upload could be accepted.
    pub async fn check(&self, store: &Store) -> Result<()> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((at, answer)) = last.as_ref()
            && *at >= asked
        {
            return answer.clone();
        }
        let answer = store.is_ready().await.map_err(Into::into);
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}
