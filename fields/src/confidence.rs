//! How a score becomes a confidence. Both are shares, 0 to 1; a score may lie outside.

/// Scores that differ by no more than this are equal.
pub const TIE: f32 = 1e-4;

/// The best of these whose score is above `least`, with its score. Of equals the first.
pub fn first_best<T>(scored: impl IntoIterator<Item = (T, f32)>, least: f32) -> Option<(T, f32)> {
    scored.into_iter().fold(None, |best, (item, score)| {
        let to_beat = best.as_ref().map_or(least, |(_, best)| best + TIE);
        if score > to_beat { Some((item, score)) } else { best }
    })
}

/// The most confidence that labels and wordings alone give.
pub const MOST: f32 = 0.97;
/// A field is never impossible and never certain.
const SHOWN: (f32, f32) = (0.01, 0.99);

/// A confidence that rises evenly with the score.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// The confidence at a score of 0.
    pub start: f32,
    /// Added for a score of 1.
    pub rise: f32,
    /// The highest confidence.
    pub most: f32,
}

impl Scale {
    pub fn of(self, score: f32) -> f32 {
        (self.start + self.rise * score).min(self.most)
    }
}

/// A confidence for scores without bounds. At the score `middle` it is one half.
pub fn logistic(score: f32, middle: f32) -> f32 {
    1.0 / (1.0 + (middle - score).exp())
}

/// The confidence that a field is given.
pub fn shown(confidence: f32) -> f32 {
    confidence.clamp(SHOWN.0, SHOWN.1)
}
