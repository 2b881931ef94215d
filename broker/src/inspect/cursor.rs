//! Cursors for paging through lists of tasks. The list of each state has an order of its own, so a cursor names the state.

use chrono::{DateTime, Utc};
use queue_schema::{Queue, State};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The sort key of the last task that was listed. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskCursor {
    pub state: State,
    /// Used for ready tasks, with the two members that follow.
    pub queue: Queue,
    pub urgent: bool,
    pub rank: i64,
    /// Used for scheduled and ended tasks. Postgres stores microseconds, so nothing is lost.
    pub at: DateTime<Utc>,
    pub id: Uuid,
}

impl fmt::Display for TaskCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TaskCursor {
            state,
            queue,
            urgent,
            rank,
            at,
            id,
        } = self;
        let urgent = u8::from(*urgent);
        write!(
            f,
            "{state}.{queue}.{urgent}.{rank}.{}.{}",
            at.timestamp_micros(),
            id.simple()
        )
    }
}

impl FromStr for TaskCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<TaskCursor, ()> {
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(());
        let cursor = TaskCursor {
            state: next()?.parse().map_err(|_| ())?,
            queue: next()?.parse().map_err(|_| ())?,
            urgent: next()? == "1",
            rank: next()?.parse().map_err(|_| ())?,
            at: next()?
                .parse()
                .ok()
                .and_then(DateTime::from_timestamp_micros)
                .ok_or(())?,
            id: Uuid::try_parse(next()?).map_err(|_| ())?,
        };
        if parts.next().is_some() { Err(()) } else { Ok(cursor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = TaskCursor {
            state: State::Dead,
            queue: Queue::PriorityOcr,
            urgent: true,
            rank: -7,
            at: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap(),
            id: Uuid::now_v7(),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "ready",
            "ready.ocr.1.x.0.y",
            "dead.ocr.0.0.9223372036854775807.00",
            "é.é.é",
        ] {
            assert_eq!(text.parse::<TaskCursor>(), Err(()), "{text}");
        }
    }
}
