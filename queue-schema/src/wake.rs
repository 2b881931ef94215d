//! Keys and scores of the wake-ups in Redis. Redis holds task ids only; Postgres decides which tasks run.

use crate::queue::Queue;

/// Key of the sorted set of a queue's ready tasks. The most urgent task has the lowest score.
pub fn ready_key(queue: Queue) -> String {
    format!("docfleet:ready:{queue}")
}

/// Urgent tasks come before all others. Among equally urgent tasks the lower rank comes first. Ranks are clamped to below 2^44,
/// so the sum is exact in the double in which Redis stores scores.
pub fn score(urgent: bool, rank: i64) -> f64 {
    const BAND: i64 = 1 << 44;
    let band = if urgent { 0 } else { BAND };
    (band + rank.clamp(0, BAND - 1)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgency_beats_rank() {
        assert!(score(true, i64::MAX) < score(false, 0));
        assert!(score(false, 1) < score(false, 2));
    }
}
