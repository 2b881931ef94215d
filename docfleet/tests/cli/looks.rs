//! Tables: they fit a terminal, and are whole elsewhere.

use crate::support::Fleet;
use crate::terminal::{Terminal, widest};
use serde_json::Value;

const LONG_NAME: &str = "a document with a name that no terminal of eighty columns has room for beside an id";
const LOOKS: &[&[&str]] = &[
    &["queues"],
    &["tasks"],
    &["workers"],
    &["status"],
    &["models"],
    &["config"],
    &["doctor"],
];

fn said(fleet: &Fleet, args: &[&str]) -> String {
    String::from_utf8(fleet.call(args).stdout).unwrap()
}

#[test]
fn tables_fit_the_terminal_and_are_whole_elsewhere() {
    let fleet = Fleet::start();
    fleet.process_one(LONG_NAME);
    for columns in [80, 50] {
        for look in LOOKS {
            let (_, shown) = Terminal::run(columns, &fleet.data(), &[], look).end();
            assert!(widest(&shown) <= columns as usize, "{look:?} at {columns}: {shown}");
            assert!(shown.contains("\u{1b}[2m"), "{look:?} has a faint head: {shown}");
        }
    }
    let (_, plain) = Terminal::run(80, &fleet.data(), &[("NO_COLOR", "1")], &["queues"]).end();
    assert!(plain.contains("priority_ocr") && !plain.contains('\u{1b}'), "{plain:?}");

    let whole = said(&fleet, &["status"]);
    assert!(whole.contains(LONG_NAME) && !whole.contains('\u{1b}'), "{whole}");
    let (_, cut) = Terminal::run(80, &fleet.data(), &[], &["status"]).end();
    assert!(cut.contains('…') && !cut.contains(LONG_NAME), "{cut}");

    let documents: Value = serde_json::from_str(&said(&fleet, &["status", "--json"])).unwrap();
    let id = documents["documents"][0]["id"].as_str().unwrap();
    let (_, one) = Terminal::run(80, &fleet.data(), &[], &["status", id]).end();
    assert!(one.contains("finalize") && one.contains("done"), "{one}");
}
