//! Figures about how a document is filled, which work in every language.

use crate::tokens;
use queue_schema::document::{Page, Word};

/// Number of figures that [`layout_figures`] returns.
pub const LAYOUT_FIGURES: usize = 5;

/// Fractions of words and lines, each from 0 to 1. All 0 for a document without words. Reads at most `max_words` words.
pub fn layout_figures(pages: &[Page], max_words: usize) -> [f32; LAYOUT_FIGURES] {
    let mut sums = Sums::default();
    for page in pages {
        let left = max_words.saturating_sub(sums.words);
        for line in page.words[..page.words.len().min(left)].chunk_by(|a, b| a.line == b.line) {
            sums.add_line(line);
        }
    }
    sums.figures()
}

#[derive(Default)]
struct Sums {
    words: usize,
    lines: usize,
    numbers: usize,
    amounts: usize,
    upper: usize,
    labels: usize,
    ends_in_amount: usize,
}

impl Sums {
    fn add_line(&mut self, line: &[Word]) {
        self.lines += 1;
        self.words += line.len();
        self.ends_in_amount += usize::from(line.last().is_some_and(|w| tokens::is_amount(&w.text)));
        for word in line {
            let text = word.text.as_str();
            self.numbers += usize::from(text.bytes().any(|b| b.is_ascii_digit()));
            self.amounts += usize::from(tokens::is_amount(text));
            self.upper += usize::from(is_upper(text));
            self.labels += usize::from(text.ends_with(':'));
        }
    }

    fn figures(&self) -> [f32; LAYOUT_FIGURES] {
        if self.words == 0 {
            return [0.0; LAYOUT_FIGURES];
        }
        let of_words = |n: usize| n as f32 / self.words as f32;
        let of_lines = |n: usize| n as f32 / self.lines as f32;
        [
            of_words(self.numbers),
            of_words(self.amounts),
            of_words(self.upper),
            of_words(self.labels),
            of_lines(self.ends_in_amount),
        ]
    }
}

fn is_upper(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text_page::text_page as page;

    #[test]
    fn figures_are_shares() {
        let figures = layout_figures(&[page("TOTAL: 12,50\nThank you")], 100);
        assert_eq!(figures, [0.25, 0.25, 0.25, 0.25, 0.5]);
    }

    #[test]
    fn no_words_give_zeros_and_the_cap_holds() {
        assert_eq!(layout_figures(&[page("")], 100), [0.0; LAYOUT_FIGURES]);
        assert_eq!(
            layout_figures(&[page("a b c 1 2 3")], 3),
            layout_figures(&[page("a b c")], 3)
        );
    }
}
