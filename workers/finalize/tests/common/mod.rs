//! Shared by the tests: small handwritten PDFs, readings, and the tools that check the results.
#![allow(dead_code, reason = "each test file uses a part of it")]

use queue_schema::document::{Page, PageSource, Reading, Rect, Word};
use std::path::Path;
use std::process::Command;

/// A PDF of the given objects, numbered from 1. `{trailer}` may add to the trailer dictionary.
pub fn pdf(objects: &[&str]) -> Vec<u8> {
    let mut file = b"%PDF-1.6\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut offsets = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", i + 1).bytes());
    }
    let start = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    file.extend(format!("trailer\n<</Size {size} /Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

pub fn stream(content: &str) -> String {
    format!("<</Length {}>>\nstream\n{content}\nendstream", content.len())
}

/// One page with `attributes` and `content`; its font and media box are inherited.
pub fn one_page(attributes: &str, content: &str) -> Vec<u8> {
    pdf(&[
        "<</Type/Catalog /Pages 2 0 R>>",
        "<</Type/Pages /Kids[3 0 R] /Count 1 /MediaBox[0 0 400 600] /Resources<</Font<</F1 5 0 R>>>>>>",
        &format!("<</Type/Page /Parent 2 0 R /Contents[4 0 R] {attributes}>>"),
        &stream(content),
        "<</Type/Font /Subtype/Type1 /BaseFont/Helvetica /Encoding/WinAnsiEncoding>>",
    ])
}

pub const OWN_TEXT: &str = "BT /F1 12 Tf 40 40 Td (Original) Tj ET";

pub fn word(text: &str, rect: [f32; 4], line: u32) -> Word {
    Word {
        text: text.to_owned(),
        rect: Rect::from(rect),
        confidence: 0.9,
        line,
    }
}

pub fn page(n: u32, (width, height): (f32, f32), words: Vec<Word>) -> Page {
    Page {
        page: n,
        width,
        height,
        rotation: 0,
        source: PageSource::Ocr,
        confidence: 0.9,
        words,
        error: None,
    }
}

pub fn reading(pages: Vec<Page>) -> Reading {
    Reading {
        pages,
        ..Reading::default()
    }
}

/// Output of a tool. `None`, with a message, if the tool is not installed.
pub fn tool(name: &str, args: &[&str], file: &Path) -> Option<(bool, String)> {
    let mut command = Command::new(name);
    command.args(args).arg(file);
    if name == "pdftotext" {
        command.arg("-");
    }
    match command.output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            Some((output.status.success(), text))
        }
        Err(_) => {
            println!("skipped: {name} not found");
            None
        }
    }
}

/// `qpdf --check` finds no error in the file.
pub fn assert_sound(file: &Path) {
    if let Some((ok, said)) = tool("qpdf", &["--check"], file) {
        assert!(ok, "{said}");
    }
}

/// The text that Poppler finds. `None` if Poppler is not installed.
pub fn text(file: &Path) -> Option<String> {
    tool("pdftotext", &["-enc", "UTF-8"], file).map(|(_, text)| text)
}

/// The words with their boxes on the page as displayed, by Poppler.
pub fn boxes(file: &Path) -> Option<Vec<(String, [f32; 4])>> {
    let (_, xml) = tool("pdftotext", &["-bbox", "-cropbox"], file)?;
    let words = xml.lines().filter_map(|line| {
        let (head, rest) = line.trim().strip_prefix("<word ")?.split_once('>')?;
        let numbers: Vec<f32> = head
            .split('"')
            .skip(1)
            .step_by(2)
            .filter_map(|v| v.parse().ok())
            .collect();
        Some((rest.strip_suffix("</word>")?.to_owned(), numbers.try_into().ok()?))
    });
    Some(words.collect())
}
