//! A piece of text and its tone.

use console::{measure_text_width, truncate_str};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Bad,
    Dim,
}

impl Tone {
    /// ANSI: green, red, faint.
    fn code(self) -> Option<&'static str> {
        match self {
            Tone::Plain => None,
            Tone::Good => Some("\u{1b}[32m"),
            Tone::Bad => Some("\u{1b}[31m"),
            Tone::Dim => Some("\u{1b}[2m"),
        }
    }
}

/// Replaces control characters: file names and error messages are untrusted, and a terminal would obey control sequences.
pub fn harmless(text: impl ToString) -> String {
    text.to_string().replace(char::is_control, "\u{fffd}")
}

#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub fn new(text: impl ToString, tone: Tone) -> Cell {
        Cell {
            text: harmless(text),
            tone,
        }
    }

    /// In columns of a terminal.
    pub fn width(&self) -> usize {
        measure_text_width(&self.text)
    }

    pub fn is_number(&self) -> bool {
        matches!(self.text.as_str(), "" | "-") || self.text.parse::<f64>().is_ok()
    }

    /// Truncates to `width`, with an ellipsis at the end.
    pub fn cut(&self, width: usize) -> Cell {
        Cell {
            text: truncate_str(&self.text, width, "…").into_owned(),
            tone: self.tone,
        }
    }

    pub fn shown(&self, colour: bool) -> String {
        match self.tone.code().filter(|_| colour) {
            Some(code) => format!("{code}{}\u{1b}[0m", self.text),
            None => self.text.clone(),
        }
    }
}

impl<T: ToString> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell::new(text, Tone::Plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_that_of_a_terminal() {
        assert_eq!(Cell::from("請求書.pdf").width(), 10);
        assert_eq!(Cell::from("請求書.pdf").cut(6).shown(false), "請求…");
        assert_eq!(Cell::from("e\u{301}t\u{e9}").width(), 3);
    }

    #[test]
    fn a_terminal_is_given_no_orders() {
        let named = Cell::from("a\u{1b}]0;owned\u{7}\n.pdf");
        assert_eq!(named.shown(true), "a\u{fffd}]0;owned\u{fffd}\u{fffd}.pdf");
    }
}
