//! Completions, as bash itself makes them; of the other shells' scripts only that they are there, as neither need be installed.

use crate::support::{DOCFLEET, docfleet};
use std::process::Command;

/// What bash offers for the last of these words.
fn offered(words: &[&str]) -> String {
    let line = words.join(" ");
    let script = format!(
        "source <('{DOCFLEET}' completions bash); COMP_WORDS=({line}); COMP_CWORD={}; \
         _docfleet docfleet '{}' '{}'; echo \"${{COMPREPLY[@]}}\"",
        words.len() - 1,
        words[words.len() - 1],
        words[words.len() - 2],
    );
    let output = Command::new("bash").args(["--norc", "-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn bash_completes_commands_flags_and_names_of_queues() {
    assert_eq!(offered(&["docfleet", "pau"]), "pause");
    assert_eq!(offered(&["docfleet", "queues", "--wat"]), "--watch");
    assert_eq!(
        offered(&["docfleet", "tasks", "--queue", "priority_e"]),
        "priority_extract"
    );
}

#[test]
fn every_shell_has_a_script_that_knows_every_command() {
    let tmp = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let output = docfleet(&tmp).args(["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        for command in ["process", "submit", "drain", "completions"] {
            assert!(script.contains(command), "{shell}: no {command}");
        }
    }
}
