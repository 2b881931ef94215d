//! Joins glyphs, in drawing order, into words along their baselines.

use super::survey::Glyph;
use hayro::kurbo::{Point, Vec2};
use queue_schema::document::Rect;
use std::collections::HashMap;

/// A gap wider than this fraction of the font size ends a word.
const BREAK: f64 = 0.1;
/// Kerning and overstrikes may step back this far, in font sizes.
const STEP_BACK: f64 = 0.5;
/// Glyphs of one word are this close to its baseline, in font sizes, so that superscripts do not end a word.
const BASELINE_DRIFT: f64 = 0.4;
/// The fraction of the em square above and below the baseline that a line of text occupies.
const ASCENT: f64 = 0.75;
const DESCENT: f64 = 0.22;
/// A second copy this close to the first, in font sizes, is bold type made by printing twice.
const OVERPRINT: f64 = 0.12;

/// A word on the page.
#[derive(Debug, Clone)]
pub(crate) struct PlacedWord {
    pub text: String,
    pub rect: Rect,
    /// Where its baseline starts.
    pub origin: Point,
    pub along: Vec2,
    /// Font size as displayed.
    pub size: f64,
}

pub(crate) fn build_words(glyphs: &[Glyph]) -> Vec<PlacedWord> {
    let mut builder = Builder::default();
    for glyph in glyphs {
        builder.add(glyph);
    }
    builder.end_word();
    without_overprints(builder.words)
}

#[derive(Default)]
struct Builder {
    words: Vec<PlacedWord>,
    current: Option<PlacedWord>,
    /// The last glyph of the current word.
    last: Option<Glyph>,
}

impl Builder {
    fn add(&mut self, glyph: &Glyph) {
        let text = readable(glyph.text.as_deref().unwrap_or_default());
        if text.is_empty() {
            return;
        }
        if text.chars().all(char::is_whitespace) {
            self.end_word();
            return;
        }
        if self.last.as_ref().is_some_and(|last| is_overprint(last, glyph)) {
            return;
        }
        if !self.last.as_ref().is_some_and(|last| continues(last, glyph)) {
            self.end_word();
        }
        // A glyph may stand for several words ("No. 5" drawn as one form of a Type 3 font).
        for (i, part) in text.split(char::is_whitespace).enumerate() {
            if i > 0 {
                self.end_word();
            }
            if !part.is_empty() {
                self.extend(part, glyph);
            }
        }
    }

    fn extend(&mut self, text: &str, glyph: &Glyph) {
        let rect = glyph_box(glyph);
        match &mut self.current {
            Some(word) => {
                word.text.push_str(text);
                word.rect = word.rect.union(&rect);
            }
            None => {
                self.current = Some(PlacedWord {
                    text: text.to_owned(),
                    rect,
                    origin: glyph.origin,
                    along: glyph.along,
                    size: glyph.up.hypot(),
                });
            }
        }
        self.last = Some(glyph.clone());
    }

    fn end_word(&mut self) {
        self.last = None;
        if let Some(mut word) = self.current.take() {
            word.text = without_soft_hyphens(&word.text);
            if !word.text.is_empty() {
                self.words.push(word);
            }
        }
    }
}

fn continues(last: &Glyph, next: &Glyph) -> bool {
    let size = last.up.hypot().max(next.up.hypot());
    let step = next.origin - last.end;
    let gap = step.dot(last.along);
    let drift = step.cross(last.along).abs();
    last.along.dot(next.along) > 0.98
        && drift < BASELINE_DRIFT * size
        && (-STEP_BACK * size..=BREAK * size).contains(&gap)
}

fn is_overprint(last: &Glyph, next: &Glyph) -> bool {
    last.text == next.text && (next.origin - last.origin).hypot() < OVERPRINT * last.up.hypot()
}

fn glyph_box(glyph: &Glyph) -> Rect {
    let corners = [
        glyph.origin + glyph.up * ASCENT,
        glyph.origin - glyph.up * DESCENT,
        glyph.end + glyph.up * ASCENT,
        glyph.end - glyph.up * DESCENT,
    ];
    let corner = |p: &Point| Rect {
        x0: p.x as f32,
        y0: p.y as f32,
        x1: p.x as f32,
        y1: p.y as f32,
    };
    corners[1..]
        .iter()
        .fold(corner(&corners[0]), |rect, p| rect.union(&corner(p)))
}

