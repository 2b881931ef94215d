//! `--watch`: repeats a query until Ctrl-C. A terminal is redrawn in place. Elsewhere each answer is appended with its time, or
//! as one line of JSON.

use super::cell::{Cell, Tone};
use super::screen::Screen;
use super::view::View;
use anyhow::Result;
use chrono::{Local, SecondsFormat, Utc};
use console::truncate_str;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Shows the result of `look` once, or every `every`.
pub async fn show(every: Option<Duration>, as_json: bool, look: impl AsyncFn() -> Result<View>) -> Result<ExitCode> {
    let Some(every) = every else {
        look().await?.print(as_json)?;
        return Ok(ExitCode::SUCCESS);
    };
    tokio::select! {
        biased;
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        ended = again_and_again(every, as_json, look) => ended?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns once the reader has closed the pipe. The first query must succeed. After that, errors are shown and the query is
/// repeated.
async fn again_and_again(every: Duration, as_json: bool, look: impl AsyncFn() -> Result<View>) -> Result<()> {
    let mut beat = interval(every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = None;
    loop {
        beat.tick().await;
        let trouble = match (look().await, &seen) {
            (Ok(view), _) => {
                seen = Some(view);
                None
            }
            (Err(error), Some(_)) => Some(format!("{error:#}")),
            (Err(error), None) => return Err(error),
        };
        let Some(view) = &seen else { continue };
        let screen = Screen::now();
        let written = match (&trouble, screen.size) {
            (_, Some((width, height))) if !as_json => redraw(view, &screen, width, height, trouble.as_deref()),
            (Some(trouble), _) => writeln!(io::stderr(), "docfleet: {trouble}"),
            (None, _) => append(view, &screen, as_json),
        };
        if written.is_err() {
            return Ok(());
        }
    }
}

fn append(view: &View, screen: &Screen, as_json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if as_json {
        writeln!(out, "{}", view.json())?;
    } else {
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        writeln!(out, "{now}\n{}", view.text(screen))?;
    }
    out.flush()
}

/// Overwrites the screen in a single write, and clears only the rest of each line, so that nothing flickers.
fn redraw(view: &View, screen: &Screen, width: usize, height: usize, trouble: Option<&str>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(frame(view, screen, width, height, trouble).as_bytes())?;
    out.flush()
}

const HOME: &str = "\u{1b}[H";
const CLEAR_LINE: &str = "\u{1b}[K";
const CLEAR_BELOW: &str = "\u{1b}[J";

fn frame(view: &View, screen: &Screen, width: usize, height: usize, trouble: Option<&str>) -> String {
    let now = Local::now().format("%H:%M:%S");
    let title = match trouble {
        Some(trouble) => Cell::new(format!("{now}  as it was before: {trouble}"), Tone::Bad),
        None => Cell::new(format!("{now}  Ctrl-C ends"), Tone::Dim),
    };
    let text = view.text(screen);
    // Minus the title and the line with the cursor.
    let room = height.saturating_sub(2).max(1);
    let all: Vec<&str> = text.lines().collect();
    let shown = if all.len() > room { room - 1 } else { all.len() };
    let mut out = format!("{HOME}{}{CLEAR_LINE}\r\n", title.cut(width).shown(screen.colour));
    for line in &all[..shown] {
        out.push_str(&format!("{}{CLEAR_LINE}\r\n", truncate_str(line, width, "…")));
    }
    if shown < all.len() {
        out.push_str(&format!("… {} more lines{CLEAR_LINE}\r\n", all.len() - shown));
    }
    out.push_str(CLEAR_BELOW);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_not_higher_than_the_terminal() {
        let mut view = View::new(0).unwrap();
        for n in 0..30 {
            view = view.line(n);
        }
        let screen = Screen {
            size: Some((80, 10)),
            colour: false,
        };
        let shown = frame(&view, &screen, 80, 10, None);
        assert_eq!(shown.matches('\n').count(), 9, "{shown:?}");
        assert!(shown.contains("\n6\u{1b}[K\r\n… 23 more lines"), "{shown:?}");
        assert!(frame(&view, &screen, 80, 40, None).contains("\n29\u{1b}[K"));
    }
}
