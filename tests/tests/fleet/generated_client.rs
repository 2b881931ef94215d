//! Clients generated from the OpenAPI document.

use crate::support::Fleet;
use fleet_tests::tools;
use std::path::Path;

#[tokio::test]
async fn a_generated_client_uploads_waits_and_downloads() {
    let fleet = Fleet::up(&[]).await;
    let key = fleet.answer(&["keys", "add", "ada", "--scope", "admin"]).unwrap();
    let samples = samples::all().unwrap();
    let letter = samples
        .iter()
        .find(|sample| sample.expected.category == "letter")
        .unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleet/round.py");
    let folder = tempfile::tempdir().unwrap();
    let key = key["secret"].as_str().unwrap();
    tools::runs_with_client(&fleet.gateway(), key, folder.path(), &script, &letter.path).await;
}
