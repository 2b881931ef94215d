//! Evaluates a classifier on documents whose label is known.

use models::{Classifier, Figures, Judged, LabelledDocument};
use std::collections::BTreeSet;

/// All labels, sorted: those of the documents and those of the classifier. Either may have a label that the other has not.
fn labels_of(classifier: &dyn Classifier, documents: &[LabelledDocument]) -> Vec<String> {
    let labels = documents.iter().map(|d| &d.label).chain(classifier.labels());
    labels.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

/// Judges one answer. `labels` are sorted.
pub fn judge(classifier: &dyn Classifier, document: &LabelledDocument, labels: &[String]) -> Judged {
    let position = |label: &String| labels.binary_search(label).unwrap_or_default();
    let answer = classifier.classify(&document.pages);
    Judged {
        truth: position(&document.label),
        answer: position(&answer.name),
        confidence: answer.confidence,
    }
}

/// Judges all answers. `told` gets the number of documents done.
pub fn judge_all(classifier: &dyn Classifier, documents: &[LabelledDocument], mut told: impl FnMut(u32)) -> Figures {
    let labels = labels_of(classifier, documents);
    let answer = |(document, done)| {
        told(done);
        judge(classifier, document, &labels)
    };
    let judged: Vec<Judged> = documents.iter().zip(1..).map(answer).collect();
    Figures::of(&labels, &judged)
}
