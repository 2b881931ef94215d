//! Result of a command: text and tables for people, JSON for programs.

use super::cell::Cell;
use super::screen::Screen;
use super::table::Table;
use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

#[derive(Debug, Clone)]
pub struct View {
    json: Value,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    Line(Cell),
    Table(Table),
}

impl View {
    /// `json` contains everything. Lines and tables are added for people.
    pub fn new(json: impl Serialize) -> Result<View> {
        Ok(View {
            json: serde_json::to_value(json)?,
            parts: Vec::new(),
        })
    }

    pub fn line(mut self, line: impl Into<Cell>) -> View {
        self.parts.push(Part::Line(line.into()));
        self
    }

    pub fn table(mut self, table: Table) -> View {
        self.parts.push(Part::Table(table));
        self
    }

    pub fn json(&self) -> &Value {
        &self.json
    }

    /// Each line ends in a line feed.
    pub fn text(&self, screen: &Screen) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Line(cell) => format!("{}\n", cell.shown(screen.colour)),
            Part::Table(table) => table.text(screen),
        });
        parts.collect()
    }

    pub fn print(&self, as_json: bool) -> Result<()> {
        if as_json {
            return super::json(&self.json);
        }
        super::text(&self.text(&Screen::now()));
        Ok(())
    }
}
