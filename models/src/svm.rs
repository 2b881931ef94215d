//! A linear support vector machine for two classes.
//!
//! Dual coordinate descent for the L2-regularised, L2-loss SVM: Hsieh, Chang, Lin, Keerthi and Sundararajan, "A Dual Coordinate
//! Descent Method for Large-scale Linear SVM", ICML 2008, algorithm 1 without the shrinking of algorithm 3; the method of
//! LIBLINEAR's `-s 1`. It stores one number per document and one per feature.

use crate::features::SparseVector;
use crate::rng::SplitMix64;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SvmSettings {
    /// The cost of an error relative to the length of the weights.
    pub c: f64,
    /// Ends when the projected gradients of all dual variables differ by no more than this…
    pub tolerance: f64,
    /// …or after this many passes over the documents.
    pub max_passes: usize,
    /// Errors of a rare class cost more, in inverse proportion to its share.
    pub balanced: bool,
}

impl Default for SvmSettings {
    fn default() -> Self {
        SvmSettings {
            c: 1.0,
            tolerance: 0.05,
            max_passes: 60,
            balanced: true,
        }
    }
}

/// `score(x) = weights · x + bias`; positive for the learnt class.
#[derive(Debug, Clone, PartialEq)]
pub struct Hyperplane {
    pub weights: Vec<f32>,
    pub bias: f32,
}

/// Separates the documents for which `positive` is true from the others. All indices in the vectors are below `dimension`.
pub fn train(vectors: &[&SparseVector], positive: &[bool], dimension: usize, settings: &SvmSettings) -> Hyperplane {
    let mut descent = Descent::new(vectors, positive, dimension, settings);
    let mut order: Vec<usize> = (0..vectors.len()).collect();
    let mut rng = SplitMix64::new(vectors.len() as u64);
    for _ in 0..settings.max_passes {
        rng.shuffle(&mut order);
        if descent.pass(&order) <= settings.tolerance {
            break;
        }
    }
    Hyperplane {
        weights: descent.weights.iter().map(|w| *w as f32).collect(),
        bias: descent.bias as f32,
    }
}

struct Descent<'a> {
    vectors: &'a [&'a SparseVector],
    /// +1 or -1.
    signs: Vec<f64>,
    /// `1 / 2C` of each document's class, which the squared loss adds to the diagonal of the dual's matrix.
    ridge: Vec<f64>,
    /// The diagonal itself: `x·x + 1 + ridge`. The 1 is the bias's constant feature.
    diagonal: Vec<f64>,
    alpha: Vec<f64>,
    weights: Vec<f64>,
    bias: f64,
}

impl<'a> Descent<'a> {
    fn new(vectors: &'a [&'a SparseVector], positive: &[bool], dimension: usize, settings: &SvmSettings) -> Self {
        let positives = positive.iter().filter(|p| **p).count();
        let cost = |is_positive: bool| {
            let class = if is_positive {
                positives
            } else {
                positive.len() - positives
            };
            let share = if settings.balanced {
                positive.len() as f64 / (2.0 * class.max(1) as f64)
            } else {
                1.0
            };
            settings.c * share
        };
        let ridge: Vec<f64> = positive.iter().map(|&p| 0.5 / cost(p)).collect();
        let square = |v: &SparseVector| v.iter().map(|&(_, x)| f64::from(x).powi(2)).sum::<f64>();
        Descent {
            vectors,
            signs: positive.iter().map(|&p| if p { 1.0 } else { -1.0 }).collect(),
            diagonal: vectors.iter().zip(&ridge).map(|(v, r)| square(v) + 1.0 + r).collect(),
            ridge,
            alpha: vec![0.0; vectors.len()],
            weights: vec![0.0; dimension],
            bias: 0.0,
        }
    }

    /// One pass over all documents. Returns the difference between the largest and the smallest projected gradient.
    fn pass(&mut self, order: &[usize]) -> f64 {
        let (mut largest, mut smallest) = (f64::NEG_INFINITY, f64::INFINITY);
        for &i in order {
            let projected = self.step(i);
            largest = largest.max(projected);
            smallest = smallest.min(projected);
        }
        largest - smallest
    }

    /// Minimises the dual along one document's variable. Returns the projected gradient before the step.
    fn step(&mut self, i: usize) -> f64 {
        let (sign, alpha) = (self.signs[i], self.alpha[i]);
        let gradient = sign * self.score(i) - 1.0 + self.ridge[i] * alpha;
        let projected = if alpha == 0.0 { gradient.min(0.0) } else { gradient };
        if projected != 0.0 {
            let moved = (alpha - gradient / self.diagonal[i]).max(0.0);
            self.alpha[i] = moved;
            self.shift(i, (moved - alpha) * sign);
        }
        projected
    }

    fn score(&self, i: usize) -> f64 {
        self.vectors[i]
            .iter()
            .map(|&(index, x)| self.weights[index as usize] * f64::from(x))
            .sum::<f64>()
            + self.bias
    }

    fn shift(&mut self, i: usize, by: f64) {
        for &(index, x) in self.vectors[i] {
            self.weights[index as usize] += by * f64::from(x);
        }
        self.bias += by;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(plane: &Hyperplane, x: &SparseVector) -> f32 {
        x.iter().map(|&(i, v)| plane.weights[i as usize] * v).sum::<f32>() + plane.bias
    }

    #[test]
    fn separates_what_a_line_separates() {
        let mut rng = SplitMix64::new(7);
        let points: Vec<SparseVector> = (0..200)
            .map(|_| vec![(0, rng.unit() as f32 * 2.0 - 1.0), (1, rng.unit() as f32 * 2.0 - 1.0)])
            .collect();
        // Labels by a known line, with a gap around it.
        let side = |p: &SparseVector| p[0].1 + 2.0 * p[1].1 - 0.3;
        let points: Vec<SparseVector> = points.into_iter().filter(|p| side(p).abs() > 0.2).collect();
        let positive: Vec<bool> = points.iter().map(|p| side(p) > 0.0).collect();
        let borrowed: Vec<&SparseVector> = points.iter().collect();
        let settings = SvmSettings {
            c: 100.0,
            max_passes: 1000,
            tolerance: 0.001,
            balanced: false,
        };
        let plane = train(&borrowed, &positive, 2, &settings);
        assert!(
            points
                .iter()
                .zip(&positive)
                .all(|(p, &y)| (score(&plane, p) > 0.0) == y)
        );
        assert!((plane.weights[1] / plane.weights[0] - 2.0).abs() < 0.4, "{plane:?}");
    }

    #[test]
    fn a_rare_class_counts_when_balanced() {
        // Two documents of a rare class among forty almost identical ones.
        let (rare, common): (SparseVector, SparseVector) = (vec![(0, 1.0), (1, 0.3)], vec![(0, 1.0)]);
        let vectors: Vec<&SparseVector> = [&rare; 2].into_iter().chain([&common; 40]).collect();
        let positive: Vec<bool> = (0..42).map(|i| i < 2).collect();
        let plane = train(
            &vectors,
            &positive,
            2,
            &SvmSettings {
                c: 10.0,
                max_passes: 1000,
                ..Default::default()
            },
        );
        assert!(score(&plane, &rare) > 0.0 && score(&plane, &common) < 0.0, "{plane:?}");
    }

    #[test]
    fn without_documents_everything_is_zero() {
        assert_eq!(
            train(&[], &[], 3, &SvmSettings::default()),
            Hyperplane {
                weights: vec![0.0; 3],
                bias: 0.0
            }
        );
    }
}
