//! A whole training, from documents to files.

use models::{Classifier, LabelledDocument, LinearClassifier, TextNet, rng::SplitMix64, text_page};
use std::ops::ControlFlow;
use worker_training::{Outcome, TrainingError, TrainingReport, train_categorizer};

const RECEIPT: &[&str] = &[
    "cash", "change", "till", "cashier", "thank", "shop", "card", "items", "subtotal", "visa",
];
const CONTRACT: &[&str] = &[
    "party",
    "agreement",
    "shall",
    "term",
    "law",
    "hereby",
    "confidential",
    "clause",
    "notice",
];
const BOTH: &[&str] = &[
    "the", "and", "of", "date", "total", "name", "address", "to", "is", "for",
];

fn documents(each: usize) -> Vec<LabelledDocument> {
    let mut rng = SplitMix64::new(11);
    let mut document = |label: &str, words: &[&str]| {
        let mut word = || {
            if rng.chance(0.4) {
                words[rng.below(words.len())]
            } else {
                BOTH[rng.below(BOTH.len())]
            }
        };
        let text = (0..40).map(|_| word()).collect::<Vec<_>>().join(" ");
        LabelledDocument {
            label: label.to_owned(),
            group: None,
            pages: vec![text_page(&text)],
        }
    };
    (0..each)
        .flat_map(|_| [document("receipt", RECEIPT), document("contract", CONTRACT)])
        .collect()
}

#[test]
fn every_candidate_learns_and_is_judged() {
    let folder = tempfile::tempdir().expect("folder");
    let out = folder.path().join("models");
    let mut seen = Vec::new();
    let report = train_categorizer(&documents(20), &out, &mut |progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    })
    .expect("trains");

    assert_eq!(
        (report.documents, report.labels.as_slice()),
        (40, ["contract", "receipt"].map(str::to_owned).as_slice())
    );
    for candidate in &report.candidates {
        let Outcome::Trained { figures, .. } = &candidate.outcome else {
            panic!("{candidate:?}")
        };
        assert_eq!(figures.documents, 40, "each document is judged once");
        assert!(figures.accuracy > 0.9, "{candidate:?}");
    }
    assert!(report.best().is_some());
    assert!(seen.is_sorted_by(|a, b| a.done <= b.done) && seen.last().is_some_and(|p| p.done <= 1.0));

    let written = |name| std::fs::read(out.join(name)).expect("written");
    let linear = LinearClassifier::from_bytes(&written("linear.safetensors")).expect("reads");
    let net = TextNet::from_bytes(&written("text-net.safetensors")).expect("reads");
    for model in [&linear as &dyn Classifier, &net] {
        let page = text_page("this agreement shall be confidential to each party for the term of the law and notice");
        assert_eq!(model.classify(&[page]).name, "contract");
    }
    let json = serde_json::to_value(&report).expect("json");
    assert_eq!(
        (&json["candidates"][0]["name"], &json["candidates"][0]["outcome"]),
        (&"linear".into(), &"trained".into())
    );
    assert_eq!(
        serde_json::from_value::<TrainingReport>(json).expect("reads").best,
        report.best
    );
}

#[test]
fn stops_when_told() {
    let folder = tempfile::tempdir().expect("folder");
    let stopped = train_categorizer(&documents(6), folder.path(), &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(TrainingError::Stopped)));
    assert_eq!(std::fs::read_dir(folder.path()).expect("reads").count(), 0);
}

#[test]
fn says_why_nothing_can_be_learnt() {
    let folder = tempfile::tempdir().expect("folder");
    let receipts: Vec<_> = documents(6).into_iter().filter(|d| d.label == "receipt").collect();
    let error = train_categorizer(&receipts, folder.path(), &mut |_| ControlFlow::Continue(())).expect_err("one label");
    assert!(error.to_string().contains("only receipt"), "{error}");

    let mut few = documents(6);
    few.truncate(9);
    few.iter_mut()
        .take(2)
        .for_each(|document| document.label = "letter".to_owned());
    let error = train_categorizer(&few, folder.path(), &mut |_| ControlFlow::Continue(())).expect_err("two letters");
    assert!(
        error
            .to_string()
            .contains("\"letter\" has 2 labelled documents, 3 are needed"),
        "{error}"
    );
}
