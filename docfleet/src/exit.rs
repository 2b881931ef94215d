//! Exit codes of all commands. `docfleet --help` lists them.

use std::process::ExitCode;

/// Interrupted by Ctrl-C or SIGTERM. The same code as a shell's for a program that SIGINT ended.
pub const INTERRUPTED: u8 = 130;

pub const ALL: &str = "\
Exit codes:
  0    all well
  1    something failed or was refused; standard error says what
  2    wrong usage, or a wrong setting
  3    the fleet could not start (up); its log says why
  130  interrupted before it was done";

pub const OF_UP: &str = "\
Exit codes: 0 stopped as told, or a fleet is running on the folder already; 2 wrong usage or setting; 3 the fleet could not \
start; its log says why.";

pub const OF_DOCUMENTS: &str = "\
Exit codes: 0 every document is done (submit without --wait: accepted); 1 some failed or were refused, each with its reason on \
standard error; 2 wrong usage or setting; 130 interrupted before all were done.";

pub const OF_DOCTOR: &str = "\
Exit codes: 0 nothing is missing that the fleet cannot do without; 1 something is; 2 wrong usage or setting.";

pub const OF_TRAINING: &str = "\
Exit codes: 0 enqueued, or under way already (with --wait: it ended well); 1 there is nothing to go by (with --wait: or it \
failed); 2 wrong usage or setting; 130 interrupted while waiting, the work goes on.";

pub const OF_WATCHING: &str = "Exit codes: as `docfleet --help` says; Ctrl-C is how --watch ends, with 0.";

pub fn all_well(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
