//! Converts scores into calibrated probabilities.
//!
//! Temperature scaling (Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017): the softmax of
//! all scores divided by one temperature, chosen to maximize the likelihood of documents that the model has not seen. It never
//! changes which class is first. Platt's sigmoid would have to be fitted per class, and normalised.

/// The softmax of `scores / temperature`.
pub fn softmax(scores: &[f32], temperature: f32) -> Vec<f32> {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = scores.iter().map(|s| ((s - top) / temperature).exp()).collect();
    let sum: f32 = exps.iter().sum();
    exps.into_iter().map(|e| e / sum).collect()
}

/// The temperature with the highest likelihood of the true classes. 1 without documents.
///
/// Golden-section search over the logarithm of the temperature, in which the loss has one minimum.
pub fn fit_temperature(scored: &[(Vec<f32>, usize)]) -> f32 {
    if scored.is_empty() {
        return 1.0;
    }
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.02f64.ln(), 20f64.ln());
    let loss = |x: f64| negative_log_likelihood(scored, x.exp() as f32);
    for _ in 0..40 {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if loss(left) < loss(right) {
            high = right;
        } else {
            low = left;
        }
    }
    ((low + high) / 2.0).exp() as f32
}

/// The mean. A true class's probability counts as at least 1e-6.
fn negative_log_likelihood(scored: &[(Vec<f32>, usize)], temperature: f32) -> f64 {
    let loss = |(scores, truth): &(Vec<f32>, usize)| -f64::from(softmax(scores, temperature)[*truth].max(1e-6)).ln();
    scored.iter().map(loss).sum::<f64>() / scored.len() as f64
}

/// Expected calibration error over ten equal bins of confidence: the mean difference between the model's confidence and its
/// accuracy. 0 is perfect.
pub fn calibration_error(judged: &[(f32, bool)]) -> f64 {
    let mut bins = [(0.0f64, 0.0f64); 10];
    for &(confidence, right) in judged {
        let bin = &mut bins[((confidence * 10.0) as usize).min(9)];
        bin.0 += f64::from(confidence);
        bin.1 += f64::from(u8::from(right));
    }
    bins.iter().map(|(sure, right)| (sure - right).abs()).sum::<f64>() / judged.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_is_a_distribution_in_the_order_of_the_scores() {
        let p = softmax(&[1.0, 3.0, -500.0], 0.5);
        assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(p[1] > p[0] && p[0] > p[2] && p.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn the_temperature_makes_confidence_meet_accuracy() {
        // Right four times out of five at any score, so the confidence has to come down to 0.8.
        let scored: Vec<(Vec<f32>, usize)> = (0..100).map(|i| (vec![1.0, -1.0], usize::from(i % 5 == 0))).collect();
        let confidence = softmax(&[1.0, -1.0], fit_temperature(&scored))[0];
        assert!((confidence - 0.8).abs() < 0.01, "{confidence}");
    }

    #[test]
    fn calibration_error_is_the_gap() {
        assert!(calibration_error(&[(0.9, true), (0.9, false)]) - 0.4 < 1e-6);
        assert_eq!(calibration_error(&[]), 0.0);
    }
}
