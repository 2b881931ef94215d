//! How a classifier does on documents whose label is known.

use models::{Classifier, Figures, Judged, LabelledDocument};
use std::collections::BTreeSet;

/// The labels of all documents, and those that the classifier can answer: either may have one that the other has not.
/// Alphabetical.
fn labels_of(classifier: &dyn Classifier, documents: &[LabelledDocument]) -> Vec<String> {
    let labels = documents.iter().map(|d| &d.label).chain(classifier.labels());
    labels.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// One answer. `labels` are alphabetical.
pub fn judge(classifier: &dyn Classifier, document: &LabelledDocument, labels: &[String]) -> Judged {
    let position = |label: &String| labels.binary_search(label).unwrap_or_default();
    let answer = classifier.classify(&document.pages);
    Judged {
        truth: position(&document.label),
        answer: position(&answer.name),
        confidence: answer.confidence,
    }
}

/// All answers; `told` hears of each.
pub fn judge_all(classifier: &dyn Classifier, documents: &[LabelledDocument], mut told: impl FnMut(u32)) -> Figures {
    let labels = labels_of(classifier, documents);
    let answer = |(document, done)| {
        told(done);
        judge(classifier, document, &labels)
    };
    let judged: Vec<Judged> = documents.iter().zip(1..).map(answer).collect();
    Figures::of(&labels, &judged)
}
