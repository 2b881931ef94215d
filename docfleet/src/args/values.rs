//! Values of flags that are words of a known set, so that `--help` lists them and shells complete them, or times.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use queue_schema::document::Stage;
use queue_schema::{Queue, State, UnknownName};
use std::time::Duration;

pub fn queue() -> impl TypedValueParser<Value = Queue> {
    one_of(Queue::ALL.iter().map(|queue| queue.as_str()))
}

pub fn state() -> impl TypedValueParser<Value = State> {
    one_of(State::ALL.iter().map(|state| state.as_str()))
}

pub fn stage() -> impl TypedValueParser<Value = Stage> {
    one_of(Stage::ALL.iter().map(|stage| stage.as_str()))
}

fn one_of<T>(words: impl Iterator<Item = &'static str>) -> impl TypedValueParser<Value = T>
where
    T: std::str::FromStr<Err = UnknownName> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}

/// Seconds between two looks.
pub fn interval(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "give a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|time| *time >= SHORTEST)
        .ok_or_else(|| format!("give a number of seconds from {} on", SHORTEST.as_secs_f32()))
}

/// More often would only burden the fleet.
const SHORTEST: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_neither_nothing_nor_for_ever() {
        assert_eq!(interval("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["0", "-1", "nan", "1e300", "often"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
