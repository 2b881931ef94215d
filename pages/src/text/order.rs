//! Groups words into lines, and puts the lines into reading order.
//!
//! Lines run across the page, so that a label and its amount at the other margin stay together. Only where the page is set in
//! columns of running text, each column is read on its own. That uses a recursive cut as in Nagy and Seth's X-Y tree (1984),
//! with a test for running text instead of their fixed widths.

use super::words::PlacedWord;
use hayro::kurbo::{Point, Vec2};
use queue_schema::document::{Rect, Word};

/// Words share a line if their baselines are this close, in multiples of the smaller font size.
const SAME_LINE: f64 = 0.45;
/// A column has at least this many lines, of at least this many words, which fill this fraction of the column's width.
const COLUMN_LINES: usize = 6;
const COLUMN_WORDS: f64 = 3.0;
const COLUMN_FILL: f64 = 0.6;
/// Nesting of columns within columns. Deeper nesting does not occur in real layouts.
const MAX_DEPTH: u32 = 4;

/// A word in coordinates in which its text runs from left to right.
struct Framed {
    word: PlacedWord,
    left: f64,
    right: f64,
    baseline: f64,
}

pub(crate) fn in_reading_order(words: Vec<PlacedWord>) -> Vec<Word> {
    let mut by_direction: [Vec<Framed>; 4] = Default::default();
    for word in words {
        let turns = quarter_turns(word.along);
        by_direction[turns].push(framed(word, turns));
    }
    let mut lines = Vec::new();
    for framed in by_direction {
        read_block(framed, 0, &mut lines);
    }
    number(lines)
}

/// 0 for upright text, otherwise the clockwise quarter turns.
fn quarter_turns(along: Vec2) -> usize {
    let quarters = along.atan2() / std::f64::consts::FRAC_PI_2;
    (quarters.round() as i64).rem_euclid(4) as usize
}

fn framed(word: PlacedWord, turns: usize) -> Framed {
    let Rect { x0, y0, x1, y1 } = word.rect;
    let upright = |p: Point| match turns {
        0 => p,
        1 => Point::new(p.y, -p.x),
        2 => Point::new(-p.x, -p.y),
        _ => Point::new(-p.y, p.x),
    };
    let (a, b) = (
        upright(Point::new(x0.into(), y0.into())),
        upright(Point::new(x1.into(), y1.into())),
    );
    let baseline = upright(word.origin).y;
    Framed {
        word,
        left: a.x.min(b.x),
        right: a.x.max(b.x),
        baseline,
    }
}

type Line = Vec<Framed>;

fn read_block(words: Vec<Framed>, depth: u32, out: &mut Vec<Line>) {
    let lines = into_lines(words);
    let Some(band) = (depth < MAX_DEPTH).then(|| find_columns(&lines)).flatten() else {
        out.extend(lines);
        return;
    };
    let mut above = lines;
    let mut columns = above.split_off(band.first);
    let below = columns.split_off(band.last + 1 - band.first);
    out.extend(above);
    let (left, right): (Vec<Framed>, Vec<Framed>) = columns
        .into_iter()
        .flatten()
        .partition(|word| word.right <= band.gutter);
    read_block(left, depth + 1, out);
    read_block(right, depth + 1, out);
    read_block(below.into_iter().flatten().collect(), depth + 1, out);
}

/// Lines from top to bottom, their words from left to right.
fn into_lines(mut words: Vec<Framed>) -> Vec<Line> {
    words.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut lines: Vec<Line> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if same_line(line, &word) => line.push(word),
            _ => lines.push(vec![word]),
        }
    }
    for line in &mut lines {
        line.sort_by(|a, b| a.left.total_cmp(&b.left));
    }
    lines
}

/// Compares with the line's first word, so that a sloping baseline does not chain the whole page into one line.
fn same_line(line: &Line, word: &Framed) -> bool {
    let size = line[0].word.size.min(word.word.size);
    (word.baseline - line[0].baseline).abs() < SAME_LINE * size
}

/// Lines `first..=last` are set in two or more columns, separated at `gutter`.
struct Band {
    first: usize,
    last: usize,
    gutter: f64,
}

/// The tallest run of lines that one gutter divides into running text on both sides.
fn find_columns(lines: &[Line]) -> Option<Band> {
    let mut best: Option<Band> = None;
    for gutter in gutter_candidates(lines) {
        for band in bands(lines, gutter) {
            let height = |band: &Band| band.last - band.first;
            if best.as_ref().is_none_or(|best| height(&band) > height(best)) && is_running_text(lines, &band) {
                best = Some(band);
            }
        }
    }
    best
}

/// The middles of the wide gaps within lines, near-duplicates removed.
fn gutter_candidates(lines: &[Line]) -> Vec<f64> {
    const MAX_CANDIDATES: usize = 64;
    let mut middles: Vec<f64> = lines
        .iter()
        .flat_map(|line| line.windows(2))
        .filter(|pair| pair[1].left - pair[0].right > pair[0].word.size.max(pair[1].word.size) * 0.8)
        .map(|pair| (pair[0].right + pair[1].left) / 2.0)
        .collect();
    middles.sort_by(f64::total_cmp);
    middles.dedup_by(|a, b| *a - *b < 3.0);
    middles.truncate(MAX_CANDIDATES);
    middles
}

