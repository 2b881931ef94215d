//! The baseline of a line of words, estimated from the boxes around their ink.
//!
//! PDF readers group words into lines by their baselines and sizes. Boxes alone mislead them: "gone" reaches below its
//! neighbours, "are" is lower than "Total". So a line gets one size and one baseline, which may slope: the Theil–Sen estimator
//! (Theil 1950, Sen 1968) of the boxes' lower edges, which up to 29 % of words with descenders do not move.

use queue_schema::document::Rect;

/// The number of pairs grows with the square of the words. A line has few words, but a table row read as one line may have
/// many.
const MOST_BOXES: usize = 64;
const SMALLEST_SIZE: f32 = 0.5;
/// By how much, in font sizes, the ends of a sloping line are moved towards its middle. PDF readers break a line where a word
/// is more than half a size off the first one. This keeps lines whole on a sheet scanned one degree askew.
const FLATTENING: f32 = 0.35;
/// About ten degrees. Boxes of a steeper line were put together by mistake.
const STEEPEST: f32 = 0.18;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// Font size, in 1/72 inch.
    pub size: f32,
    slope: f32,
    offset: f32,
}

impl Baseline {
    /// The baseline's height (y down) at `x`.
    pub fn at(&self, x: f32) -> f32 {
        self.slope * x + self.offset
    }

    fn flattened(self, boxes: &[Rect]) -> Baseline {
        let (start, end) = boxes
            .iter()
            .fold((f32::MAX, f32::MIN), |(s, e), r| (s.min(middle(r)), e.max(middle(r))));
        if end <= start {
            return self;
        }
        let rise = self.slope * (end - start);
        let kept = rise.signum() * (rise.abs() - 2.0 * FLATTENING * self.size).max(0.0);
        let slope = kept / (end - start);
        Baseline {
            slope,
            offset: self.at((start + end) / 2.0) - slope * (start + end) / 2.0,
            ..self
        }
    }
}

/// Fits the baseline of one line. `boxes` are in upright coordinates, y down, and not empty.
pub fn fit(boxes: &[Rect]) -> Baseline {
    let step = boxes.len().div_ceil(MOST_BOXES).max(1);
    let sample: Vec<&Rect> = boxes.iter().step_by(step).collect();
    let size = quantile(sample.iter().map(|r| r.height()).collect(), 0.75).max(SMALLEST_SIZE);
    let slope = slope(&sample, size);
    let offset = quantile(sample.iter().map(|r| r.y1 - slope * middle(r)).collect(), 0.5);
    Baseline { size, slope, offset }.flattened(boxes)
}

fn slope(boxes: &[&Rect], size: f32) -> f32 {
    let mut slopes = Vec::new();
    for (i, a) in boxes.iter().enumerate() {
        for b in &boxes[i + 1..] {
            let run = middle(b) - middle(a);
            // Neighbouring words are skipped: their edges differ by the shapes of their letters, not by the line's slope.
            if run.abs() > 4.0 * size {
                slopes.push((b.y1 - a.y1) / run);
            }
        }
    }
    if slopes.is_empty() {
        0.0
    } else {
        quantile(slopes, 0.5).clamp(-STEEPEST, STEEPEST)
    }
}

fn middle(r: &Rect) -> f32 {
    (r.x0 + r.x1) / 2.0
}

fn quantile(mut values: Vec<f32>, q: f32) -> f32 {
    values.sort_by(f32::total_cmp);
    let last = values.len().saturating_sub(1);
    values
        .get((last as f32 * q).round() as usize)
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(x0: f32, y0: f32, x1: f32, y1: f32) -> Rect {
        Rect { x0, y0, x1, y1 }
    }

    #[test]
    fn descenders_do_not_move_the_baseline() {
        let line = [
            boxed(0.0, 10.0, 30.0, 20.0),
            boxed(35.0, 10.0, 60.0, 23.0),
            boxed(65.0, 12.0, 90.0, 20.0),
            boxed(95.0, 10.0, 120.0, 20.0),
        ];
        let fit = fit(&line);
        assert!((fit.at(60.0) - 20.0).abs() < 0.5, "{fit:?}");
    }

    #[test]
    fn a_skewed_line_is_followed_but_for_a_third_of_its_size() {
        let line: Vec<Rect> = (0..10)
            .map(|i| i as f32)
            .map(|i| boxed(50.0 * i, 2.0 * i, 50.0 * i + 40.0, 2.0 * i + 10.0))
            .collect();
        let fit = fit(&line);
        assert!(
            (fit.at(20.0) - 13.5).abs() < 0.1 && (fit.at(470.0) - 24.5).abs() < 0.1,
            "{fit:?}"
        );
    }

    #[test]
    fn a_line_a_little_askew_is_straightened() {
        let line: Vec<Rect> = (0..10)
            .map(|i| i as f32)
            .map(|i| boxed(50.0 * i, 0.6 * i, 50.0 * i + 40.0, 0.6 * i + 10.0))
            .collect();
        let fit = fit(&line);
        assert!((fit.at(20.0) - fit.at(470.0)).abs() < 0.01, "{fit:?}");
    }

    #[test]
    fn boxes_without_height_still_give_a_size() {
        assert!(fit(&[boxed(5.0, 5.0, 5.0, 5.0)]).size > 0.0);
    }
}
