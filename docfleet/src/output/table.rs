//! Aligned columns that fit a terminal. Some columns are truncated when room is scarce; if that is not enough, some are left
//! out. A file or a pipe gets all columns in full.

use super::cell::{Cell, Tone};
use super::screen::Screen;

const GAP: &str = "  ";
/// Least width of a truncated column.
const LEAST: usize = 12;

/// Columns are as wide as their widest cell. Columns of only numbers are right-aligned.
#[derive(Debug, Clone)]
pub struct Table {
    head: Vec<&'static str>,
    cut: &'static [&'static str],
    spare: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub fn new(head: &[&'static str]) -> Table {
        Table {
            head: head.to_vec(),
            cut: &[],
            spare: &[],
            rows: Vec::new(),
        }
    }

    /// Names the columns that may be truncated.
    pub fn cut(self, cut: &'static [&'static str]) -> Table {
        debug_assert!(cut.iter().all(|name| self.head.contains(name)));
        Table { cut, ..self }
    }

    /// Names the columns that may be left out, in this order.
    pub fn spare(self, spare: &'static [&'static str]) -> Table {
        debug_assert!(spare.iter().all(|name| self.head.contains(name)));
        Table { spare, ..self }
    }

    /// Adds a row with a cell for each column.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        debug_assert_eq!(N, self.head.len());
        self.rows.push(cells.into());
    }

    pub fn text(&self, screen: &Screen) -> String {
        let columns = self.columns(screen.width());
        let head: Vec<Cell> = self.head.iter().map(|name| Cell::new(name, Tone::Dim)).collect();
        let mut out = String::new();
        for row in std::iter::once(&head).chain(&self.rows) {
            out.push_str(&line(row, &columns, screen.colour));
            out.push('\n');
        }
        if let Some(left_out) = self.left_out(&columns) {
            let width = screen.width().unwrap_or(usize::MAX);
            out.push_str(&Cell::new(left_out, Tone::Dim).cut(width).shown(screen.colour));
            out.push('\n');
        }
        out
    }

    /// The columns that fit `room`, each with its width.
    fn columns(&self, room: Option<usize>) -> Vec<Column> {
        let mut columns: Vec<Column> = (0..self.head.len()).map(|i| self.column(i)).collect();
        let Some(room) = room else {
            return columns;
        };
        let mut spare = self.spare.iter();
        while columns.len() > 1 && least(&columns) > room {
            let wanted = spare
                .next()
                .and_then(|name| columns.iter().position(|column| self.head[column.index] == *name));
            columns.remove(wanted.unwrap_or(columns.len() - 1));
        }
        fit(&mut columns, room);
        columns
    }

    fn column(&self, index: usize) -> Column {
        let cells = || self.rows.iter().filter_map(|row| row.get(index));
        let head = Cell::from(self.head[index]).width();
        let width = cells().map(Cell::width).max().unwrap_or_default().max(head);
        let may_be_cut = self.cut.contains(&self.head[index]);
        Column {
            index,
            width,
            least: if may_be_cut { width.min(LEAST.max(head)) } else { width },
            numeric: !self.rows.is_empty() && cells().all(Cell::is_number),
        }
    }

    fn left_out(&self, shown: &[Column]) -> Option<String> {
        let is_shown = |i: usize| shown.iter().any(|column| column.index == i);
        let left_out = (0..self.head.len()).filter(|i| !is_shown(*i)).map(|i| self.head[i]);
        let names: Vec<&str> = left_out.collect();
        (!names.is_empty()).then(|| format!("too narrow for: {}", names.join(", ")))
    }
}

#[derive(Debug, Clone, Copy)]
struct Column {
    index: usize,
    width: usize,
    /// The width down to which it may be truncated.
    least: usize,
    numeric: bool,
}

fn gaps(columns: &[Column]) -> usize {
    GAP.len() * columns.len().saturating_sub(1)
}

fn least(columns: &[Column]) -> usize {
    gaps(columns) + columns.iter().map(|column| column.least).sum::<usize>()
}

/// Divides the remaining room among the truncatable columns. Those that need little are served first, so they get all they
/// need.
fn fit(columns: &mut [Column], room: usize) {
    let mut left = room.saturating_sub(least(columns));
    let mut wanting: Vec<&mut Column> = columns
        .iter_mut()
        .filter(|column| column.least < column.width)
        .collect();
    wanting.sort_by_key(|column| column.width - column.least);
    let mut others = wanting.len();
    for column in wanting {
        let more = (column.width - column.least).min(left / others);
        column.width = column.least + more;
        left -= more;
        others -= 1;
    }
    if let [only] = columns {
        only.width = only.width.min(room);
    }
}

fn line(row: &[Cell], columns: &[Column], colour: bool) -> String {
    let mut line = String::new();
    for column in columns {
        let cell = row[column.index].cut(column.width);
        let room = " ".repeat(column.width.saturating_sub(cell.width()));
        let text = cell.shown(colour);
        let (first, second) = if column.numeric { (room, text) } else { (text, room) };
        line.extend([first.as_str(), second.as_str(), GAP]);
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: Screen = Screen {
        size: None,
        colour: false,
    };

    fn terminal(width: usize) -> Screen {
        Screen {
            size: Some((width, 24)),
            colour: false,
        }
    }

    fn documents() -> Table {
        let mut table = Table::new(&["document", "pages", "category", "file", "error"])
            .cut(&["file", "error"])
            .spare(&["category", "pages"]);
        table.row([
            "0192aaaa".into(),
            12.into(),
            "invoice".into(),
            "a rather long name of a file.pdf".into(),
            "the password is needed to open this file".into(),
        ]);
        table.row([
            "0192bbbb".into(),
            "-".into(),
            "-".into(),
            "請求書.pdf".into(),
            "".into(),
        ]);
        table
    }

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["queue", "depth", "state"]);
        table.row(["ocr".into(), 1200.into(), Cell::new("paused", Tone::Bad)]);
        table.row(["finalize".into(), 3.into(), "".into()]);
        assert_eq!(
            table.text(&FILE),
            "queue     depth  state\nocr        1200  paused\nfinalize      3\n"
        );
        let coloured = table.text(&Screen { colour: true, ..FILE });
        assert!(coloured.contains("\u{1b}[31mpaused\u{1b}[0m"));
    }

    #[test]
    fn what_is_too_wide_is_cut_and_no_line_is_wider_than_the_terminal() {
        for width in 1..140 {
            for line in documents().text(&terminal(width)).lines() {
                assert!(console::measure_text_width(line) <= width, "{width}: {line:?}");
            }
        }
        assert_eq!(
            documents().text(&terminal(64)),
            "document  pages  category  file               error\n\
             0192aaaa     12  invoice   a rather long na…  the password is n…\n\
             0192bbbb      -  -         請求書.pdf\n"
        );
    }

    #[test]
    fn columns_are_left_out_in_the_order_given_and_it_is_said() {
        let narrow = documents().text(&terminal(44));
        assert!(narrow.starts_with("document  pages  file"), "{narrow}");
        assert!(narrow.ends_with("too narrow for: category\n"), "{narrow}");
        let narrower = documents().text(&terminal(36));
        assert!(narrower.ends_with("too narrow for: pages, category\n"), "{narrower}");
    }

    #[test]
    fn nothing_is_cut_outside_a_terminal() {
        let whole = documents().text(&FILE);
        assert!(whole.contains("a rather long name of a file.pdf  the password is needed to open this file"));
    }
}
