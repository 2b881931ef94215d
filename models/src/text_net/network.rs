//! The network: embeddings, one convolution, two poolings, one linear layer.
//!
//! After Kim, "Convolutional Neural Networks for Sentence Classification" (EMNLP 2014): filters over three neighbouring tokens
//! find phrases anywhere. In addition, the mean of the embeddings shows the topic of the document (Joulin et al., "Bag of
//! Tricks for Efficient Text Classification", EACL 2017), with rare tokens weighted more.

use super::vocabulary::Vocabulary;
use crate::calibration::softmax;

/// Number of tokens that a filter covers.
pub const WIDTH: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
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

    /// Number of values of both poolings together.
    pub fn pooled(&self) -> usize {
        self.embedding + self.filters
    }
}

/// A network's numbers, row by row, in the order of [`Shape::tensors`].
pub type Weights = [Vec<f32>; 5];

/// A trained network. A document takes a few million multiplications, so torch is not needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    shape: Shape,
    weights: Weights,
    /// Weight of each token in the mean.
    token_weights: Vec<f32>,
}

impl Network {
    /// The weights must have the lengths given by the shape, and the shape must fit the vocabulary. Anything else panics, here
    /// or later.
    pub fn new(shape: Shape, weights: Weights, vocabulary: &Vocabulary) -> Self {
        for ((name, dimensions), values) in shape.tensors().iter().zip(&weights) {
            assert_eq!(dimensions.iter().product::<usize>(), values.len(), "{name}");
        }
        assert_eq!(shape.tokens, vocabulary.rows(), "tokens");
        Network {
            shape,
            weights,
            token_weights: vocabulary.weights(),
        }
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(super) fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The probability of each label for a document of these token numbers.
    pub fn probabilities(&self, tokens: &[i64]) -> Vec<f32> {
        let mut pooled = self.mean(tokens);
        pooled.extend(self.phrases(tokens));
        let [.., output, output_bias] = &self.weights;
        let rows = output.chunks_exact(self.shape.pooled());
        let scores: Vec<f32> = rows
            .zip(output_bias)
            .map(|(row, bias)| dot(row, &pooled) + bias)
            .collect();
        softmax(&scores, 1.0)
    }

    fn embedded(&self, token: i64) -> &[f32] {
        let [embedding, ..] = &self.weights;
        &embedding[token as usize * self.shape.embedding..][..self.shape.embedding]
    }

    fn mean(&self, tokens: &[i64]) -> Vec<f32> {
        let share = |token: i64| self.token_weights[token as usize];
        let all = tokens.iter().map(|token| share(*token)).sum::<f32>().max(1.0);
        let mut mean = vec![0.0; self.shape.embedding];
        for token in tokens {
            let share = share(*token) / all;
            mean.iter_mut()
                .zip(self.embedded(*token))
                .for_each(|(m, x)| *m += share * x);
        }
        mean
    }

    /// The largest response of each filter at any place. Before the first token and after the last there are zeros.
    fn phrases(&self, tokens: &[i64]) -> Vec<f32> {
        let [_, filters, bias, ..] = &self.weights;
        // `[filter][place in the phrase][number]`, so that a token's numbers are adjacent, in the order of the filter's.
        let by_place: Vec<Vec<f32>> = filters
            .chunks_exact(self.shape.embedding * WIDTH)
            .map(|filter| {
                (0..WIDTH)
                    .flat_map(|place| filter.iter().skip(place).step_by(WIDTH).copied())
                    .collect()
            })
            .collect();
        let strength = |filter: &[f32], middle: usize| -> f32 {
            let places = filter.chunks_exact(self.shape.embedding).enumerate();
            let of_place = |(place, part): (usize, &[f32])| {
                let token = (middle + place).checked_sub(WIDTH / 2).and_then(|at| tokens.get(at));
                token.map_or(0.0, |token| dot(part, self.embedded(*token)))
            };
            places.map(of_place).sum()
        };
        let most = |(filter, bias): (&Vec<f32>, &f32)| {
            let found = (0..tokens.len()).map(|middle| strength(filter, middle) + bias);
            // Starts at zero: the rectifier.
            found.fold(0.0, f32::max)
        };
        by_place.iter().zip(bias).map(most).collect()
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One number per token: token 2 has 1, token 3 has 2, the unknown token 0. One filter that looks for 3 two places before
    /// 2.
    fn network() -> Network {
        let vocabulary = Vocabulary::from_parts(vec![5, 7], vec![1.0, 3.0]).expect("sound");
        let shape = Shape {
            tokens: 4,
            embedding: 1,
            filters: 1,
            labels: 2,
        };
        let weights = [
            vec![0.0, 0.0, 1.0, 2.0],
            vec![10.0, 0.0, 1.0],
            vec![-5.0],
            vec![1.0, 0.0, 0.0, 0.5],
            vec![0.0, 0.25],
        ];
        Network::new(shape, weights, &vocabulary)
    }

    #[test]
    fn rare_tokens_count_more_in_the_mean() {
        assert_eq!(network().mean(&[2, 3]), [0.25 * 1.0 + 0.75 * 2.0]);
        assert_eq!(network().mean(&[]), [0.0]);
    }

    #[test]
    fn a_phrase_is_found_wherever_it_stands_and_only_in_its_order() {
        for tokens in [&[3, 1, 2][..], &[1, 1, 3, 1, 2, 1]] {
            assert_eq!(network().phrases(tokens), [20.0 + 1.0 - 5.0], "{tokens:?}");
        }
        assert_eq!(network().phrases(&[2, 1, 3]), [10.0 + 2.0 - 5.0]);
        // Before the first token and after the last there are zeros.
        assert_eq!(network().phrases(&[2, 1]), [10.0 - 5.0]);
        assert_eq!(network().phrases(&[1, 2]), [0.0]);
    }

    #[test]
    fn scores_are_one_row_a_label() {
        let scores = [1.0, 0.25];
        let (mean, phrase) = (1.0, 0.0);
        assert_eq!(
            (network().mean(&[2]), network().phrases(&[2])),
            (vec![mean], vec![phrase])
        );
        assert_eq!(network().probabilities(&[2]), softmax(&scores, 1.0));
    }
}