/// Maximal runs of lines in which no word crosses the gutter.
fn bands(lines: &[Line], gutter: f64) -> Vec<Band> {
    let mut bands = Vec::new();
    let mut first = None;
    for (i, line) in lines.iter().enumerate() {
        let crossed = line.iter().any(|word| word.left < gutter && word.right > gutter);
        match (crossed || !is_gap_in(line, gutter), first) {
            (false, None) => first = Some(i),
            (true, Some(start)) => {
                bands.push(Band {
                    first: start,
                    last: i - 1,
                    gutter,
                });
                first = None;
            }
            _ => {}
        }
    }
    bands.extend(first.map(|start| Band {
        first: start,
        last: lines.len() - 1,
        gutter,
    }));
    bands
}

/// Whether the gutter runs through empty space here, not between two words of one sentence.
fn is_gap_in(line: &Line, gutter: f64) -> bool {
    let left = line.iter().rfind(|word| word.right <= gutter);
    let right = line.iter().find(|word| word.left >= gutter);
    match (left, right) {
        (Some(left), Some(right)) => right.left - left.right > 0.6 * left.word.size.min(right.word.size),
        _ => true,
    }
}

fn is_running_text(lines: &[Line], band: &Band) -> bool {
    let words = || lines[band.first..=band.last].iter();
    let left = words()
        .map(|line| line.iter().filter(|word| word.right <= band.gutter).collect())
        .collect();
    let right = words()
        .map(|line| line.iter().filter(|word| word.left >= band.gutter).collect())
        .collect();
    is_column(left) && is_column(right)
}

fn is_column(lines: Vec<Vec<&Framed>>) -> bool {
    let lines: Vec<Vec<&Framed>> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    if lines.len() < COLUMN_LINES {
        return false;
    }
    let left = lines.iter().map(|line| line[0].left).fold(f64::INFINITY, f64::min);
    let ends = |line: &Vec<&Framed>| line[line.len() - 1].right;
    let right = lines.iter().map(ends).fold(f64::NEG_INFINITY, f64::max);
    let count = lines.len() as f64;
    let words = lines.iter().map(Vec::len).sum::<usize>() as f64 / count;
    let filled = lines.iter().map(|line| ends(line) - line[0].left).sum::<f64>() / count;
    words >= COLUMN_WORDS && filled >= COLUMN_FILL * (right - left)
}

fn number(lines: Vec<Line>) -> Vec<Word> {
    let numbered = (0..).zip(lines);
    numbered
        .flat_map(|(line, words)| {
            words.into_iter().map(move |framed| Word {
                text: framed.word.text,
                rect: framed.word.rect,
                confidence: 1.0,
                line,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, x: f64, y: f64) -> PlacedWord {
        let width = 5.0 * text.len() as f64;
        let rect = Rect {
            x0: x as f32,
            y0: (y - 7.5) as f32,
            x1: (x + width) as f32,
            y1: (y + 2.0) as f32,
        };
        PlacedWord {
            text: text.to_owned(),
            rect,
            origin: Point::new(x, y),
            along: Vec2::new(1.0, 0.0),
            size: 10.0,
        }
    }

    fn text(words: Vec<PlacedWord>) -> String {
        let words = in_reading_order(words);
        let mut text = String::new();
        for (i, word) in words.iter().enumerate() {
            if i > 0 {
                text.push(if words[i - 1].line == word.line { ' ' } else { '\n' });
            }
            text.push_str(&word.text);
        }
        text
    }

    #[test]
    fn labels_and_amounts_stay_on_their_line() {
        let words = vec![
            word("104.90", 400.0, 21.0),
            word("Total", 50.0, 20.0),
            word("Net", 50.0, 5.0),
            word("88.15", 400.0, 5.0),
        ];
        assert_eq!(text(words), "Net 88.15\nTotal 104.90");
    }

    #[test]
    fn columns_of_running_text_are_read_one_by_one() {
        let mut words = vec![word("A heading over both columns", 50.0, 0.0)];
        for (x, name) in [(50.0, "left"), (330.0, "right")] {
            for line in 1..=8 {
                for i in 0..6 {
                    let text = format!("{name}{line}");
                    let step = 5.0 * text.len() as f64 + 4.0;
                    words.push(word(&text, x + step * f64::from(i), 14.0 * f64::from(line)));
                }
            }
        }
        let text = text(words);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 17);
        assert!(
            lines[8].starts_with("left8 left8") && lines[9].starts_with("right1 right1"),
            "{text}"
        );
    }

    #[test]
    fn turned_text_makes_lines_of_its_own() {
        let mut turned: Vec<PlacedWord> = ["read", "upwards"].iter().map(|text| word(text, 0.0, 0.0)).collect();
        for (i, word) in turned.iter_mut().enumerate() {
            let y = 300.0 - 50.0 * i as f64;
            word.along = Vec2::new(0.0, -1.0);
            word.origin = Point::new(20.0, y);
            word.rect = Rect {
                x0: 12.0,
                y0: (y - 30.0) as f32,
                x1: 22.0,
                y1: y as f32,
            };
        }
        turned.insert(0, word("upright", 100.0, 280.0));
        assert_eq!(text(turned), "upright\nread upwards");
    }
}
