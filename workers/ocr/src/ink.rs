//! Measurements on a grey image before recognition: where the ink is, how high the letters are, and how far the lines are
//! skewed.

use image::GrayImage;

/// Otsu's threshold (1979): the grey level that divides the histogram into the two classes with the largest variance between
/// them. Pixels at or below it are ink.
pub(crate) fn otsu_threshold(image: &GrayImage) -> u8 {
    let mut histogram = [0u64; 256];
    for &grey in image.as_raw() {
        histogram[usize::from(grey)] += 1;
    }
    let total: u64 = histogram.iter().sum();
    let sum: u64 = (0u64..).zip(histogram).map(|(grey, count)| grey * count).sum();
    let (mut below, mut sum_below) = (0u64, 0u64);
    let (mut best, mut best_variance) = (127, -1.0);
    for (grey, count) in (0u8..=255).zip(histogram) {
        below += count;
        sum_below += u64::from(grey) * count;
        let above = total - below;
        if below == 0 || above == 0 {
            continue;
        }
        let apart = sum_below as f64 / below as f64 - (sum - sum_below) as f64 / above as f64;
        let variance = below as f64 * above as f64 * apart * apart;
        if variance > best_variance {
            (best, best_variance) = (grey, variance);
        }
    }
    best
}

/// The ink of an image, one flag a pixel.
pub(crate) struct Ink {
    width: usize,
    height: usize,
    flags: Vec<bool>,
}

impl Ink {
    pub(crate) fn of(image: &GrayImage) -> Ink {
        let threshold = otsu_threshold(image);
        let flags = image.as_raw().iter().map(|&grey| grey <= threshold).collect();
        Ink {
            width: image.width() as usize,
            height: image.height() as usize,
            flags,
        }
    }

    /// Fraction of the pixels that are ink.
    pub(crate) fn share(&self) -> f32 {
        self.flags.iter().filter(|&&ink| ink).count() as f32 / self.flags.len().max(1) as f32
    }

    pub(crate) fn is_at(&self, x: usize, y: usize) -> bool {
        self.flags[y * self.width + x]
    }

    /// Typical height in pixels of a letter's body: the median over connected pieces of ink, weighted by their height so that
    /// specks count for little. `None` if there are too few pieces.
    pub(crate) fn letter_height(&self) -> Option<f32> {
        const FEWEST: usize = 20;
        const SPECK: usize = 4;
        let tallest = (self.height / 8).max(SPECK);
        let is_letter = |piece: &Piece| {
            let (width, height) = (piece.right - piece.left + 1, piece.bottom - piece.top + 1);
            (SPECK..=tallest).contains(&height) && width <= height * 6 && height <= width * 12
        };
        let mut heights: Vec<usize> = self
            .pieces()
            .iter()
            .filter(|piece| is_letter(piece))
            .map(|piece| piece.bottom - piece.top + 1)
            .collect();
        if heights.len() < FEWEST {
            return None;
        }
        heights.sort_unstable();
        let half = heights.iter().sum::<usize>() / 2;
        let mut sum = 0;
        heights.into_iter().find_map(|height| {
            sum += height;
            (sum >= half).then_some(height as f32)
        })
    }

    /// Connected components (8-neighbourhood), by runs and union-find.
    fn pieces(&self) -> Vec<Piece> {
        let mut forest: Vec<usize> = Vec::new();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut above: Vec<Run> = Vec::new();
        for (y, row) in self.flags.chunks_exact(self.width.max(1)).enumerate() {
            let mut here: Vec<Run> = Vec::new();
            let mut first = 0;
            for (start, end) in runs(row) {
                let mut label = None;
                while above.get(first).is_some_and(|run| run.end < start) {
                    first += 1;
                }
                for run in above[first..].iter().take_while(|run| run.start <= end) {
                    let root = find(&mut forest, run.label);
                    label = Some(match label {
                        None => root,
                        Some(other) => unite(&mut forest, &mut pieces, other, root),
                    });
                }
                let label = label.unwrap_or_else(|| {
                    forest.push(forest.len());
                    pieces.push(Piece {
                        left: start,
                        top: y,
                        right: end - 1,
                        bottom: y,
                    });
                    forest.len() - 1
                });
                pieces[label].add_run(start, end, y);
                here.push(Run { start, end, label });
            }
            above = here;
        }
        (0..pieces.len())
            .filter(|&i| forest[i] == i)
            .map(|i| pieces[i])
            .collect()
    }