/// Expands ligatures and drops control characters. Characters that the file maps to nothing are left out.
fn readable(text: &str) -> String {
    let mut readable = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{fb00}' => readable.push_str("ff"),
            '\u{fb01}' => readable.push_str("fi"),
            '\u{fb02}' => readable.push_str("fl"),
            '\u{fb03}' => readable.push_str("ffi"),
            '\u{fb04}' => readable.push_str("ffl"),
            '\u{fb05}' | '\u{fb06}' => readable.push_str("st"),
            '\t' | '\n' | '\r' => readable.push(' '),
            // Zero width, byte order mark, replacement.
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fffd}' => {}
            c if c.is_control() => {}
            c => readable.push(c),
        }
    }
    readable
}

/// A soft hyphen is visible only at the end of a line. There it becomes a hyphen, elsewhere it is removed.
fn without_soft_hyphens(word: &str) -> String {
    const SOFT_HYPHEN: char = '\u{ad}';
    if !word.contains(SOFT_HYPHEN) {
        return word.to_owned();
    }
    let ends_line = word.ends_with(SOFT_HYPHEN);
    let mut plain: String = word.chars().filter(|&c| c != SOFT_HYPHEN).collect();
    if ends_line {
        plain.push('-');
    }
    plain
}

/// Drops words that are printed again over themselves (shadows, fake bold).
fn without_overprints(words: Vec<PlacedWord>) -> Vec<PlacedWord> {
    let mut printed: HashMap<String, Vec<Point>> = HashMap::new();
    words
        .into_iter()
        .filter(|word| {
            let places = printed.entry(word.text.clone()).or_default();
            let seen = places
                .iter()
                .any(|place| (*place - word.origin).hypot() < OVERPRINT * word.size);
            // Bounded, so that a page of one endlessly repeated word does not take quadratic time.
            if !seen && places.len() < 200 {
                places.push(word.origin);
            }
            !seen
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Glyphs of 10 points, each 5 wide, from x on.
    fn glyphs(text: &str, x: f64, y: f64) -> Vec<Glyph> {
        text.chars()
            .enumerate()
            .map(|(i, c)| {
                let origin = Point::new(x + 5.0 * i as f64, y);
                Glyph {
                    text: Some(c.to_string()),
                    origin,
                    end: origin + Vec2::new(5.0, 0.0),
                    along: Vec2::new(1.0, 0.0),
                    up: Vec2::new(0.0, -10.0),
                    hidden: false,
                }
            })
            .collect()
    }

    fn texts(glyphs: &[Glyph]) -> Vec<String> {
        build_words(glyphs).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn spaces_and_gaps_end_words() {
        assert_eq!(texts(&glyphs("two words", 0.0, 20.0)), ["two", "words"]);
        let mut apart = glyphs("left", 0.0, 20.0);
        apart.extend(glyphs("right", 22.0, 20.0));
        assert_eq!(texts(&apart), ["left", "right"]);
        let mut kerned = glyphs("AV", 0.0, 20.0);
        kerned.extend(glyphs("E", 9.0, 20.0));
        assert_eq!(texts(&kerned), ["AVE"]);
    }

    #[test]
    fn a_new_line_ends_a_word() {
        let mut lines = glyphs("upper", 0.0, 20.0);
        lines.extend(glyphs("lower", 25.0, 32.0));
        assert_eq!(texts(&lines), ["upper", "lower"]);
    }

    #[test]
    fn boxes_hold_the_letters() {
        let words = build_words(&glyphs("box", 100.0, 50.0));
        let rect = words[0].rect;
        assert_eq!((rect.x0, rect.x1), (100.0, 115.0));
        assert!(rect.y0 < 43.0 && rect.y1 > 51.0 && rect.y1 < 54.0);
    }

    #[test]
    fn ligatures_hyphens_and_control_characters() {
        let mut ligature = glyphs("\u{fb01}nal", 0.0, 20.0);
        ligature[1].text = Some("n\0".to_owned());
        assert_eq!(texts(&ligature), ["final"]);
        assert_eq!(texts(&glyphs("Do\u{ad}ku\u{ad}", 0.0, 20.0)), ["Doku-"]);
    }

    #[test]
    fn what_is_printed_twice_is_read_once() {
        let mut bold = glyphs("Total", 0.0, 20.0);
        bold.extend(glyphs("Total", 0.4, 20.0));
        assert_eq!(texts(&bold), ["Total"]);
        let each_letter_twice: Vec<Glyph> = glyphs("ill", 0.0, 20.0)
            .into_iter()
            .flat_map(|g| [g.clone(), g])
            .collect();
        assert_eq!(texts(&each_letter_twice), ["ill"]);
    }
}
