//! The starter extractor on real receipts, from their transcribed boxes: what it reaches when the text is right.

use fields::starter;
use fleet_tests::data_set;
use queue_schema::document::{Field, Page, PageSource, Rect, Word};
use std::fs;

/// A line of a transcript is `x1,y1,x2,y2,x3,y3,x4,y4,text`; a box's words share its width by their letters.
fn page(transcript: &str) -> Page {
    let mut words = Vec::new();
    for (line, row) in transcript.lines().enumerate() {
        let parts: Vec<&str> = row.splitn(9, ',').collect();
        let [x0, y0, _, _, x1, y1, _, _, text] = parts[..] else {
            continue;
        };
        let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(|n| n.parse::<f32>().unwrap_or_default() * 0.6);
        let letter = (x1 - x0) / text.chars().count().max(1) as f32;
        let mut left = x0;
        for word in text.split(' ') {
            let right = left + letter * word.chars().count() as f32;
            let rect = Rect {
                x0: left,
                y0,
                x1: right,
                y1,
            };
            words.push(Word {
                text: word.to_owned(),
                rect,
                confidence: 1.0,
                line: line as u32,
            });
            left = right + letter;
        }
    }
    Page {
        page: 1,
        width: 595.0,
        height: 1200.0,
        rotation: 0,
        source: PageSource::Ocr,
        confidence: 1.0,
        words,
        error: None,
    }
}

fn value<'f>(fields: &'f [Field], label: &str) -> &'f str {
    fields
        .iter()
        .find(|f| f.label == label)
        .map_or("", |f| f.value.as_str())
}

/// `RM9.00` and `9` as `9.00`.
fn amount(text: &str) -> String {
    let digits: String = text
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
        .collect();
    digits.parse::<f64>().map_or(digits, |amount| format!("{amount:.2}"))
}

#[test]
fn totals_and_dates_of_receipts() {
    let Some(folder) = data_set("receipts_sroie") else {
        return;
    };
    let (mut receipts, mut totals, mut dates, mut with_date) = (0, 0, 0, 0);
    for entry in fs::read_dir(folder.join("box")).expect("the boxes").flatten() {
        let key = folder.join("key").join(entry.file_name()).with_extension("json");
        let (Ok(transcript), Ok(key)) = (fs::read(entry.path()), fs::read(key)) else {
            continue;
        };
        let key: serde_json::Value = serde_json::from_slice(&key).expect("a key");
        let fields = starter("receipt").extract(&[page(&String::from_utf8_lossy(&transcript))]);
        receipts += 1;
        totals += usize::from(amount(key["total"].as_str().unwrap_or_default()) == value(&fields, "total"));
        // Keys state dates as printed; those of the form 25/12/2018 are compared.
        let date: Vec<&str> = key["date"].as_str().unwrap_or_default().split(['/', '-']).collect();
        if let [day, month, year] = date[..]
            && year.len() == 4
        {
            with_date += 1;
            dates += usize::from(format!("{year}-{month}-{day}") == value(&fields, "date"));
        }
    }
    println!("{receipts} receipts: {totals} totals, {dates} of {with_date} dates");
    assert!(totals * 100 >= receipts * 95, "{totals} of {receipts} totals");
    assert!(dates * 100 >= with_date * 95, "{dates} of {with_date} dates");
}
