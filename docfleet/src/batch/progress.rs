//! How a batch goes: a bar on a terminal, a line per file elsewhere. Failures go to standard error, each with its reason.

use super::Outcome;
use crate::say;
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub struct Progress {
    /// On a terminal.
    bar: Option<ProgressBar>,
    /// Standard output holds nothing but JSON.
    quiet: bool,
    files: usize,
    failed: Cell<usize>,
    pages: Cell<u64>,
    started: Instant,
}

impl Progress {
    pub fn new(files: usize, quiet: bool) -> Progress {
        Progress {
            bar: std::io::stderr().is_terminal().then(|| bar(files as u64)),
            quiet,
            files,
            failed: Cell::new(0),
            pages: Cell::new(0),
            started: Instant::now(),
        }
    }

    /// So many pages more have been read.
    pub fn pages(&self, more: u32) {
        self.pages.set(self.pages.get() + u64::from(more));
        self.show();
    }

    pub fn ended(&self, outcome: &Outcome) {
        if !outcome.is_done() {
            self.failed.set(self.failed.get() + 1);
        }
        match &self.bar {
            Some(bar) => bar.suspend(|| self.line(outcome)),
            None => self.line(outcome),
        }
        if let Some(bar) = &self.bar {
            bar.inc(1);
            self.show();
        }
    }

    fn line(&self, outcome: &Outcome) {
        if !outcome.is_done() {
            let (code, message) = (outcome.error_code.as_deref(), outcome.message.as_deref());
            eprintln!(
                "{}  {}  {}: {}",
                outcome.status,
                outcome.file,
                code.unwrap_or("unknown"),
                message.unwrap_or("no reason was given")
            );
        } else if !self.quiet && self.bar.is_none() {
            say!(
                "done  {}  {}  {} pages  {:.1} s",
                outcome.file,
                outcome.category.as_deref().unwrap_or("no category"),
                outcome.pages.unwrap_or_default(),
                outcome.seconds
            );
        }
    }

    fn show(&self) {
        if let Some(bar) = &self.bar {
            let failed = match self.failed.get() {
                0 => String::new(),
                failed => format!(", {failed} failed"),
            };
            bar.set_message(format!("{} pages{failed}", self.pages.get()));
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if !self.quiet {
            say!(
                "{} of {} files done, {} pages, {:.1} s",
                self.files - self.failed.get(),
                self.files,
                self.pages.get(),
                self.started.elapsed().as_secs_f32()
            );
        }
    }
}

fn bar(files: u64) -> ProgressBar {
    const TEMPLATE: &str = "{bar:30} {pos}/{len} files, {msg}  {elapsed}, {eta} left";
    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(files).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}
