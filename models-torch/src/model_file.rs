//! A [`TextNet`] as a file: safetensors weights with a JSON head in their metadata, as `models` does it.
//!
//! Tensors: `vocabulary` U64 `[n]`, `idf` F32 `[n]` and the network's, whose shapes follow from the head and `n`. Equal models give equal bytes.

use crate::net::{Net, Shape, Weights};
use crate::text_net::{TextNet, TextNetSettings};
use crate::vocabulary::Vocabulary;
use models::{Figures, ModelError, ModelKind};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};

const KIND: ModelKind = ModelKind {
    format: "docfleet-text-net",
    version: 1,
};

#[derive(Serialize, Deserialize)]
struct Head {
    settings: TextNetSettings,
    labels: Vec<String>,
    figures: Figures,
}

impl TextNet {
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let weights = self.net.lock().unwrap_or_else(PoisonError::into_inner).weights();
        let known = self.vocabulary.hashes().len();
        let vocabulary: Vec<u8> = self.vocabulary.hashes().iter().flat_map(|h| h.to_le_bytes()).collect();
        let idf: Vec<u8> = self.vocabulary.idf().iter().flat_map(|w| w.to_le_bytes()).collect();
        let weights = weights.map(|values| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
        let mut views = vec![
            ("vocabulary", TensorView::new(Dtype::U64, vec![known], &vocabulary)?),
            ("idf", TensorView::new(Dtype::F32, vec![known], &idf)?),
        ];
        for ((name, shape), bytes) in self.shape.tensors().into_iter().zip(&weights) {
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
        let net = Net::new(&shape, &weights, &vocabulary.weights());
        Ok(TextNet {
            settings: head.settings,
            labels: head.labels,
            vocabulary,
            figures: head.figures,
            shape,
            net: Mutex::new(net),
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
        if values.is_empty() || !values.iter().all(|v| v.is_finite()) {
            return Err(ModelError::Inconsistent(format!(
                "tensor {name:?} is empty or has a number that is not finite"
            )));
        }
    }
    Ok(weights)
}

/// A tensor's numbers as bytes, after a look at its type and shape.
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
    use crate::test_documents::{letters_and_orders, quick};
    use crate::train::train;
    use models::{Classifier, text_page};
    use std::ops::ControlFlow;

    fn model() -> TextNet {
        train(
            &letters_and_orders(8),
            &TextNetSettings { epochs: 2, ..quick() },
            &mut |_| ControlFlow::Continue(()),
        )
        .expect("trains")
        .0
    }

    #[test]
    fn a_model_that_was_read_answers_the_same() {
        let model = model();
        let read = TextNet::from_bytes(&model.to_bytes().expect("writes")).expect("reads");
        let pages = [text_page("please order the goods")];
        assert_eq!(read.probabilities(&pages), model.probabilities(&pages));
        assert_eq!(read.labels(), model.labels());
        assert_eq!(read.figures().accuracy, model.figures().accuracy);
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
