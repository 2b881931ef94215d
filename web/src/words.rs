//! Numbers and sentences for people.

/// `3.2 s`, `4 min`, `2 h 5 min`, `3 d`
pub fn seconds(s: f64) -> String {
    let whole = s.max(0.0).round() as u64;
    match whole {
        _ if s < 0.0995 => format!("{:.0} ms", s.max(0.0) * 1000.0),
        _ if s < 9.95 => format!("{s:.1} s"),
        0..=99 => format!("{whole} s"),
        100..=5999 => format!("{} min", whole / 60),
        6000..=172_799 => {
            let (hours, minutes) = (whole / 3600, whole % 3600 / 60);
            if hours < 10 && minutes > 0 {
                format!("{hours} h {minutes} min")
            } else {
                format!("{hours} h")
            }
        }
        _ => format!("{} d", whole / 86400),
    }
}

/// `1 task`, `2 tasks`
pub fn count(n: i64, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

/// Begins with a capital and ends with a full stop.
pub fn sentence(text: &str) -> String {
    let text = capital(text.trim());
    match text.chars().last() {
        None | Some('.' | '!' | '?') => text,
        Some(_) => text + ".",
    }
}

/// Begins with a capital.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end() {
        assert_eq!(
            sentence("the file is encrypted; send it without a password"),
            "The file is encrypted; send it without a password."
        );
        assert_eq!(sentence("Éteint."), "Éteint.");
        assert_eq!(sentence(" "), "");
    }

    #[test]
    fn times_are_short() {
        let shown: Vec<String> = [0.004, 0.32, 9.94, 42.4, 125.0, 7500.0, 90_000.0, 200_000.0]
            .into_iter()
            .map(seconds)
            .collect();
        assert_eq!(
            shown,
            ["4 ms", "0.3 s", "9.9 s", "42 s", "2 min", "2 h 5 min", "25 h", "2 d"]
        );
    }
}
