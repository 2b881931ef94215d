//! Finds the orientation of a page whose text was recognised as nonsense.

use crate::ink::Ink;
use crate::prepare::{PREPARED_DPI, prepare};
use crate::recogniser::{Layout, PixelWord, RecogniseError, Recognised, Recogniser};
use image::GrayImage;
use std::time::Instant;

/// Recognition below this confidence may be of text that is upside down or on its side.
const DOUBTFUL: f32 = 0.6;
/// Fewer words than this, on a page with ink, are doubtful whatever their confidence.
const FEW_WORDS: usize = 4;
/// A page with a smaller fraction of ink is empty rather than turned.
const EMPTY: f32 = 0.002;
/// Another orientation must be this many times as legible.
const CLEARLY_BETTER: f32 = 1.5;

/// Whether another orientation of the page is worth trying.
pub(crate) fn is_doubtful(recognised: &Recognised, page: &GrayImage) -> bool {
    let upright = recognised.words.iter().filter(|word| is_upright(word)).count();
    let reads_badly = upright < FEW_WORDS || recognised.confidence < DOUBTFUL || upright * 2 < recognised.words.len();
    reads_badly && (EMPTY..0.5).contains(&Ink::of(page).share())
}

/// False for words on their side. Tesseract reads some of those too, but breaks up their lines.
fn is_upright(word: &PixelWord) -> bool {
    let [left, top, right, bottom] = word.pixels;
    word.text.chars().count() < 3 || right - left >= bottom - top
}

/// Clockwise quarter turns that make the page's text upright. Recognises the part with the most ink in each orientation.
pub(crate) fn quarter_turns(
    page: &GrayImage,
    recogniser: &mut Recogniser,
    deadline: Option<Instant>,
) -> Result<u8, RecogniseError> {
    let sample = most_inked_part(page);
    let mut scores = [0.0; 4];
    for quarter_turns in 0..4u8 {
        let prepared = prepare(&sample, quarter_turns, Layout::Page.letter_height());
        let recognised = recogniser.recognise(&prepared.image, PREPARED_DPI, Layout::Page, deadline)?;
        scores[usize::from(quarter_turns)] = legibility(&recognised);
    }
    let best = (0..4u8)
        .max_by(|&a, &b| scores[usize::from(a)].total_cmp(&scores[usize::from(b)]))
        .unwrap_or(0);
    Ok(if scores[usize::from(best)] > CLEARLY_BETTER * scores[0] {
        best
    } else {
        0
    })
}

/// Number of letters and digits in words, weighted by the square of their confidence: much doubtful text counts less than some
/// certain text.
fn legibility(recognised: &Recognised) -> f32 {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count() as f32;
    let words = recognised
        .words
        .iter()
        .filter(|word| word.text.chars().count() > 1 && is_upright(word));
    words.map(|word| letters(&word.text) * word.confidence.powi(2)).sum()
}

/// A quarter of the page as a sample, to save time: of nine overlapping quarters, the one with the most ink.
fn most_inked_part(page: &GrayImage) -> GrayImage {
    let (width, height) = page.dimensions();
    let (part_width, part_height) = ((width / 2).max(1), (height / 2).max(1));
    let parts = (0..3).flat_map(|row| (0..3).map(move |column| (column * width / 4, row * height / 4)));
    parts
        .map(|(x, y)| {
            let part = image::imageops::crop_imm(page, x, y, part_width, part_height).to_image();
            let darkness: u64 = part.as_raw().iter().map(|&grey| u64::from(255 - grey)).sum();
            (darkness, part)
        })
        .max_by_key(|(darkness, _)| *darkness)
        .map_or_else(|| page.clone(), |(_, part)| part)
}
