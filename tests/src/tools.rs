//! Tools that `scripts/test-tools.sh` downloads.

use std::path::{Path, PathBuf};
use std::process::Command;

/// axe-core's script.
///
/// # Panics
/// When the tools are missing.
pub fn axe() -> String {
    let file = folder().join("axe.min.js");
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}; `make test` fetches it", file.display()))
}

/// Lets schemathesis test everything in a server's OpenAPI document, with valid and invalid requests and a key that has all
/// scopes. Endless streams are excluded, and so is revoking the key.
///
/// # Panics
/// When the tools are missing, or when schemathesis finds a server error, an undocumented answer, or an answer that should have
/// needed a key.
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
    succeeds(command).await;
}

const LEFT_OUT: &str = r"(events|/keys/\{key\})$";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,ignored_auth";

/// Generates a Python client from a server's OpenAPI document in `folder`, and runs `script` with it: `python3 script base key
/// file`.
///
/// # Panics
/// When the tools are missing, the generator prints a warning, or the script fails.
pub async fn runs_with_client(base: &str, key: &str, folder: &Path, script: &Path, file: &Path) {
    let path = self::folder().join("client");
    let (description, config) = (folder.join("openapi.json"), folder.join("client.json"));
    let asked = reqwest::Client::new().get(format!("{base}/api/v1/openapi.json"));
    let answer = asked.bearer_auth(key).send().await.expect("a server");
    std::fs::write(&description, answer.bytes().await.expect("its description")).expect("a folder for the client");
    std::fs::write(&config, CLIENT).expect("a folder for the client");
    let mut make = tokio::process::Command::new("python3");
    make.args([
        "-m",
        "openapi_python_client",
        "generate",
        "--fail-on-warning",
        "--meta",
        "none",
    ])
    .args(["--path".as_ref(), description.as_os_str()])
    .args(["--output-path".as_ref(), folder.join("docfleet_client").as_os_str()])
    .args(["--config".as_ref(), config.as_os_str()])
    .env("PYTHONPATH", &path);
    succeeds(make).await;
    let mut run = tokio::process::Command::new("python3");
    run.arg(script)
        .args([base, key])
        .arg(file)
        .env(
            "PYTHONPATH",
            std::env::join_paths([folder, &path]).expect("paths without colons"),
        )
        .env("PYTHONDONTWRITEBYTECODE", "1");
    succeeds(run).await;
}

/// The generator knows only one media type for files, and would format the code with a tool that the tests do not install.
const CLIENT: &str = r#"{
    "content_type_overrides": {
        "application/pdf": "application/octet-stream", "image/png": "application/octet-stream",
        "image/jpeg": "application/octet-stream", "image/webp": "application/octet-stream",
        "image/tiff": "application/octet-stream", "application/zip": "application/octet-stream", "text/vnd.hocr+html": "text/html",
        "text/event-stream": "text/html", "application/problem+json": "application/json"
    },
    "post_hooks": []
}"#;

async fn succeeds(mut command: tokio::process::Command) {
    let output = command.output().await.expect("python3 starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn folder() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/test-tools.sh");
    let output = Command::new(script).arg("--folder").output().expect("a shell");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}
