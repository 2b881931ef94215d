//! A page to draw on: text, rules and boxes, placed in 1/72 inch from the top left.

use crate::metrics::{Font, win_ansi};
use pdf_writer::{Content, Name, Str};

pub const A4: (f32, f32) = (595.28, 841.89);

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub font: Font,
    pub size: f32,
    pub ink: Ink,
}

/// Red, green, blue, 0 to 1.
pub type Ink = [f32; 3];
pub const BLACK: Ink = [0.08, 0.08, 0.1];
pub const GRAY: Ink = [0.4, 0.42, 0.45];
pub const WHITE: Ink = [1.0, 1.0, 1.0];

impl Style {
    pub const fn new(font: Font, size: f32) -> Style {
        Style { font, size, ink: BLACK }
    }

    pub const fn ink(self, ink: Ink) -> Style {
        Style { ink, ..self }
    }

    pub fn width(&self, text: &str) -> f32 {
        self.font.width(text, self.size)
    }
}

pub struct Sheet {
    pub width: f32,
    pub height: f32,
    content: Content,
}

impl Sheet {
    pub fn new((width, height): (f32, f32)) -> Sheet {
        Sheet {
            width,
            height,
            content: Content::new(),
        }
    }

    pub fn a4() -> Sheet {
        Sheet::new(A4)
    }

    pub fn into_content(self) -> Vec<u8> {
        self.content.finish().into_vec()
    }

    /// Text that starts at `x`, on the baseline `y`.
    pub fn text(&mut self, x: f32, y: f32, style: Style, text: &str) {
        self.spaced(x, y, style, text, 0.0);
    }

    /// Text that ends at `x`.
    pub fn right(&mut self, x: f32, y: f32, style: Style, text: &str) {
        self.text(x - style.width(text), y, style, text);
    }

    pub fn centered(&mut self, x: f32, y: f32, style: Style, text: &str) {
        self.text(x - style.width(text) / 2.0, y, style, text);
    }

    fn spaced(&mut self, x: f32, y: f32, style: Style, text: &str, word_spacing: f32) {
        let bytes: Vec<u8> = text.chars().map(win_ansi).collect();
        let [r, g, b] = style.ink;
        self.content.begin_text();
        self.content.set_fill_rgb(r, g, b);
        self.content
            .set_font(Name(style.font.resource_name().as_bytes()), style.size);
        self.content.set_word_spacing(word_spacing);
        self.content.next_line(x, self.height - y);
        self.content.show(Str(&bytes));
        self.content.end_text();
    }

    /// One line of text under the other; returns the baseline after the last.
    pub fn lines(&mut self, x: f32, y: f32, leading: f32, style: Style, lines: &[&str]) -> f32 {
        lines.iter().fold(y, |y, line| {
            self.text(x, y, style, line);
            y + leading
        })
    }

    /// Text broken into lines of at most `width`; returns the baseline after the last.
    pub fn paragraph(&mut self, x: f32, y: f32, width: f32, leading: f32, style: Style, text: &str) -> f32 {
        self.flow(x, y, width, leading, style, text, false)
    }

    /// A paragraph whose lines, but for the last, fill the width.
    pub fn justified(&mut self, x: f32, y: f32, width: f32, leading: f32, style: Style, text: &str) -> f32 {
        self.flow(x, y, width, leading, style, text, true)
    }

    #[expect(clippy::too_many_arguments, reason = "a place, a measure, a style and a text")]
    fn flow(&mut self, x: f32, mut y: f32, width: f32, leading: f32, style: Style, text: &str, justify: bool) -> f32 {
        let lines = broken(text, width, style);
        for (i, line) in lines.iter().enumerate() {
            let gaps = line.matches(' ').count();
            let fill = justify && i + 1 < lines.len() && gaps > 0;
            let spacing = if fill {
                (width - style.width(line)) / gaps as f32
            } else {
                0.0
            };
            self.spaced(x, y, style, line, spacing);
            y += leading;
        }
        y
    }

    pub fn rule(&mut self, x0: f32, y0: f32, x1: f32, y1: f32, weight: f32, ink: Ink) {
        self.stroke(weight, ink);
        self.content
            .move_to(x0, self.height - y0)
            .line_to(x1, self.height - y1)
            .stroke();
    }

    pub fn dashes(&mut self, x0: f32, x1: f32, y: f32) {
        self.content.set_dash_pattern([3.0, 2.0], 0.0);
        self.rule(x0, y, x1, y, 0.7, BLACK);
        self.content.set_dash_pattern([], 0.0);
    }

    pub fn frame(&mut self, x: f32, y: f32, width: f32, height: f32, weight: f32, ink: Ink) {
        self.stroke(weight, ink);
        self.content.rect(x, self.height - y - height, width, height).stroke();
    }

    pub fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, [r, g, b]: Ink) {
        self.content.set_fill_rgb(r, g, b);
        self.content
            .rect(x, self.height - y - height, width, height)
            .fill_nonzero();
    }

    /// A curve through the points, as a pen would draw it (Catmull–Rom spline).
    pub fn pen(&mut self, points: &[(f32, f32)], weight: f32, ink: Ink) {
        let at = |i: usize| points[i.min(points.len() - 1)];
        let Some(&(x, y)) = points.first() else { return };
        self.stroke(weight, ink);
        self.content.move_to(x, self.height - y);
        for i in 0..points.len() - 1 {
            let (before, a, b, after) = (at(i.saturating_sub(1)), at(i), at(i + 1), at(i + 2));
            let (c1x, c1y) = (a.0 + (b.0 - before.0) / 6.0, a.1 + (b.1 - before.1) / 6.0);
            let (c2x, c2y) = (b.0 - (after.0 - a.0) / 6.0, b.1 - (after.1 - a.1) / 6.0);
            let up = self.height;
            self.content.cubic_to(c1x, up - c1y, c2x, up - c2y, b.0, up - b.1);
        }
        self.content.stroke();
    }

    /// Something like a signature, `width` wide, on the line `y`. Each `hand`, 0 to 1, writes in its own way.
    pub fn signature(&mut self, x: f32, y: f32, width: f32, hand: f32) {
        const STROKE: [(f32, f32); 16] = [
            (0.00, 0.05),
            (0.06, -0.24),
            (0.10, -0.30),
            (0.09, 0.02),
            (0.14, -0.12),
            (0.19, 0.01),
            (0.24, -0.10),
            (0.28, 0.02),
            (0.36, -0.26),
            (0.38, 0.03),
            (0.45, -0.11),
            (0.52, 0.00),
            (0.58, -0.09),
            (0.66, 0.01),
            (0.80, -0.06),
            (1.00, -0.02),
        ];
        let points: Vec<(f32, f32)> = (1..)
            .zip(STROKE)
            .map(|(i, (u, v))| {
                let tall = 0.45 + 1.1 * (hand * 7.0 * i as f32).fract();
                let lean = 0.06 * (hand * 13.0 * i as f32).sin();
                (x + (u + lean) * width, y + v * tall * width * 0.8)
            })
            .collect();
        self.pen(&points, 1.1, [0.1, 0.15, 0.45]);
    }

    fn stroke(&mut self, weight: f32, [r, g, b]: Ink) {
        self.content.set_line_width(weight);
        self.content.set_stroke_rgb(r, g, b);
    }
}

fn broken(text: &str, width: f32, style: Style) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if style.width(&longer) <= width || line.is_empty() {
            line = longer;
        } else {
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        }
    }
    lines.push(line);
    lines
}
