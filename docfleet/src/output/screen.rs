//! What standard output can show.

use console::Term;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Columns and rows of a terminal. `None`: a file or a pipe, in which nothing is cut.
    pub size: Option<(usize, usize)>,
    pub colour: bool,
}

impl Screen {
    /// As it is now: a terminal's size changes.
    pub fn now() -> Screen {
        let size = Term::stdout().size_checked();
        Screen {
            size: size.map(|(rows, columns)| (usize::from(columns), usize::from(rows))),
            colour: boot::colour(&std::io::stdout()),
        }
    }

    pub fn width(&self) -> Option<usize> {
        self.size.map(|(width, _)| width)
    }
}
