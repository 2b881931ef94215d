//! The invisible text of one page: a content stream that stretches each word to its bounding box.

use crate::baseline::{self, Baseline};
use crate::font::{ADVANCE, Alphabet};
use pdf_writer::types::TextRenderingMode;
use pdf_writer::{Content, Name, Str};
use queue_schema::document::{Page, Rect, Word};

/// Maps a page as displayed (origin top left, y down, 1/72 inch) to the user space of its content stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// `[a, b, c, d, e, f]`: x' = a·x + c·y + e, y' = b·x + d·y + f.
    pub matrix: [f32; 6],
}

impl Frame {
    /// A page of `height` that is displayed as it is stored.
    pub fn upright(height: f32) -> Frame {
        Frame {
            matrix: [1.0, 0.0, 0.0, -1.0, 0.0, height],
        }
    }

    fn point(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [a, b, c, d, e, f] = self.matrix;
        [a * x + c * y + e, b * x + d * y + f]
    }

    fn direction(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [a, b, c, d, ..] = self.matrix;
        [a * x + c * y, b * x + d * y]
    }
}

/// The page's own reading direction: `along` the line and `down` to the next one, as unit vectors of the displayed page.
#[derive(Clone, Copy)]
struct Reading {
    along: [f32; 2],
    down: [f32; 2],
}

impl Reading {
    /// `turned` is [`Page::rotation`]: the clockwise turn that makes the text upright.
    fn of(turned: u16) -> Reading {
        match turned % 360 {
            90 => Reading {
                along: [0.0, -1.0],
                down: [1.0, 0.0],
            },
            180 => Reading {
                along: [-1.0, 0.0],
                down: [0.0, -1.0],
            },
            270 => Reading {
                along: [0.0, 1.0],
                down: [-1.0, 0.0],
            },
            _ => Reading {
                along: [1.0, 0.0],
                down: [0.0, 1.0],
            },
        }
    }

    /// The rectangle in the coordinates of the upright text.
    fn upright(&self, r: &Rect) -> Rect {
        let dot = |v: [f32; 2], x: f32, y: f32| v[0] * x + v[1] * y;
        let (u0, u1) = (dot(self.along, r.x0, r.y0), dot(self.along, r.x1, r.y1));
        let (v0, v1) = (dot(self.down, r.x0, r.y0), dot(self.down, r.x1, r.y1));
        Rect {
            x0: u0.min(u1),
            y0: v0.min(v1),
            x1: u0.max(u1),
            y1: v0.max(v1),
        }
    }

    fn displayed(&self, u: f32, v: f32) -> [f32; 2] {
        [
            self.along[0] * u + self.down[0] * v,
            self.along[1] * u + self.down[1] * v,
        ]
    }
}

/// A self-contained content stream (`q … Q`) that places the page's words in `font` without painting anything. `None` when the
/// page has no word to place.
pub fn content(page: &Page, frame: &Frame, font: Name, alphabet: &mut Alphabet) -> Option<Vec<u8>> {
    let reading = Reading::of(page.rotation);
    let words: Vec<(&Word, Rect)> = page
        .words
        .iter()
        .filter(|word| is_layable(word))
        .map(|word| (word, reading.upright(&word.rect)))
        .collect();
    if words.is_empty() {
        return None;
    }
    let mut content = Content::new();
    content.save_state();
    content.begin_text();
    content.set_text_rendering_mode(TextRenderingMode::Invisible);
    for line in words.chunk_by(|(a, _), (b, _)| a.line == b.line) {
        let boxes: Vec<Rect> = line.iter().map(|(_, rect)| *rect).collect();
        let baseline = baseline::fit(&boxes);
        content.set_font(font, baseline.size);
        for (word, rect) in line {
            show(&mut content, alphabet, frame, &reading, &baseline, &word.text, rect);
        }
    }
    content.end_text();
    content.restore_state();
    Some(content.finish().into_vec())
}

fn is_layable(word: &Word) -> bool {
    let r = word.rect;
    [r.x0, r.y0, r.x1, r.y1].iter().all(|v| v.is_finite()) && word.text.chars().any(|c| !c.is_control())
}

/// One word, followed by a space so that copied text keeps its word breaks.
fn show(
    content: &mut Content,
    alphabet: &mut Alphabet,
    frame: &Frame,
    reading: &Reading,
    baseline: &Baseline,
    text: &str,
    rect: &Rect,
) {
    let codes = alphabet.encode(text);
    let natural = (codes.len() / 2) as f32 * ADVANCE / 1000.0 * baseline.size;
    let width = rect.width().max(0.1 * baseline.size);
    let [x, y] = frame.point(reading.displayed(rect.x0, baseline.at((rect.x0 + rect.x1) / 2.0)));
    let [a, b] = frame.direction(reading.along);
    let [c, d] = frame.direction(reading.down);
    content.set_horizontal_scaling(100.0 * width / natural);
    content.set_text_matrix([a, b, -c, -d, x, y]);
    let mut shown = codes;
    shown.extend(alphabet.encode(" "));
    content.show(Str(&shown));
}
