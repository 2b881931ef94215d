//! What commands answer with: aligned tables for people, JSON for programs.

use serde::Serialize;
use std::io::{IsTerminal, Write};

/// Prints a line to standard output. A reader that went away is no reason to fail.
#[macro_export]
macro_rules! say {
    ($($arg:tt)*) => { $crate::output::line(format_args!($($arg)*)) };
}

pub fn line(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(format_args!("{}", serde_json::to_string_pretty(value)?));
    Ok(())
}

/// How a cell is meant to be taken.
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

#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub fn new(text: impl ToString, tone: Tone) -> Cell {
        Cell {
            text: text.to_string(),
            tone,
        }
    }
}

impl<T: ToString> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell::new(text, Tone::Plain)
    }
}

/// Columns are as wide as their widest cell; those of numbers only are aligned to the right.
#[derive(Debug, Clone)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub fn new(head: &[&'static str]) -> Table {
        Table {
            head: head.to_vec(),
            rows: Vec::new(),
        }
    }

    /// As many cells as there are columns.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        debug_assert_eq!(N, self.head.len());
        self.rows.push(cells.into());
    }

    /// To standard output; coloured on a terminal, unless `NO_COLOR` is set.
    pub fn print(&self) {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let _ = std::io::stdout().write_all(self.text(colour).as_bytes());
    }

    fn text(&self, colour: bool) -> String {
        let columns: Vec<Column> = (0..self.head.len()).map(|i| self.column(i)).collect();
        let mut out = String::new();
        let head: Vec<Cell> = self.head.iter().map(|name| Cell::new(name, Tone::Dim)).collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            let mut line = String::new();
            for (cell, column) in row.iter().zip(&columns) {
                let room = " ".repeat(column.width - cell.text.chars().count());
                let text = match cell.tone.code().filter(|_| colour) {
                    Some(code) => format!("{code}{}\u{1b}[0m", cell.text),
                    None => cell.text.clone(),
                };
                if column.numeric {
                    line.push_str(&room);
                    line.push_str(&text);
                } else {
                    line.push_str(&text);
                    line.push_str(&room);
                }
                line.push_str("  ");
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn column(&self, i: usize) -> Column {
        let cells = || self.rows.iter().filter_map(|row| row.get(i));
        let widest = cells().map(|cell| cell.text.chars().count()).max();
        let is_number = |cell: &Cell| matches!(cell.text.as_str(), "" | "-") || cell.text.parse::<f64>().is_ok();
        Column {
            width: widest.unwrap_or_default().max(self.head[i].chars().count()),
            numeric: !self.rows.is_empty() && cells().all(is_number),
        }
    }
}

struct Column {
    width: usize,
    numeric: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["queue", "depth", "state"]);
        table.row(["ocr".into(), 1200.into(), Cell::new("paused", Tone::Bad)]);
        table.row(["finalize".into(), 3.into(), "".into()]);
        assert_eq!(
            table.text(false),
            "queue     depth  state\nocr        1200  paused\nfinalize      3\n"
        );
        assert!(table.text(true).contains("\u{1b}[31mpaused\u{1b}[0m"));
    }
}
