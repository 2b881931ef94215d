//! The network: embeddings, one convolution, two poolings, one linear layer.
//!
//! After Kim, "Convolutional Neural Networks for Sentence Classification" (EMNLP 2014): filters over three neighbouring
//! tokens find phrases wherever they stand. Beside them the mean of the embeddings tells what the document is about
//! (Joulin et al., "Bag of Tricks for Efficient Text Classification", EACL 2017), rare tokens counting more.

use crate::batch::Batch;
use models::rng::SplitMix64;
use std::sync::Once;
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

/// Tokens that a filter sees.
const WIDTH: usize = 3;

/// One thread for all of torch's work in this process; to be called before any of it.
fn one_thread() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tch::set_num_threads(1);
        tch::set_num_interop_threads(1);
    });
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Token numbers are below this.
    pub tokens: usize,
    pub embedding: usize,
    pub filters: usize,
    pub labels: usize,
}

impl Shape {
    /// Names and shapes of the weights, in the order of [`Weights`].
    pub fn tensors(&self) -> [(&'static str, Vec<usize>); 5] {
        [
            ("embedding", vec![self.tokens, self.embedding]),
            ("filters", vec![self.filters, self.embedding, WIDTH]),
            ("filter_bias", vec![self.filters]),
            ("output", vec![self.labels, self.pooled()]),
            ("output_bias", vec![self.labels]),
        ]
    }

    /// What both poolings give together.
    pub fn pooled(&self) -> usize {
        self.embedding + self.filters
    }
}

/// A network's numbers, row by row, in the order of [`Shape::tensors`].
pub(crate) type Weights = [Vec<f32>; 5];

/// Where a training begins. Uniform by the number of inputs (Glorot and Bengio, AISTATS 2010); padding is all zeros and
/// is never learnt, biases begin at zero.
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
    /// `[tokens]`: how much each counts in the mean.
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

    /// Each document's score of each label, `[documents, labels]`. `dropout` is `[documents, pooled]`: the factors of a
    /// training step, which drop some figures and raise the others.
    pub fn scores(&self, batch: &Batch, dropout: Option<&Tensor>) -> Tensor {
        let [embedding, filters, filter_bias, output, output_bias] = &self.tensors;
        let embedded = Tensor::embedding(embedding, &batch.tokens, crate::vocabulary::PADDING, false, false);
        let shares = self.token_weights.take(&batch.tokens);
        let shares = &shares
            / shares
                .sum_dim_intlist([1i64].as_slice(), true, Kind::Float)
                .clamp_min(1.0);
        let mean = shares.unsqueeze(1).matmul(&embedded).squeeze_dim(1);
        // Filters give zero or more, so that zero for padding never is the largest where there is a token.
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
}
