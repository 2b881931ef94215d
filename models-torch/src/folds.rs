//! Assigns documents to folds for cross-validation.

use models::LabelledDocument;
use models::text_net::{fnv1a, token_hashes};
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Number of tokens that are compared to tell documents apart.
const FINGERPRINT_TOKENS: usize = 400;

/// Each document's fold, 0 to `folds - 1`.
///
/// A label's groups are dealt out in turn, so that every fold has some of every label, and no group is in two folds. If a label
/// has only one group, its documents are dealt out one by one; otherwise it could be neither learnt nor judged.
pub fn folds<D: Borrow<LabelledDocument>>(documents: &[D], folds: usize) -> Vec<usize> {
    let folds = folds.max(1);
    let group: Vec<u64> = documents.iter().map(|d| group_of(d.borrow())).collect();
    let mut groups_of: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for (document, group) in documents.iter().zip(&group) {
        groups_of
            .entry(document.borrow().label.as_str())
            .or_default()
            .insert(*group);
    }
    let mut fold_of: HashMap<u64, usize> = HashMap::new();
    for (turn, group) in groups_of
        .values()
        .filter(|g| g.len() > 1)
        .flat_map(|g| g.iter().enumerate())
    {
        fold_of.entry(*group).or_insert(turn % folds);
    }
    group
        .iter()
        .enumerate()
        .map(|(i, group)| fold_of.get(group).copied().unwrap_or(i % folds))
        .collect()
}

/// A document without a group is grouped by its text, with values folded to their type.
fn group_of(document: &LabelledDocument) -> u64 {
    match &document.group {
        Some(group) => fnv1a(group.as_bytes()),
        None => token_hashes(&document.pages, FINGERPRINT_TOKENS)
            .iter()
            .fold(0, |hash, token| {
                (hash ^ token).rotate_left(17).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use models::text_page;

    fn document(label: &str, group: Option<&str>, text: &str) -> LabelledDocument {
        LabelledDocument {
            label: label.to_owned(),
            group: group.map(str::to_owned),
            pages: vec![text_page(text)],
        }
    }

    #[test]
    fn a_group_is_in_one_fold_and_every_fold_has_every_label() {
        let documents: Vec<_> = (0..30)
            .map(|i| {
                document(
                    if i % 2 == 0 { "a" } else { "b" },
                    Some(&format!("seller {}", i / 3)),
                    "text",
                )
            })
            .collect();
        let folds = folds(&documents, 3);
        for (document, fold) in documents.iter().zip(&folds) {
            let same = documents.iter().zip(&folds).filter(|(d, _)| d.group == document.group);
            assert!(same.into_iter().all(|(_, other)| other == fold));
        }
        for fold in 0..3 {
            for label in ["a", "b"] {
                assert!(
                    documents
                        .iter()
                        .zip(&folds)
                        .any(|(d, f)| *f == fold && d.label == label),
                    "{fold} {label}"
                );
            }
        }
    }

    #[test]
    fn a_label_of_one_group_is_dealt_out_one_by_one() {
        let documents: Vec<_> = (0..4).map(|_| document("a", Some("one"), "text")).collect();
        assert_eq!(folds(&documents, 2), [0, 1, 0, 1]);
    }

    #[test]
    fn documents_that_differ_in_values_only_are_a_group() {
        let documents: Vec<_> = ["paid 12.50", "paid 99.10", "owed 99.10", "kept 1.00"]
            .map(|text| document("a", None, text))
            .into_iter()
            .collect();
        let folds = folds(&documents, 3);
        assert_eq!(folds[0], folds[1]);
    }
}
