//! The position from which a list continues. Opaque to clients: a time and an id in hexadecimal.

use chrono::{DateTime, Utc};
use store::Document;
use uuid::Uuid;
use web::problem::{Problem, Result};

pub struct Cursor;

impl Cursor {
    pub fn encode(last: &Document) -> String {
        // Postgres stores microseconds, so nothing is lost.
        format!("{:016x}{}", last.created_at.timestamp_micros(), last.id.simple())
    }

    pub fn decode(text: &str) -> Result<(DateTime<Utc>, Uuid)> {
        Self::parse(text).ok_or_else(|| Problem::field("cursor", "the next_cursor of the list before, as it was given"))
    }

    fn parse(text: &str) -> Option<(DateTime<Utc>, Uuid)> {
        let (time, id) = text.split_at_checked(16)?;
        let micros = i64::from_str_radix(time, 16).ok()?;
        Some((DateTime::from_timestamp_micros(micros)?, Uuid::try_parse(id).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "x", "000000000000000g", "ffffffffffffffff", "éééééééééééééé"] {
            assert!(Cursor::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_cursor_is_a_time_and_an_id() {
        let id = Uuid::now_v7();
        let (time, same) = Cursor::parse(&format!("{:016x}{}", 1_700_000_000_123_456i64, id.simple())).unwrap();
        assert_eq!((time.timestamp_micros(), same), (1_700_000_000_123_456, id));
    }
}
