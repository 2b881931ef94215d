//! The file of a model: safetensors weights with a JSON head in their metadata.
//!
//! Tensors: `buckets` U32 `[n]`, `idf` F32 `[n]`, `weights` F32 `[n + layout figures, labels]`, `bias` F32 `[labels]`.
//! Equal models give equal bytes.

use crate::features::{FeatureSettings, TfIdf};
use crate::figures::Figures;
use crate::layout::LAYOUT_FIGURES;
use crate::linear::{LinearClassifier, Scorer, Thresholds};
use crate::model_head::{ModelError, ModelKind};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

const KIND: ModelKind = ModelKind {
    format: "docfleet-linear-classifier",
    version: 1,
};
pub(crate) const HASH_BITS: RangeInclusive<u8> = 8..=22;

#[derive(Serialize, Deserialize)]
struct Head {
    features: FeatureSettings,
    labels: Vec<String>,
    thresholds: Thresholds,
    temperature: f32,
    figures: Figures,
}

impl LinearClassifier {
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let Scorer { tfidf, weights, bias } = &self.scorer;
        let (n, labels) = (tfidf.buckets.len(), self.labels.len());
        let parts = [
            (
                "buckets",
                Dtype::U32,
                vec![n],
                bytes_of(&tfidf.buckets, |x| x.to_le_bytes()),
            ),
            ("idf", Dtype::F32, vec![n], bytes_of(&tfidf.idf, |x| x.to_le_bytes())),
            (
                "weights",
                Dtype::F32,
                vec![tfidf.dimension(), labels],
                bytes_of(weights, |x| x.to_le_bytes()),
            ),
            ("bias", Dtype::F32, vec![labels], bytes_of(bias, |x| x.to_le_bytes())),
        ];
        let mut views = Vec::with_capacity(parts.len());
        for (name, dtype, shape, bytes) in &parts {
            views.push((*name, TensorView::new(*dtype, shape.clone(), bytes)?));
        }
        let head = Head {
            features: self.features.clone(),
            labels: self.labels.clone(),
            thresholds: self.thresholds.clone(),
            temperature: self.temperature,
            figures: self.figures.clone(),
        };
        Ok(safetensors::serialize(views, Some(KIND.metadata(&head)?))?)
    }

    /// Reads what [`LinearClassifier::to_bytes`] wrote. Everything is checked: a damaged or foreign file is an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let head: Head = KIND.read(bytes)?;
        let tensors = SafeTensors::deserialize(bytes)?;
        let tfidf = TfIdf {
            buckets: values(&tensors, "buckets", Dtype::U32, u32::from_le_bytes)?,
            idf: values(&tensors, "idf", Dtype::F32, f32::from_le_bytes)?,
            layout_weight: head.features.layout_weight,
        };
        let scorer = Scorer {
            tfidf,
            weights: values(&tensors, "weights", Dtype::F32, f32::from_le_bytes)?,
            bias: values(&tensors, "bias", Dtype::F32, f32::from_le_bytes)?,
        };
        check(&head, &scorer).map_err(ModelError::Inconsistent)?;
        Ok(LinearClassifier {
            features: head.features,
            thresholds: head.thresholds,
            labels: head.labels,
            scorer,
            temperature: head.temperature,
            figures: head.figures,
        })
    }
}

fn check(head: &Head, scorer: &Scorer) -> Result<(), String> {
    let (tfidf, labels) = (&scorer.tfidf, head.labels.len());
    let require = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
    require(labels > 0, "it has no labels")?;
    require(
        HASH_BITS.contains(&head.features.hash_bits),
        "its number of buckets is out of range",
    )?;
    require(tfidf.buckets.is_sorted_by(|a, b| a < b), "its buckets are not in order")?;
    let buckets = 1u32 << head.features.hash_bits;
    require(
        tfidf.buckets.last().is_none_or(|b| *b < buckets),
        "a bucket is out of range",
    )?;
    require(
        tfidf.idf.len() == tfidf.buckets.len(),
        "buckets and idf differ in length",
    )?;
    require(scorer.bias.len() == labels, "labels and biases differ in number")?;
    let rows = tfidf.buckets.len() + LAYOUT_FIGURES;
    require(
        scorer.weights.len() == rows * labels,
        "weights do not fit buckets and labels",
    )?;
    require(
        finite(&tfidf.idf) && finite(&scorer.weights) && finite(&scorer.bias),
        "a number is not finite",
    )?;
    require(
        head.features.layout_weight.is_finite(),
        "the weight of the layout is not finite",
    )?;
    require(
        head.temperature.is_finite() && head.temperature > 0.0,
        "its temperature is not positive",
    )
}

