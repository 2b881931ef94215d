//! The trace id, which connects all log lines about one upload, from its HTTP request to its last task.

use serde::{Serialize, Serializer};
use std::fmt;
use uuid::Uuid;

/// The trace id of W3C Trace Context: sixteen bytes, written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(Uuid);

impl TraceId {
    pub fn random() -> TraceId {
        TraceId(Uuid::new_v4())
    }

    /// The trace id that the client sent in its `traceparent` header. `None` if the header is not valid by
    /// <https://www.w3.org/TR/trace-context/>.
    pub fn of_traceparent(header: &str) -> Option<TraceId> {
        let mut parts = header.trim().split('-');
        let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_sound = is_hex(version, 2)
            && version != "ff"
            && is_hex(trace, 32)
            && is_hex(parent, 16)
            && is_hex(flags, 2)
            // Later versions may have more parts; version 00 may not.
            && (version != "00" || parts.next().is_none());
        let id = Uuid::try_parse(trace).ok().filter(|id| is_sound && !id.is_nil())?;
        parent.bytes().any(|digit| digit != b'0').then_some(TraceId(id))
    }
}

/// Accepts lowercase letters only.
fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The form that is stored in the database.
impl From<TraceId> for Uuid {
    fn from(id: TraceId) -> Uuid {
        id.0
    }
}

impl From<Uuid> for TraceId {
    fn from(id: Uuid) -> TraceId {
        TraceId(id)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn read(header: &str) -> Option<String> {
        TraceId::of_traceparent(header).map(|id| id.to_string())
    }

    #[test]
    fn a_clients_trace_is_gone_on_with() {
        assert_eq!(read(&format!("00-{ID}-00f067aa0ba902b7-01")).as_deref(), Some(ID));
        assert_eq!(read(&format!("01-{ID}-00f067aa0ba902b7-01-more")).as_deref(), Some(ID));
    }

    #[test]
    fn what_is_no_traceparent_is_left_alone() {
        for wrong in [
            String::new(),
            ID.to_owned(),
            format!("ff-{ID}-00f067aa0ba902b7-01"),
            format!("00-{ID}-00f067aa0ba902b7-01-more"),
            format!("00-{ID}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{}-00f067aa0ba902b7-01", ID.to_uppercase()),
            format!("00-{ID}-00f067aa0ba902b7"),
        ] {
            assert_eq!(read(&wrong), None, "{wrong}");
        }
    }
}
