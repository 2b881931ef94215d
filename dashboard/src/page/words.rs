//! Numbers and times for people.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use queue_schema::{Outcome, Policy};
use std::time::Duration;

pub use web::words::{count, seconds};

/// How long ago, or how far ahead. The exact time is in the tooltip.
pub fn when(at: DateTime<Utc>) -> Markup {
    let ago = (Utc::now() - at).as_seconds_f64();
    let text = match ago {
        _ if ago.abs() < 1.0 => "now".to_owned(),
        _ if ago > 0.0 => format!("{} ago", seconds(ago.floor())),
        _ => format!("in {}", seconds((-ago).ceil())),
    };
    html! { time datetime=(at.to_rfc3339()) title=(at.format("%Y-%m-%d %H:%M:%S UTC")) { (text) } }
}

pub fn maybe_when(at: Option<DateTime<Utc>>) -> Markup {
    match at {
        Some(at) => when(at),
        None => html! { span.quiet { "–" } },
    }
}

/// The exact time.
pub fn clock(at: DateTime<Utc>) -> Markup {
    html! { time datetime=(at.to_rfc3339()) { (at.format("%Y-%m-%d %H:%M:%S UTC")) } }
}

/// `1 234 567`
pub fn number(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if n < 0 { format!("-{text}") } else { text }
}

/// A size in KiB as MiB or GiB.
pub fn memory(kib: u64) -> String {
    match kib {
        0..=9_999 => format!("{:.1} MiB", kib as f64 / 1024.0),
        10_000..=1_048_575 => format!("{} MiB", kib / 1024),
        _ => format!("{:.1} GiB", kib as f64 / 1_048_576.0).replace(".0 ", " "),
    }
}

/// How a run ended: a short label and a sentence.
pub fn outcome(name: &str) -> (String, String) {
    match name.parse::<Outcome>() {
        Ok(outcome) => (name.replace('_', " "), format!("The run {}.", outcome.in_words())),
        Err(_) => (name.to_owned(), String::new()),
    }
}

/// The last 8 characters of an id: enough to tell ids apart. An id begins with its time, so its end differs more.
pub fn short(id: uuid::Uuid) -> String {
    let text = id.to_string();
    format!("…{}", &text[text.len() - 8..])
}

fn duration(d: Duration) -> String {
    seconds(d.as_secs_f64())
}

/// The limits of a queue's tasks, one sentence each.
pub fn policy(policy: &Policy) -> Vec<String> {
    vec![
        format!(
            "A task is asked to stop after {} and ended after {}; after {} without progress it is ended too.",
            duration(policy.soft),
            duration(policy.hard),
            duration(policy.stall)
        ),
        format!(
            "Its process is replaced after {} tasks, or when it holds {} after a task; at {} it is ended at once.",
            policy.tasks_per_child,
            memory(policy.recycle_kib),
            memory(policy.kill_kib)
        ),
        format!(
            "A task is tried {} times at most; {} crashes or {} time-outs end it sooner.",
            policy.max_attempts, policy.max_crashes, policy.max_timeouts
        ),
        format!(
            "The second attempt comes after {} at most, each further one after twice as long, up to {}.",
            duration(policy.backoff),
            duration(policy.backoff_max)
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands() {
        assert_eq!(number(1_234_567).replace('\u{202f}', " "), "1 234 567");
        assert_eq!(number(999), "999");
        assert_eq!(number(-1000).replace('\u{202f}', " "), "-1 000");
    }

    #[test]
    fn memory_is_read_in_mebibytes() {
        assert_eq!(memory(2048), "2.0 MiB");
        assert_eq!(memory(700 * 1024), "700 MiB");
        assert_eq!(memory(2 * 1024 * 1024), "2 GiB");
    }
}