    /// The skew of the text lines, in degrees clockwise as seen, up to [`MAX_SKEW`]. 0 if it is unclear.
    ///
    /// When the page is upright, rows of text differ most from the gaps between them. So the skew is the angle with the largest
    /// sum of squared differences between neighbouring rows' ink (Postl 1986).
    pub(crate) fn skew(&self) -> f32 {
        const COARSE: f32 = 0.25;
        const FINE: f32 = 0.05;
        let points = self.baseline_points();
        if points.len() < 200 {
            return 0.0;
        }
        let best = |angles: &mut dyn Iterator<Item = f32>| {
            angles
                .map(|angle| (angle, self.sharpness(&points, angle)))
                .max_by(|a, b| a.1.total_cmp(&b.1))
        };
        let steps = (MAX_SKEW / COARSE) as i32;
        let Some((coarse, _)) = best(&mut (-steps..=steps).map(|step| step as f32 * COARSE)) else {
            return 0.0;
        };
        let Some((angle, sharpness)) = best(&mut (-5..=5).map(|step| coarse + step as f32 * FINE)) else {
            return 0.0;
        };
        // The end of the range is no maximum, and a flat maximum proves nothing.
        let is_clear = coarse.abs() < MAX_SKEW && sharpness > 1.05 * self.sharpness(&points, 0.0);
        if is_clear { angle } else { 0.0 }
    }

    /// Lower ends of strokes. They stand on the baselines, so they show a line's skew better than all its ink.
    fn baseline_points(&self) -> Vec<(f32, f32)> {
        let mut points = Vec::new();
        for y in 0..self.height.saturating_sub(1) {
            for x in 0..self.width {
                if self.is_at(x, y) && !self.is_at(x, y + 1) {
                    points.push((x as f32, y as f32));
                }
            }
        }
        points
    }

    fn sharpness(&self, points: &[(f32, f32)], angle: f32) -> f64 {
        let slope = angle.to_radians().tan();
        let slack = (self.width as f32 * slope.abs()).ceil();
        let mut rows = vec![0u32; self.height + 2 * slack as usize + 2];
        for &(x, y) in points {
            rows[(y - x * slope + slack) as usize] += 1;
        }
        rows.windows(2)
            .map(|pair| f64::from(pair[0].abs_diff(pair[1])).powi(2))
            .sum()
    }
}

/// Scanners and hands do not skew a page more. Beyond this, it is turned or a photograph.
pub(crate) const MAX_SKEW: f32 = 7.0;

struct Run {
    start: usize,
    /// One past the last pixel.
    end: usize,
    label: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Piece {
    fn add_run(&mut self, start: usize, end: usize, y: usize) {
        self.left = self.left.min(start);
        self.right = self.right.max(end - 1);
        self.bottom = self.bottom.max(y);
    }
}

fn runs(row: &[bool]) -> impl Iterator<Item = (usize, usize)> {
    let mut x = 0;
    std::iter::from_fn(move || {
        let start = x + row[x..].iter().position(|&ink| ink)?;
        x = start + row[start..].iter().position(|&ink| !ink).unwrap_or(row.len() - start);
        Some((start, x))
    })
}

fn find(forest: &mut [usize], mut label: usize) -> usize {
    while forest[label] != label {
        forest[label] = forest[forest[label]];
        label = forest[label];
    }
    label
}

fn unite(forest: &mut [usize], pieces: &mut [Piece], a: usize, b: usize) -> usize {
    let (kept, gone) = (a.min(b), a.max(b));
    if kept != gone {
        forest[gone] = kept;
        let other = pieces[gone];
        let piece = &mut pieces[kept];
        piece.left = piece.left.min(other.left);
        piece.top = piece.top.min(other.top);
        piece.right = piece.right.max(other.right);
        piece.bottom = piece.bottom.max(other.bottom);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    /// Rows of letter-like bars of 12 by 20 pixels, leaning by `angle` degrees.
    fn page(angle: f32) -> GrayImage {
        let slope = angle.to_radians().tan();
        GrayImage::from_fn(800, 600, |x, y| {
            let along = y as f32 - x as f32 * slope + 1000.0;
            let is_ink = along % 50.0 < 20.0 && x % 20 < 12 && (50..750).contains(&x) && (80..520).contains(&y);
            Luma([if is_ink { 20 } else { 235 }])
        })
    }

    #[test]
    fn the_threshold_parts_ink_from_paper() {
        let threshold = otsu_threshold(&page(0.0));
        assert!((20..235).contains(&threshold), "{threshold}");
        assert!(otsu_threshold(&GrayImage::new(0, 0)) < 255);
    }

    #[test]
    fn letters_are_measured_by_their_height() {
        let height = Ink::of(&page(0.0)).letter_height().expect("letters");
        assert!((19.0..=21.0).contains(&height), "{height}");
        assert_eq!(
            Ink::of(&GrayImage::from_pixel(50, 50, Luma([255]))).letter_height(),
            None
        );
    }

    #[test]
    fn pieces_joined_below_are_one() {
        // A "U": two strokes that meet at the bottom.
        let u = GrayImage::from_fn(9, 9, |x, y| {
            let is_ink = (x == 2 || x == 6) && (1..8).contains(&y) || y == 7 && (2..7).contains(&x);
            Luma([if is_ink { 0 } else { 255 }])
        });
        assert_eq!(
            Ink::of(&u).pieces(),
            [Piece {
                left: 2,
                top: 1,
                right: 6,
                bottom: 7
            }]
        );
    }

    #[test]
    fn lean_is_measured() {
        for angle in [-3.0, -1.2, 0.0, 0.8, 4.0] {
            let measured = Ink::of(&page(angle)).skew();
            assert!((measured - angle).abs() < 0.25, "{angle} measured as {measured}");
        }
    }
}
