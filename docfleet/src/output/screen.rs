//! Capabilities of standard output.

use console::Term;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Columns and rows of the terminal. `None`: a file or a pipe, where nothing is truncated.
    pub size: Option<(usize, usize)>,
    pub colour: bool,
}

impl Screen {
    /// Queried each time, because a terminal can be resized.
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
