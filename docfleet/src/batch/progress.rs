//! Progress of a batch: a bar on a terminal, a line per file elsewhere. Failures go to standard error, each with its reason.

use super::Outcome;
use super::tally::Tally;
use crate::output::harmless;
use crate::say;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::cell::RefCell;
use std::fmt::Write;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Which finished files get a line. Failed ones always do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    All,
    /// All, except on a terminal, where the bar is enough.
    Plain,
    /// Only failures, because standard output must contain nothing but JSON.
    Failures,
}

#[derive(Debug)]
pub struct Progress {
    /// `None` when the output is no terminal.
    bar: Option<ProgressBar>,
    lines: Lines,
    tally: RefCell<Tally>,
    started: Instant,
}

impl Progress {
    pub fn new(files: usize, lines: Lines) -> Progress {
        let progress = Progress {
            bar: std::io::stderr().is_terminal().then(bar),
            lines,
            tally: RefCell::new(Tally::new(files)),
            started: Instant::now(),
        };
        progress.show();
        if let Some(bar) = &progress.bar {
            bar.set_message("uploading");
        }
        progress
    }

    /// Reports that the `n`th file has `all` pages, of which `read` are read.
    pub fn seen(&self, n: usize, all: Option<u32>, read: u32) {
        self.tally.borrow_mut().seen(n, all, read);
        self.show();
    }

    pub fn ended(&self, n: usize, outcome: &Outcome) {
        self.tally.borrow_mut().ended(n, outcome.is_done());
        match &self.bar {
            Some(bar) => bar.suspend(|| self.line(outcome)),
            None => self.line(outcome),
        }
        self.show();
    }

    fn line(&self, outcome: &Outcome) {
        let id = outcome.document.map(|id| format!("{id}  ")).unwrap_or_default();
        if !outcome.is_done() {
            let (code, message) = (outcome.error_code.as_deref(), outcome.message.as_deref());
            eprintln!(
                "{}  {id}{}  {}: {}",
                outcome.status,
                harmless(&outcome.file),
                code.unwrap_or("unknown"),
                harmless(message.unwrap_or("no reason was given"))
            );
        } else if self.lines == Lines::All || (self.lines == Lines::Plain && self.bar.is_none()) {
            say!(
                "done  {id}{}  {}  {} pages  {:.1} s",
                harmless(&outcome.file),
                harmless(outcome.category.as_deref().unwrap_or("no category")),
                outcome.pages.unwrap_or_default(),
                outcome.seconds
            );
        }
    }

    fn show(&self) {
        let Some(bar) = &self.bar else { return };
        let tally = self.tally.borrow();
        let (all, guessed) = tally.all();
        bar.set_length(all);
        bar.set_position(tally.behind().min(all));
        bar.set_prefix(if guessed { "~" } else { "" });
        bar.set_message(match tally.files_failed() {
            0 => format!("{}/{} files", tally.files_ended(), tally.files()),
            failed => format!("{}/{} files, {failed} failed", tally.files_ended(), tally.files()),
        });
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.lines != Lines::Failures {
            let tally = self.tally.borrow();
            let seconds = self.started.elapsed().as_secs_f64();
            say!(
                "{} of {} files done, {} pages, {seconds:.1} s, {:.1} pages/s",
                tally.files_ended() - tally.files_failed(),
                tally.files(),
                tally.read(),
                tally.read() as f64 / seconds
            );
        }
    }
}

/// `━━━━╸─────  42%  21/50 pages  3.4 pages/s  0:09 left  2/7 files, 1 failed`
const TEMPLATE: &str = "{wide_bar} {percent:>3}%  {pos}/{prefix}{len} pages  {rate}  {left}  {msg}";

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    let style = style
        .progress_chars("━╸─")
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{:.1} pages/s", state.per_sec());
        })
        .with_key("left", |state: &ProgressState, out: &mut dyn Write| {
            let _ = match state.pos() {
                // No estimate yet.
                0 => write!(out, "-:-- left"),
                _ => write!(out, "{} left", clock(state.eta())),
            };
        });
    let bar = ProgressBar::new(1).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// Formats as `1:05` or `2:00:09`. Rounds up, so that the last second is not shown as 0:00.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_clocks_do() {
        let shown = [0.0, 0.2, 65.0, 7209.0].map(|seconds| clock(Duration::from_secs_f64(seconds)));
        assert_eq!(shown, ["0:00", "0:01", "1:05", "2:00:09"]);
    }

    #[test]
    fn the_bar_has_its_template() {
        ProgressStyle::with_template(TEMPLATE).unwrap();
    }
}
