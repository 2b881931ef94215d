//! A page's text layer, and whether it is good enough to skip recognition.

use super::order::in_reading_order;
use super::survey::{Glyph, PageSurvey};
use super::words::build_words;
use crate::shape::PageShape;
use queue_schema::document::Word;

/// If more than this fraction of the glyphs has no known character, the text has gaps (subset fonts without a `ToUnicode` map).
const MAX_UNMAPPED: f32 = 0.05;
/// An image that covers more than this fraction of the page is a scan.
const SCAN_COVERAGE: f32 = 0.5;
/// If a scan has fewer visible words than this, they are a stamp or a fax header, not its text.
const FEW_WORDS: usize = 30;
/// In every language with Latin letters, more than this fraction of the longer words has a vowel.
const MIN_WITH_VOWEL: f32 = 0.5;

/// The text that a page carries, visible or hidden.
#[derive(Debug, Clone)]
pub struct TextLayer {
    /// In reading order, with boxes as displayed.
    pub words: Vec<Word>,
    /// Fraction of the glyphs without a known character, 0 to 1.
    pub unmapped: f32,
    /// Fraction of the glyphs that are invisible, as in a scan's OCR layer, 0 to 1.
    pub hidden: f32,
    /// Fraction of the page covered by images, 0 to 1, overlaps counted once at least.
    pub image_coverage: f32,
    /// Whether the page is empty: no glyph, image, line or area.
    pub is_blank: bool,
}

impl TextLayer {
    pub(crate) fn new(survey: PageSurvey, shape: PageShape) -> TextLayer {
        let glyphs = &survey.glyphs;
        let page_area = f64::from(shape.width) * f64::from(shape.height);
        let covered: f64 = survey
            .images
            .iter()
            .map(|image| image.width().max(0.0) * image.height().max(0.0))
            .sum();
        TextLayer {
            unmapped: share(glyphs, |glyph| glyph.text.as_deref().is_none_or(is_unmapped)),
            hidden: share(glyphs, |glyph| glyph.hidden),
            image_coverage: (covered / page_area).min(1.0) as f32,
            is_blank: glyphs.is_empty() && survey.images.is_empty() && !survey.has_paths,
            words: in_reading_order(build_words(glyphs)),
        }
    }

    /// Whether these words can be used as the page's text, without recognition.
    pub fn is_good(&self) -> bool {
        let is_scan = self.image_coverage > SCAN_COVERAGE;
        let is_stamp = is_scan && self.hidden < 0.5 && self.words.len() < FEW_WORDS;
        !self.words.is_empty() && self.unmapped <= MAX_UNMAPPED && !is_stamp && self.looks_like_language()
    }

    /// False for the gibberish of fonts with a wrong encoding.
    fn looks_like_language(&self) -> bool {
        let is_long_latin = |word: &&Word| word.text.len() >= 4 && word.text.chars().all(|c| c.is_ascii_alphabetic());
        let long: Vec<&Word> = self.words.iter().filter(is_long_latin).collect();
        let with_vowel = long.iter().filter(|word| word.text.contains(is_vowel)).count();
        long.len() < 20 || with_vowel as f32 >= MIN_WITH_VOWEL * long.len() as f32
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

fn share(glyphs: &[Glyph], is: impl Fn(&Glyph) -> bool) -> f32 {
    glyphs.iter().filter(|glyph| is(glyph)).count() as f32 / glyphs.len().max(1) as f32
}

/// Control characters, the replacement character and private-use characters mean nothing to a reader.
fn is_unmapped(text: &str) -> bool {
    let says_nothing =
        |c: char| (c.is_control() && !c.is_whitespace()) || c == '\u{fffd}' || matches!(c, '\u{e000}'..='\u{f8ff}');
    !text.is_empty() && text.chars().all(says_nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use queue_schema::document::Rect;

    fn layer(words: &[&str]) -> TextLayer {
        let word = |text: &&str| Word {
            text: (*text).into(),
            rect: Rect::default(),
            confidence: 1.0,
            line: 0,
        };
        let words = words.iter().map(word).collect();
        TextLayer {
            words,
            unmapped: 0.0,
            hidden: 0.0,
            image_coverage: 0.0,
            is_blank: false,
        }
    }

    #[test]
    fn text_stands_in_for_recognition_unless_it_has_holes() {
        assert!(layer(&["Invoice", "42"]).is_good());
        assert!(!layer(&[]).is_good());
        assert!(
            !TextLayer {
                unmapped: 0.2,
                ..layer(&["Invoice"])
            }
            .is_good()
        );
    }

    #[test]
    fn a_stamp_on_a_scan_is_not_the_scans_text() {
        let stamped = TextLayer {
            image_coverage: 0.95,
            ..layer(&["Page", "1"])
        };
        assert!(!stamped.is_good());
        assert!(TextLayer { hidden: 1.0, ..stamped }.is_good());
    }

    #[test]
    fn letter_salad_is_told_from_language() {
        assert!(!layer(&["Wklv", "lqyrlfh", "dpqxqw", "gxhg"].repeat(10)).is_good());
        assert!(layer(&["This", "invoice", "Rechnung", "Zahlbar"].repeat(10)).is_good());
    }
}