fn bytes_of<T: Copy>(values: &[T], to_bytes: impl Fn(T) -> [u8; 4]) -> Vec<u8> {
    values.iter().flat_map(|v| to_bytes(*v)).collect()
}

fn values<T>(
    tensors: &SafeTensors<'_>,
    name: &str,
    dtype: Dtype,
    from: impl Fn([u8; 4]) -> T,
) -> Result<Vec<T>, ModelError> {
    let tensor = tensors.tensor(name)?;
    if tensor.dtype() != dtype {
        return Err(ModelError::Inconsistent(format!(
            "tensor {name:?} is {:?}, not {dtype:?}",
            tensor.dtype()
        )));
    }
    let (words, _) = tensor.data().as_chunks::<4>();
    Ok(words.iter().map(|w| from(*w)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Classifier;
    use crate::text_page::text_page;
    use crate::train::{LabelledDocument, TrainSettings, train_classifier};
    use std::collections::HashMap;

    fn model() -> LinearClassifier {
        let of = |label: &str, text: String| LabelledDocument {
            label: label.to_owned(),
            group: None,
            pages: vec![text_page(&text)],
        };
        let documents: Vec<_> = ["red", "green", "blue", "white"]
            .iter()
            .flat_map(|c| {
                [
                    of("flower", format!("a {c} rose or tulip")),
                    of("car", format!("a {c} fast diesel coupe")),
                ]
            })
            .collect();
        train_classifier(&documents, &TrainSettings::default())
            .expect("trains")
            .0
    }

    /// The same model with another head.
    fn with_head(change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
        let bytes = model().to_bytes().expect("writes");
        let (_, metadata) = SafeTensors::read_metadata(&bytes).expect("metadata");
        let head = &metadata.metadata().as_ref().expect("has metadata")["head"];
        let mut head: serde_json::Value = serde_json::from_str(head).expect("json");
        change(&mut head);
        let tensors = SafeTensors::deserialize(&bytes).expect("tensors");
        safetensors::serialize(
            tensors.tensors(),
            Some(HashMap::from([("head".to_owned(), head.to_string())])),
        )
        .expect("writes")
    }

    fn error(bytes: &[u8]) -> String {
        LinearClassifier::from_bytes(bytes).expect_err("refused").to_string()
    }

    #[test]
    fn a_model_comes_back_as_it_was() {
        let model = model();
        let bytes = model.to_bytes().expect("writes");
        let read = LinearClassifier::from_bytes(&bytes).expect("reads");
        assert_eq!(read, model);
        assert_eq!(read.to_bytes().expect("writes"), bytes);
        let pages = [text_page("a yellow diesel coupe")];
        assert_eq!(read.classify(&pages), model.classify(&pages));
    }

    #[test]
    fn another_version_is_refused_by_its_number() {
        let error = error(&with_head(|head| head["version"] = 7.into()));
        assert!(
            error.contains("version 7") && error.contains("reads version 1"),
            "{error}"
        );
    }

    #[test]
    fn damaged_files_are_refused() {
        let bytes = model().to_bytes().expect("writes");
        for cut in [0, 4, 8, 100, bytes.len() / 2, bytes.len() - 1] {
            assert!(LinearClassifier::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(error(b"%PDF-1.7 and so on and so on").contains("not readable as safetensors"));
        assert!(
            error(&safetensors::serialize(std::iter::empty::<(&str, TensorView)>(), None).expect("writes"))
                .contains("no head")
        );
        assert!(error(&with_head(|head| head["labels"] = serde_json::json!(["one"]))).contains("contradicts itself"));
        assert!(error(&with_head(|head| head["format"] = "poem".into())).contains("poem"));
        assert!(error(&with_head(|head| head["temperature"] = 0.into())).contains("temperature"));
        assert!(error(&with_head(|head| head["features"]["hash_bits"] = 60.into())).contains("out of range"));
    }
}
