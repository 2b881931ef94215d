//! What a child logs: lines on its standard error, which its supervisor repeats in the span of the run. So each says whose
//! task it is about, and a child that was taken over cannot speak for another's.

use tracing::Level;

/// Logs a child's line as it was meant. What a library prints is for who looks closely.
pub fn repeat(pid: u32, line: &str) {
    match level(line) {
        Some((Level::ERROR, text)) => tracing::error!(pid, "{text}"),
        Some((Level::WARN, text)) => tracing::warn!(pid, "{text}"),
        Some((Level::INFO, text)) => tracing::info!(pid, "{text}"),
        _ => tracing::debug!(pid, "{line}"),
    }
}

fn level(line: &str) -> Option<(Level, &str)> {
    let (word, text) = line.trim_start().split_once(' ')?;
    // `FromStr` would take small letters and numbers, too.
    let known = [Level::ERROR, Level::WARN, Level::INFO];
    let level = known.into_iter().find(|level| level.as_str() == word)?;
    Some((level, text.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_lines_are_told_from_those_of_libraries() {
        assert_eq!(
            level(" WARN no thumbnail of this page page=3"),
            Some((Level::WARN, "no thumbnail of this page page=3"))
        );
        assert_eq!(level("INFO done"), Some((Level::INFO, "done")));
        for other in ["Error in pixReadStream: Unknown format", "3 pages", "", "WARNING: x"] {
            assert_eq!(level(other), None, "{other}");
        }
    }
}
