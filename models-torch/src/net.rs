//! The network of `models::text_net`, implemented in torch for training.

use crate::batch::Batch;
use models::rng::SplitMix64;
use models::text_net::{PADDING, Shape, WIDTH, Weights};
use std::sync::Once;
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

/// Limits torch to one thread in this process. Call it before any other use of torch.
fn one_thread() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tch::set_num_threads(1);
        tch::set_num_interop_threads(1);
    });
}

/// Initial weights. Uniform, scaled by the number of inputs (Glorot and Bengio, AISTATS 2010). Padding is all zeros and is
/// never trained; biases start at zero.
pub(crate) fn first_weights(shape: &Shape, rng: &mut SplitMix64) -> Weights {
    let mut uniform =
        |n: usize, bound: f64| -> Vec<f32> { (0..n).map(|_| ((2.0 * rng.unit() - 1.0) * bound) as f32).collect() };
    let glorot = |inputs: usize, outputs: usize| (6.0 / (inputs + outputs) as f64).sqrt();
    let mut embedding = uniform(shape.tokens * shape.embedding, 0.1);
    embedding[..shape.embedding].fill(0.0);
    let seen = shape.embedding * WIDTH;
    [
        embedding,
        uniform(shape.filters * seen, glorot(seen, shape.filters)),
        vec![0.0; shape.filters],
        uniform(shape.labels * shape.pooled(), glorot(shape.pooled(), shape.labels)),
        vec![0.0; shape.labels],
    ]
}

#[derive(Debug)]
pub(crate) struct Net {
    pub variables: VarStore,
    tensors: [Tensor; 5],
    /// `[tokens]`: weight of each token in the mean.
    token_weights: Tensor,
}

impl Net {
    pub fn new(shape: &Shape, weights: &Weights, token_weights: &[f32]) -> Self {
        one_thread();
        let variables = VarStore::new(Device::Cpu);
        let named = shape.tensors();
        let tensors = std::array::from_fn(|i| {
            let (name, dimensions) = &named[i];
            let dimensions: Vec<i64> = dimensions.iter().map(|d| *d as i64).collect();
            variables
                .root()
                .var_copy(name, &Tensor::from_slice(&weights[i]).reshape(dimensions))
        });
        Net {
            variables,
            tensors,
            token_weights: Tensor::from_slice(token_weights),
        }
    }

    pub fn weights(&self) -> Weights {
        self.tensors.each_ref().map(|tensor| {
            let mut values = vec![0.0; tensor.numel()];
            tensor.copy_data(&mut values, tensor.numel());
            values
        })
    }

    /// Each document's score for each label, `[documents, labels]`. `dropout` is `[documents, pooled]`: the factors of a
    /// training step, which drop some values and scale up the others.
    pub fn scores(&self, batch: &Batch, dropout: Option<&Tensor>) -> Tensor {
        let [embedding, filters, filter_bias, output, output_bias] = &self.tensors;
        let embedded = Tensor::embedding(embedding, &batch.tokens, PADDING, false, false);
        let shares = self.token_weights.take(&batch.tokens);
        let shares = &shares
            / shares
                .sum_dim_intlist([1i64].as_slice(), true, Kind::Float)
                .clamp_min(1.0);
        let mean = shares.unsqueeze(1).matmul(&embedded).squeeze_dim(1);
        // Filters return zero or more, so the zero of padding is never the maximum where there is a token.
        let phrases = embedded
            .transpose(1, 2)
            .conv1d(filters, Some(filter_bias), [1], [WIDTH as i64 / 2], [1], 1)
            .relu()
            .masked_fill(&batch.padding, 0.0)
            .amax([2], false);
        let pooled = Tensor::cat(&[mean, phrases], 1);
        let pooled = dropout.map_or(pooled.shallow_clone(), |factors| pooled * factors);
        pooled.linear(output, Some(output_bias))
    }

    /// The probability of each label for each document.
    pub fn probabilities(&self, documents: &[&[i64]]) -> Vec<Vec<f32>> {
        tch::no_grad(|| {
            let rows = self.scores(&Batch::of(documents), None).softmax(-1, Kind::Float);
            let mut values = vec![0.0; rows.numel()];
            rows.copy_data(&mut values, rows.numel());
            values
                .chunks(values.len() / documents.len().max(1))
                .map(<[f32]>::to_vec)
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use models::text_net::{Network, Vocabulary};

    /// A trained model is used without torch, so both implementations must agree.
    #[test]
    fn answers_as_the_network_without_torch_does() {
        let mut dice = SplitMix64::new(5);
        let vocabulary = Vocabulary::from_parts((0..50).collect(), (1..51).map(|n| n as f32 / 9.0).collect());
        let vocabulary = vocabulary.expect("sound");
        let shape = Shape {
            tokens: vocabulary.rows(),
            embedding: 12,
            filters: 7,
            labels: 3,
        };
        let mut weights = first_weights(&shape, &mut dice);
        weights
            .iter_mut()
            .skip(1)
            .flatten()
            .for_each(|w| *w += dice.unit() as f32 - 0.3);
        let documents: Vec<Vec<i64>> = [1, 2, 3, 40]
            .map(|length| (0..length).map(|_| 1 + dice.below(shape.tokens - 1) as i64).collect())
            .to_vec();
        let rows: Vec<&[i64]> = documents.iter().map(Vec::as_slice).collect();
        let with_torch = Net::new(&shape, &weights, &vocabulary.weights()).probabilities(&rows);
        let network = Network::new(shape, weights, &vocabulary);
        for (document, with_torch) in documents.iter().zip(with_torch) {
            let without = network.probabilities(document);
            let apart = without
                .iter()
                .zip(&with_torch)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            assert!(apart < 1e-5, "{without:?} and {with_torch:?}");
            assert!(without.iter().any(|p| (p - 1.0 / 3.0).abs() > 0.01), "{without:?}");
        }
    }
}
