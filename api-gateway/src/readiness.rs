//! Whether Postgres and the storage answer, asked once for all requests that want to know at the same time: a burst of uploads
//! would otherwise take all connections to ask.

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
