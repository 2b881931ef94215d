//! Documents that mean harm end with the right code, and the next document is served at once.

use crate::support::Fleet;
use fleet_tests::data_set;
use std::path::PathBuf;

/// File, and the code it must fail with; `None`: done or failed, as long as it ends.
const HOSTILE: &[(&str, &str, Option<&str>)] = &[
    ("hostile", "pdfminersix__aes-128.pdf", Some("encrypted_pdf")),
    ("hostile", "qpdf__69977a.fuzz.pdf", None),
    ("hostile", "qpdf__69977d.fuzz.pdf", None),
    ("hostile", "PdfPig__GHOSTSCRIPT-691770-0.pdf", None),
    ("hostile", "qpdf__xref-compressed-in-compressed.pdf", None),
    ("hostile_made", "flate_bomb_1GiB.pdf", None),
    ("hostile_made", "pages_10000.pdf", Some("too_many_pages")),
];

#[tokio::test]
async fn hostile_documents_end_and_the_next_one_is_done() {
    let Some(_) = data_set("hostile") else { return };
    let fleet = Fleet::up(&[("WORKER_NO_PROGRESS_LIMIT", "20")]).await;
    let mut sent = Vec::new();
    for (set, name, code) in HOSTILE {
        let Some(file) = data_set(set).map(|folder: PathBuf| folder.join(name)) else {
            return;
        };
        sent.push((name, code, fleet.submit(&file)));
    }
    let good = fleet.submit(&samples::documents_dir().join("invoice-de.pdf"));
    assert_eq!(
        fleet.ended(&good).await["status"],
        "done",
        "a good document among hostile ones"
    );
    for (name, code, document) in sent {
        let ended = fleet.ended(&document).await;
        if let Some(code) = code {
            assert_eq!(ended["error"]["code"], **code, "{name}: {ended:#}");
        }
    }
    let good = fleet.submit(&samples::documents_dir().join("letter-de.pdf"));
    assert_eq!(
        fleet.ended(&good).await["status"],
        "done",
        "a good document after hostile ones"
    );
    fleet.stop().await;
}
