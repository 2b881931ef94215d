//! Quality of a classifier, measured on documents that it was not trained on.

use crate::calibration::calibration_error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Documents judged.
    pub documents: usize,
    /// Fraction of documents with the right label.
    pub accuracy: f64,
    /// Mean of the labels' F1, each label weighted equally. Labels that neither a document nor an answer has are left out.
    pub macro_f1: f64,
    /// Expected calibration error of the confidences; 0 is perfect.
    pub calibration_error: f64,
    pub labels: BTreeMap<String, LabelFigures>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LabelFigures {
    pub documents: usize,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

/// One judged document: true label, answer, and confidence of the answer. Labels are positions in the list of labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    pub truth: usize,
    pub answer: usize,
    pub confidence: f32,
}

impl Figures {
    /// Counts judged documents.
    pub fn of(labels: &[String], judged: &[Judged]) -> Figures {
        let per_label: BTreeMap<String, LabelFigures> = labels
            .iter()
            .enumerate()
            .map(|(i, label)| (label.clone(), label_figures(i, judged)))
            .collect();
        let met = (0..labels.len())
            .filter(|i| judged.iter().any(|j| j.truth == *i || j.answer == *i))
            .count();
        let right = |j: &Judged| j.truth == j.answer;
        let confidences: Vec<(f32, bool)> = judged.iter().map(|j| (j.confidence, right(j))).collect();
        Figures {
            documents: judged.len(),
            accuracy: ratio(judged.iter().filter(|j| right(j)).count(), judged.len()),
            macro_f1: per_label.values().map(|l| l.f1).sum::<f64>() / met.max(1) as f64,
            calibration_error: calibration_error(&confidences),
            labels: per_label,
        }
    }
}

fn label_figures(label: usize, judged: &[Judged]) -> LabelFigures {
    let documents = judged.iter().filter(|j| j.truth == label).count();
    let answered = judged.iter().filter(|j| j.answer == label).count();
    let right = judged.iter().filter(|j| j.truth == label && j.answer == label).count();
    LabelFigures {
        documents,
        precision: ratio(right, answered),
        recall: ratio(right, documents),
        f1: ratio(2 * right, documents + answered),
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_and_recall_are_told_apart() {
        let judge = |truth, answer| Judged {
            truth,
            answer,
            confidence: 1.0,
        };
        let figures = Figures::of(
            &["a".into(), "b".into()],
            &[judge(0, 0), judge(0, 1), judge(1, 1), judge(1, 1)],
        );
        assert_eq!(figures.accuracy, 0.75);
        assert_eq!((figures.labels["a"].precision, figures.labels["a"].recall), (1.0, 0.5));
        assert_eq!(figures.labels["b"].f1, 0.8);
        assert_eq!(Figures::of(&["a".into()], &[]).accuracy, 0.0);
    }

    #[test]
    fn a_label_without_documents_does_not_count() {
        let labels = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let judge = |truth, answer| Judged {
            truth,
            answer,
            confidence: 1.0,
        };
        assert_eq!(Figures::of(&labels, &[judge(1, 1)]).macro_f1, 1.0);
        // An answer that is no document's label counts as a label with F1 0.
        assert_eq!(
            Figures::of(&labels, &[judge(1, 1), judge(1, 2)]).macro_f1,
            (2.0 / 3.0) / 2.0
        );
    }
}
