//! When a request is refused before its end, the rest of its body is read and discarded for a while. A client that is still
//! sending would otherwise see a reset connection instead of the answer.

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use std::time::Duration;

/// How much, and for how long, is read after a refusal.
const MOST_BYTES: u64 = 1 << 30;
const LONGEST: Duration = Duration::from_secs(10);

/// A client that sent `Expect: 100-continue` has not sent its body yet, so there is nothing to discard.
pub fn is_sending(headers: &HeaderMap) -> bool {
    !headers.contains_key(header::EXPECT)
}

/// Discards in the background what a refused client still sends.
pub fn linger(headers: &HeaderMap, body: Body) {
    if is_sending(headers) {
        tokio::spawn(throw_away(body.into_data_stream()));
    }
}

/// Reads and discards up to a limit of bytes and time. After that, the connection is closed.
pub async fn throw_away(mut body: BodyDataStream) {
    let reading = async {
        let mut left = MOST_BYTES;
        while let Some(Ok(chunk)) = body.next().await {
            left = left.saturating_sub(chunk.len() as u64);
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(LONGEST, reading).await;
}
