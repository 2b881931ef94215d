//! What `scripts/test-tools.sh` has fetched.

use std::path::{Path, PathBuf};
use std::process::Command;

/// axe-core's script.
///
/// # Panics
/// Where the tools are missing.
pub fn axe() -> String {
    let file = folder().join("axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}; `make test` fetches it", file.display()))
}

/// Lets schemathesis try everything that the OpenAPI document of a server tells of, and what it does not, with a key that may
/// do all. Streams that never end are left out, and how to revoke the key.
///
/// # Panics
/// Where the tools are missing, or schemathesis finds a server error, an answer that is not documented, or one that was given
/// to who showed no key.
pub async fn keeps_its_word(base: &str, key: &str) {
    let mut command = tokio::process::Command::new("python3");
    command
        .args(["-m", "schemathesis.cli", "run", &format!("{base}/api/v1/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {key}")])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "25",
            "--seed",
            "1",
            "--generation-deterministic",
        ])
        .args([
            "--checks",
            CHECKS,
            "--exclude-path-regex",
            LEFT_OUT,
            "--continue-on-failure",
            "--no-color",
        ])
        .args(["--request-timeout", "10"])
        .env("PYTHONPATH", folder().join("python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(std::env::temp_dir());
    let output = command.output().await.expect("python3 starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

const LEFT_OUT: &str = r"(events|/keys/\{key\})$";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,ignored_auth";

fn folder() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/test-tools.sh");
    let output = Command::new(script).arg("--folder").output().expect("a shell");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}
