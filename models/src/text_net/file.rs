//! The file of a [`TextNet`]: safetensors weights with a JSON head in their metadata, like that of the linear classifier.
//!
//! Tensors: `vocabulary` U64 `[n]`, `idf` F32 `[n]` and those of the network, whose shapes follow from the head and `n`. Equal
//! models give equal bytes.

use super::network::{Network, Shape, Weights};
use super::vocabulary::Vocabulary;
use super::{TextNet, TextNetSettings};
use crate::figures::Figures;
use crate::model_head::{ModelError, ModelKind};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

const KIND: ModelKind = ModelKind {
    format: "docfleet-text-net",
    version: 1,
};

/// Weights are at most some hundreds. With larger ones than this, an answer could be NaN.
const MOST: f32 = 1e6;

#[derive(Serialize, Deserialize)]
struct Head {
    settings: TextNetSettings,
    labels: Vec<String>,
    figures: Figures,
}

impl TextNet {
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let known = self.vocabulary.hashes().len();
        let vocabulary: Vec<u8> = self.vocabulary.hashes().iter().flat_map(|h| h.to_le_bytes()).collect();
        let idf: Vec<u8> = self.vocabulary.idf().iter().flat_map(|w| w.to_le_bytes()).collect();
        let bytes_of = |values: &Vec<f32>| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let weights = self.network.weights().each_ref().map(bytes_of);
        let mut views = vec![
            ("vocabulary", TensorView::new(Dtype::U64, vec![known], &vocabulary)?),
            ("idf", TensorView::new(Dtype::F32, vec![known], &idf)?),
        ];
        for ((name, shape), bytes) in self.network.shape().tensors().into_iter().zip(&weights) {
            views.push((name, TensorView::new(Dtype::F32, shape, bytes)?));
        }
        let head = Head {
            settings: self.settings.clone(),
            labels: self.labels.clone(),
            figures: self.figures.clone(),
        };
        Ok(safetensors::serialize(views, Some(KIND.metadata(&head)?))?)
    }

    /// Reads what [`TextNet::to_bytes`] wrote. Everything is checked: a damaged or foreign file is an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let head: Head = KIND.read(bytes)?;
        let tensors = SafeTensors::deserialize(bytes)?;
        let hashes = words(&tensors, "vocabulary", Dtype::U64, None)?
            .iter()
            .map(|w| u64::from_le_bytes(*w))
            .collect();
        let idf = words(&tensors, "idf", Dtype::F32, None)?
            .iter()
            .map(|w| f32::from_le_bytes(*w))
            .collect();
        let vocabulary =
            Vocabulary::from_parts(hashes, idf).ok_or_else(|| inconsistent("its vocabulary is not in order"))?;
        if head.labels.is_empty() || head.settings.max_tokens == 0 {
            return Err(inconsistent("it has no labels or reads no tokens"));
        }
        let shape = Shape {
            tokens: vocabulary.rows(),
            embedding: head.settings.embedding,
            filters: head.settings.filters,
            labels: head.labels.len(),
        };
        let weights = read_weights(&tensors, &shape)?;
        Ok(TextNet {
            network: Network::new(shape, weights, &vocabulary),
            settings: head.settings,
            labels: head.labels,
            vocabulary,
            figures: head.figures,
        })
    }
}

fn inconsistent(what: &str) -> ModelError {
    ModelError::Inconsistent(what.to_owned())
}

fn read_weights(tensors: &SafeTensors<'_>, shape: &Shape) -> Result<Weights, ModelError> {
    let mut weights = Weights::default();
    for ((name, dimensions), values) in shape.tensors().into_iter().zip(&mut weights) {
        let read = words(tensors, name, Dtype::F32, Some(&dimensions))?;
        *values = read.iter().map(|w| f32::from_le_bytes(*w)).collect();
        if values.is_empty() || !values.iter().all(|v| v.abs() < MOST) {
            return Err(ModelError::Inconsistent(format!(
                "tensor {name:?} is empty or has a number that no training gives"
            )));
        }
    }
    Ok(weights)
}

/// A tensor's numbers as bytes, after checking its type and shape.
fn words<'a, const N: usize>(
    tensors: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
    shape: Option<&[usize]>,
) -> Result<&'a [[u8; N]], ModelError> {
    let tensor = tensors.tensor(name)?;
    let shape = shape.unwrap_or(tensor.shape());
    if tensor.dtype() != dtype || tensor.shape() != shape {
        let (found, found_shape) = (tensor.dtype(), tensor.shape());
        let found = format!("tensor {name:?} is {found:?} {found_shape:?}, not {dtype:?} {shape:?}");
        return Err(ModelError::Inconsistent(found));
    }
    Ok(tensor.data().as_chunks().0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SplitMix64;
    use crate::text_page::text_page;

    /// An untrained model with random numbers.
    fn model() -> TextNet {
        let mut dice = SplitMix64::new(3);
        let hashes = ["dear", "goods", "order", "please"].map(|word| crate::text_net::fnv1a(word.as_bytes()));
        let mut hashes = hashes.to_vec();
        hashes.sort_unstable();
        let vocabulary = Vocabulary::from_parts(hashes, vec![1.5; 4]).expect("sound");
        let labels = ["letter", "order"].map(str::to_owned).to_vec();
        let settings = TextNetSettings {
            embedding: 16,
            filters: 8,
            ..TextNetSettings::default()
        };
        let shape = Shape {
            tokens: vocabulary.rows(),
            embedding: 16,
            filters: 8,
            labels: 2,
        };
        let mut values = |n: usize| (0..n).map(|_| dice.unit() as f32 - 0.5).collect();
        let weights = shape
            .tensors()
            .map(|(_, dimensions)| values(dimensions.iter().product()));
        TextNet {
            network: Network::new(shape, weights, &vocabulary),
            figures: Figures::of(&labels, &[]),
            settings,
            labels,
            vocabulary,
        }
    }

    #[test]
    fn a_model_comes_back_as_it_was() {
        let model = model();
        let bytes = model.to_bytes().expect("writes");
        let read = TextNet::from_bytes(&bytes).expect("reads");
        assert_eq!(read, model);
        assert_eq!(read.to_bytes().expect("writes"), bytes);
        let known = read.probabilities(&[text_page("please order the goods")]);
        assert_ne!(known, [0.5, 0.5]);
    }

    #[test]
    fn every_damaged_file_is_an_error() {
        let bytes = model().to_bytes().expect("writes");
        for length in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
            assert!(TextNet::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
        }
    }

    /// The same model with other bytes in its head, of the same length.
    fn with(from: &str, to: &str) -> Result<TextNet, ModelError> {
        assert_eq!(from.len(), to.len());
        let mut bytes = model().to_bytes().expect("writes");
        let at = bytes
            .windows(from.len())
            .position(|w| w == from.as_bytes())
            .expect("is in the head");
        bytes[at..][..to.len()].copy_from_slice(to.as_bytes());
        TextNet::from_bytes(&bytes)
    }

    #[test]
    fn says_what_it_does_not_know() {
        assert!(matches!(
            with(KIND.format, "docfleet-text-map"),
            Err(ModelError::OtherFormat { .. })
        ));
        assert!(matches!(
            with(r#"version\":1"#, r#"version\":9"#),
            Err(ModelError::UnknownVersion { found: 9, .. })
        ));
        assert!(matches!(
            with(r#"embedding\":16"#, r#"embedding\":17"#),
            Err(ModelError::Inconsistent(_))
        ));
        assert!(matches!(
            with(r#"max_tokens\":400"#, r#"max_tokens\":0  "#),
            Err(ModelError::Inconsistent(_))
        ));
    }
}
