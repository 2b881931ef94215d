//! A real training: from uploads with a category to a model with its figures.

use crate::support::Fleet;
use fleet_tests::wait_for;
use std::path::Path;
use std::process::Command;

/// Four documents per category are few, but these are easy to tell apart.
const LETTERS: [&str; 4] = ["holiday in May", "leaking roof", "late delivery", "new address"];
const PARTS: [&str; 4] = ["gear wheel", "hex bolt", "ball bearing", "drive belt"];

#[tokio::test]
async fn documents_with_a_category_train_a_model() {
    let fleet = Fleet::up(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut documents = Vec::new();
    for (n, (subject, part)) in LETTERS.iter().zip(PARTS).enumerate() {
        let letter = format!("Dear neighbours, we write to you about the {subject}. Kind regards, the committee");
        let sheet =
            format!("Data sheet {n}: {part}, steel, tensile strength 800 MPa, tolerance 0.01 mm, weight {n} kg");
        for (category, text) in [("complaint", letter), ("datasheet", sheet)] {
            let file = folder.path().join(format!("{category}-{n}.pdf"));
            write_pdf(&text, &file);
            documents.push(fleet.submit_as(&file, category));
        }
    }
    for document in &documents {
        let ended = fleet.ended(document).await;
        assert_eq!(ended["status"], "done");
        assert_eq!(ended["category"]["source"], "upload");
    }
    let trained = wait_for("the training", async || fleet.answer(&["train", "--wait"])).await;
    assert_eq!(trained["state"], "done", "{trained:#}");
    let models = fleet.answer(&["models"]).expect("an answer");
    let models = models.as_array().unwrap();
    assert_eq!(models.len(), 1);
    assert_eq!(models[0]["active"], true);
    let candidates = models[0]["figures"]["report"]["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 2, "the linear one and the network: {candidates:?}");
    assert!(models[0]["figures"]["macro_f1"].as_f64().unwrap() > 0.5);

    // From now on the model categorizes, until another one is activated.
    let write = |name: &str, subject: &str| {
        let file = folder.path().join(name);
        write_pdf(
            &format!("Dear neighbours, we write to you about the {subject}. Kind regards, the committee"),
            &file,
        );
        file
    };
    let lift = fleet.submit(&write("lift.pdf", "broken lift"));
    let lift = fleet.ended(&lift).await;
    assert_eq!(
        (&lift["category"]["name"], &lift["category"]["source"]),
        (&"complaint".into(), &"model".into())
    );
    let unknown = fleet.refusal(&["activate", lift["id"].as_str().unwrap()]);
    assert!(unknown.contains("project default has no model"), "{unknown}");
    fleet.answer(&["activate", "starter"]).expect("an answer");
    let cellar = fleet.submit(&write("cellar.pdf", "wet cellar"));
    let category = &fleet.ended(&cellar).await["category"]["name"];
    assert_ne!(category, "complaint", "docfleet's own classifier has never heard of it");
    let model = models[0]["id"].as_str().unwrap().to_owned();
    fleet.answer(&["activate", &model]).expect("an answer");

    // The evaluation uses documents newer than the model. A document of its training is not new when it is uploaded again.
    let again = fleet.submit_as(&folder.path().join("complaint-0.pdf"), "complaint");
    fleet.ended(&again).await;
    let none = fleet.refusal(&["evaluate", "--wait"]);
    assert!(none.contains("new to its model"), "{none}");
    let another = fleet.submit_as(&write("gate.pdf", "broken gate"), "complaint");
    fleet.ended(&another).await;
    let evaluated = fleet.answer(&["evaluate", "--wait"]).expect("an answer");
    assert_eq!(evaluated["state"], "done", "{evaluated:#}");
    let models = fleet.answer(&["models"]).expect("an answer");
    let evaluations = models[0]["figures"]["evaluations"].as_array().unwrap();
    assert_eq!(
        (evaluations.len(), &evaluations[0]["documents"]),
        (1, &serde_json::json!(1)),
        "{evaluations:?}"
    );
    fleet.stop().await;
}

/// A page of text in Helvetica, which every reader has.
fn write_pdf(text: &str, target: &Path) {
    use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};
    let (catalog, tree, page, font, content) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4), Ref::new(5));
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([page]).count(1);
    let mut leaf = pdf.page(page);
    leaf.media_box(Rect::new(0.0, 0.0, 595.0, 842.0))
        .parent(tree)
        .contents(content);
    leaf.resources().fonts().pair(Name(b"F"), font);
    leaf.finish();
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    let mut show = Content::new();
    show.begin_text().set_font(Name(b"F"), 12.0);
    let words: Vec<&str> = text.split(' ').collect();
    for (n, line) in words.chunks(8).enumerate() {
        show.set_text_matrix([1.0, 0.0, 0.0, 1.0, 60.0, 760.0 - 18.0 * n as f32])
            .show(Str(line.join(" ").as_bytes()));
    }
    show.end_text();
    pdf.stream(content, &show.finish());
    std::fs::write(target, pdf.finish()).expect("the target can be written");
    let said = Command::new("pdftotext")
        .arg(target)
        .arg("-")
        .output()
        .expect("pdftotext");
    assert!(
        String::from_utf8_lossy(&said.stdout).contains(words[0]),
        "the PDF holds its text"
    );
}
