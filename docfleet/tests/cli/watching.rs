//! `--watch`: in place on a terminal, one answer after the other elsewhere, and ended by Ctrl-C.

use crate::support::{Fleet, interrupt};
use crate::terminal::{CTRL_C, Terminal, widest};
use serde_json::Value;

#[test]
fn what_is_watched_is_shown_again_until_ctrl_c() {
    let fleet = Fleet::start();
    for look in ["queues", "tasks", "workers", "status"] {
        let mut watching = fleet.talk(&[look, "--watch=0.1", "--json"]);
        for _ in 0..3 {
            let line = watching.line();
            serde_json::from_str::<Value>(&line).unwrap_or_else(|e| panic!("{look}: {e}: {line}"));
        }
        interrupt(watching.pid());
        assert_eq!(watching.end().0, Some(0), "{look}");
    }

    let mut plain = fleet.talk(&["queues", "--watch=0.1"]);
    plain.until(|text| text.matches("priority_ocr").count() == 2 && text.matches("Z\nqueue").count() == 2);
    interrupt(plain.pid());
    let (code, text) = plain.end();
    assert_eq!(code, Some(0));
    assert!(!text.contains('\u{1b}'), "{text:?}");

    let mut terminal = Terminal::run(80, &fleet.data(), &[], &["queues", "--watch=0.1"]);
    // A frame begins at the upper left corner and clears what is below its last line.
    terminal.until(|text| text.matches("\u{1b}[H").count() >= 3 && text.ends_with("\u{1b}[J"));
    terminal.press(CTRL_C);
    let (code, text) = terminal.end();
    assert_eq!(code, Some(0), "{text:?}");
    assert!(widest(&text) <= 80, "{text:?}");
}

#[test]
fn output_to_a_closed_pipe_ends_quietly() {
    let fleet = Fleet::start();
    let mut watching = fleet.talk(&["queues", "--watch=0.1", "--json"]);
    watching.line();
    assert_eq!(watching.stop_reading(), Some(0));
}
