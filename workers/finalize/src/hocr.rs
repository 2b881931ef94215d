//! The words with their boxes as hOCR 1.2 (<http://kba.github.io/hocr-spec/1.2/>), which most OCR tools read.

use queue_schema::document::{Page, Reading, Rect, Word};
use std::fmt::{self, Display, Write};

/// Boxes in hOCR are whole pixels, and PDFs have no pixels. So all boxes are given at this resolution, which the file states.
const DOTS_PER_INCH: f32 = 300.0;

/// `file_name` is shown as the document's title and named as each page's image.
pub fn hocr(reading: &Reading, file_name: &str) -> String {
    let mut html = String::new();
    // Writing to a String cannot fail.
    let _ = write_document(&mut html, reading, file_name);
    html
}

fn write_document(html: &mut String, reading: &Reading, file_name: &str) -> fmt::Result {
    let name = Escaped(file_name);
    html.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n");
    html.push_str("<html xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    writeln!(html, "<title>{name}</title>")?;
    html.push_str("<meta name=\"ocr-system\" content=\"docfleet\"/>\n");
    html.push_str("<meta name=\"ocr-capabilities\" content=\"ocr_page ocr_line ocrx_word ocrp_wconf\"/>\n");
    writeln!(
        html,
        "<meta name=\"ocr-number-of-pages\" content=\"{}\"/>\n</head>\n<body>",
        reading.pages.len()
    )?;
    for page in &reading.pages {
        write_page(html, page, &name)?;
    }
    html.push_str("</body>\n</html>\n");
    Ok(())
}

fn write_page(html: &mut String, page: &Page, image: &Escaped) -> fmt::Result {
    let n = page.page;
    let whole = Pixels(Rect {
        x0: 0.0,
        y0: 0.0,
        x1: page.width,
        y1: page.height,
    });
    writeln!(
        html,
        "<div class=\"ocr_page\" id=\"page_{n}\" title=\"image &quot;{image}&quot;; bbox {whole}; ppageno {}; \
         scan_res {DOTS_PER_INCH} {DOTS_PER_INCH}\">",
        n.saturating_sub(1)
    )?;
    for line in page.words.chunk_by(|a, b| a.line == b.line) {
        write_line(html, n, line)?;
    }
    html.push_str("</div>\n");
    Ok(())
}

fn write_line(html: &mut String, page: u32, words: &[Word]) -> fmt::Result {
    let Some(first) = words.first() else { return Ok(()) };
    let bounds = words.iter().fold(first.rect, |bounds, word| bounds.union(&word.rect));
    let line = first.line;
    writeln!(
        html,
        "<span class=\"ocr_line\" id=\"line_{page}_{line}\" title=\"bbox {}\">",
        Pixels(bounds)
    )?;
    for (i, word) in words.iter().enumerate() {
        writeln!(
            html,
            "<span class=\"ocrx_word\" id=\"word_{page}_{line}_{i}\" title=\"bbox {}; x_wconf {}\">{}</span>",
            Pixels(word.rect),
            (word.confidence.clamp(0.0, 1.0) * 100.0).round(),
            Escaped(&word.text)
        )?;
    }
    html.push_str("</span>\n");
    Ok(())
}

struct Pixels(Rect);

impl Display for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rect { x0, y0, x1, y1 } = self.0;
        // The cast saturates: a box that begins left of the page starts at 0.
        let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(|v| (v * DOTS_PER_INCH / 72.0).round() as u32);
        write!(f, "{x0} {y0} {x1} {y1}")
    }
}

/// Text for an XML element or a quoted attribute. Characters that XML 1.0 forbids even when escaped are left out.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' | '\r' => f.write_char(' ')?,
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
