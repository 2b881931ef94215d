//! Log lines of a child. It writes them to its standard error, and its supervisor repeats them in the span of the run. So each
//! line names its task, and a compromised child cannot log in the name of another task.

use tracing::Level;

/// Logs a child's line at the level that it names. Other output, such as that of libraries, is logged at level debug.
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
    // `FromStr` would accept lowercase letters and numbers, too.
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
