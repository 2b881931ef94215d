//! Which firings of a schedule are due: a pure function of the pattern, the time zone and two moments.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::errors::CronError;
use queue_schema::schedule::{IN_TIME, Misfire};

/// The firing times after `last` and up to `now` for which tasks are to be enqueued now, oldest first.
///
/// The pattern refers to the wall clock of `zone`. If the clock springs forward over a fixed time, the schedule fires at the
/// first moment after the gap. If it falls back over a fixed time, the schedule fires only the first time. Patterns that
/// repeat every minute or hour follow the wall clock: they do not fire in the gap, and fire both times in the repeated hour.
///
/// # Errors
/// For a pattern that matches no date.
pub fn due(
    cron: &Cron,
    zone: Tz,
    misfire: Misfire,
    last: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>, CronError> {
    let most = match misfire {
        Misfire::Skip | Misfire::Once => 1,
        Misfire::All { most } => most,
    };
    let mut due = Vec::new();
    let mut at = cron.find_previous_occurrence(&now.with_timezone(&zone), true)?;
    while at > last && due.len() < most {
        due.push(at.with_timezone(&Utc));
        at = cron.find_previous_occurrence(&at, false)?;
    }
    if misfire == Misfire::Skip {
        due.retain(|at| *at + IN_TIME >= now);
    }
    due.reverse();
    Ok(due)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Berlin;
    use std::str::FromStr;

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::from_str(text).unwrap()
    }

    fn fires(pattern: &str, zone: Tz, misfire: Misfire, last: &str, now: &str) -> Vec<String> {
        let cron = Cron::from_str(pattern).unwrap();
        let due = due(&cron, zone, misfire, utc(last), utc(now)).unwrap();
        due.iter().map(|at| at.format("%m-%d %H:%M").to_string()).collect()
    }

    fn hourly(misfire: Misfire, last: &str, now: &str) -> Vec<String> {
        fires("0 * * * *", Tz::UTC, misfire, last, now)
    }

    #[test]
    fn fires_once_it_is_time_and_not_again() {
        let last = "2026-05-01T09:00:00Z";
        for misfire in [Misfire::Skip, Misfire::Once, Misfire::All { most: 9 }] {
            assert!(hourly(misfire, last, "2026-05-01T09:59:59Z").is_empty());
            assert_eq!(hourly(misfire, last, "2026-05-01T10:00:00Z"), ["05-01 10:00"]);
            assert_eq!(hourly(misfire, last, "2026-05-01T10:00:00.700Z"), ["05-01 10:00"]);
            assert!(hourly(misfire, "2026-05-01T10:00:00Z", "2026-05-01T10:00:01Z").is_empty());
        }
    }

    #[test]
    fn missed_firings_are_dropped_made_up_for_once_or_made_up_for() {
        let (last, now) = ("2026-05-01T09:00:00Z", "2026-05-01T13:30:00Z");
        assert!(hourly(Misfire::Skip, last, now).is_empty());
        assert_eq!(hourly(Misfire::Once, last, now), ["05-01 13:00"]);
        let two = Misfire::All { most: 2 };
        assert_eq!(hourly(two, last, now), ["05-01 12:00", "05-01 13:00"]);
        assert_eq!(hourly(Misfire::All { most: 9 }, last, now).len(), 4);
    }

    #[test]
    fn one_that_is_hardly_late_is_not_missed() {
        let last = "2026-05-01T09:00:00Z";
        assert_eq!(hourly(Misfire::Skip, last, "2026-05-01T13:00:59Z"), ["05-01 13:00"]);
    }

    #[test]
    fn years_of_silence_cost_no_more_than_one_firing() {
        let last = "1999-01-01T00:00:00Z";
        let every_second = fires(
            "* * * * * *",
            Tz::UTC,
            Misfire::All { most: 3 },
            last,
            "2026-05-01T10:00:02Z",
        );
        assert_eq!(every_second.len(), 3);
    }

    #[test]
    fn a_clock_that_was_put_back_fires_nothing() {
        assert!(hourly(Misfire::Once, "2026-05-01T12:00:00Z", "2026-05-01T11:30:00Z").is_empty());
    }

    /// 2026-03-29: 02:00 becomes 03:00 (01:00 UTC).
    #[test]
    fn a_time_that_the_spring_leaves_out_fires_after_the_gap() {
        let nightly = |last, now| fires("30 2 * * *", Berlin, Misfire::Once, last, now);
        let last = "2026-03-28T01:30:00Z";
        assert!(nightly(last, "2026-03-29T00:59:59Z").is_empty());
        assert_eq!(nightly(last, "2026-03-29T01:00:00Z"), ["03-29 01:00"]);
        assert!(nightly("2026-03-29T01:00:00Z", "2026-03-29T23:00:00Z").is_empty());
        assert_eq!(nightly("2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"), ["03-30 00:30"]);
    }

    /// 2026-10-25: 03:00 becomes 02:00 (01:00 UTC), so 02:30 is shown at 00:30 and at 01:30 UTC.
    #[test]
    fn a_time_that_the_autumn_shows_twice_fires_once() {
        let nightly = |last, now| fires("30 2 * * *", Berlin, Misfire::Once, last, now);
        let last = "2026-10-24T00:30:00Z";
        assert_eq!(nightly(last, "2026-10-25T00:30:00Z"), ["10-25 00:30"]);
        assert!(nightly("2026-10-25T00:30:00Z", "2026-10-25T12:00:00Z").is_empty());
        assert_eq!(nightly(last, "2026-10-25T12:00:00Z"), ["10-25 00:30"]);
    }

    #[test]
    fn an_hourly_pattern_goes_by_the_clock_on_the_wall() {
        let all = Misfire::All { most: 99 };
        let spring = fires(
            "15 * * * *",
            Berlin,
            all,
            "2026-03-29T00:00:00Z",
            "2026-03-29T03:00:00Z",
        );
        assert_eq!(spring, ["03-29 00:15", "03-29 01:15", "03-29 02:15"]);
        let autumn = fires(
            "15 * * * *",
            Berlin,
            all,
            "2026-10-25T00:00:00Z",
            "2026-10-25T03:00:00Z",
        );
        assert_eq!(autumn, ["10-25 00:15", "10-25 01:15", "10-25 02:15"]);
    }
}
