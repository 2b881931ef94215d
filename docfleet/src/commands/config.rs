//! `docfleet config`

use crate::args::Fleet;
use crate::output::{Cell, Table, Tone, View};
use anyhow::Result;
use serde_json::{Value, json};
use settings::{ALL, Origin, Settings};
use std::process::ExitCode;

/// Shows every setting in force and its origin. Secrets are masked.
pub fn show(fleet: &Fleet, settings: &Settings) -> Result<ExitCode> {
    let all: Vec<Value> = ALL
        .iter()
        .map(|setting| {
            json!({
                "name": setting.name(),
                "value": settings.shown(*setting),
                "origin": settings.origin(*setting).to_string(),
                "default": setting.default(),
                "help": setting.help(),
            })
        })
        .collect();
    View::new(all)?.table(table(settings)).print(fleet.json)?;
    Ok(ExitCode::SUCCESS)
}

fn table(settings: &Settings) -> Table {
    let mut table = Table::new(&["setting", "value", "from", "meaning"])
        .cut(&["value", "meaning"])
        .spare(&["meaning"]);
    for setting in ALL {
        let origin = settings.origin(*setting);
        let tone = if origin == Origin::Default {
            Tone::Dim
        } else {
            Tone::Good
        };
        table.row([
            setting.name().into(),
            Cell::new(settings.shown(*setting), tone),
            Cell::new(origin, tone),
            setting.help().into(),
        ]);
    }
    table
}
