//! `summary.csv`: a row per file, and a column per field that any file has. Written as in RFC 4180; no cell is a formula.

use serde::Serialize;
use std::borrow::Cow;

/// The result of one file.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub file: String,
    pub status: String,
    pub category: Option<String>,
    pub pages: Option<u32>,
    pub error_code: Option<String>,
    pub message: Option<String>,
    /// Seconds from the upload to the end of processing.
    pub seconds: f64,
    pub fields: Vec<FieldValue>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldValue {
    pub label: String,
    pub value: String,
}

const COLUMNS: &[&str] = &[
    "file",
    "status",
    "category",
    "pages",
    "error_code",
    "message",
    "seconds",
];

/// The most common fields, which come first in this order. Others follow by name.
const USUAL: &[&str] = &[
    "supplier",
    "document_number",
    "date",
    "due_date",
    "currency",
    "net",
    "tax",
    "total",
    "vat_id",
    "iban",
    "party",
    "effective_date",
    "term",
    "jurisdiction",
];

pub fn csv(rows: &[Row]) -> String {
    let labels = labels(rows);
    let head = COLUMNS.iter().copied().chain(labels.iter().copied());
    let mut out = line(head);
    for row in rows {
        let pages = row.pages.map(|pages| pages.to_string()).unwrap_or_default();
        let seconds = format!("{:.2}", row.seconds);
        let fixed = [
            &row.file,
            &row.status,
            row.category.as_deref().unwrap_or_default(),
            &pages,
            row.error_code.as_deref().unwrap_or_default(),
            row.message.as_deref().unwrap_or_default(),
            &seconds,
        ];
        let values: Vec<String> = labels.iter().map(|label| row.values(label)).collect();
        out.push_str(&line(fixed.into_iter().chain(values.iter().map(String::as_str))));
    }
    out
}

impl Row {
    fn values(&self, label: &str) -> String {
        let fields = self.fields.iter().filter(|field| field.label == label);
        let values: Vec<&str> = fields.map(|field| field.value.as_str()).collect();
        values.join("; ")
    }
}

fn labels(rows: &[Row]) -> Vec<&str> {
    let fields = rows.iter().flat_map(|row| &row.fields);
    let mut labels: Vec<&str> = fields.map(|field| field.label.as_str()).collect();
    let rank = |label: &str| USUAL.iter().position(|usual| *usual == label).unwrap_or(USUAL.len());
    labels.sort_unstable_by_key(|label| (rank(label), *label));
    labels.dedup();
    labels
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&disarmed(cell))).collect();
    format!("{}\r\n", cells.join(","))
}

/// A spreadsheet would run text from an untrusted document as a formula. A leading apostrophe makes such a cell text. Numbers
/// are left unchanged.
fn disarmed(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && !is_number(cell) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

/// Digits with at most one sign and one point: nothing that a spreadsheet would work out.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, part]
        .iter()
        .all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_repeated_labels_joined() {
        let field = |label: &str, value: &str| FieldValue {
            label: label.into(),
            value: value.into(),
        };
        let fields = vec![
            field("zz", "1"),
            field("party", "Doe \"X\""),
            field("party", "Roe"),
            field("total", "5.00"),
        ];
        let contract = Row {
            file: "a,b.pdf".into(),
            status: "done".into(),
            fields,
            ..Row::default()
        };
        let broken = Row {
            file: "c.pdf".into(),
            status: "failed".into(),
            message: Some("line\nbreak".into()),
            ..Row::default()
        };
        assert_eq!(
            csv(&[contract, broken]),
            "file,status,category,pages,error_code,message,seconds,total,party,zz\r\n\
             \"a,b.pdf\",done,,,,,0.00,5.00,\"Doe \"\"X\"\"; Roe\",1\r\n\
             c.pdf,failed,,,,\"line\nbreak\",0.00,,,\r\n"
        );
    }

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay_numbers() {
        let cases = [
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-1+1", "'-1+1"),
            ("-", "'-"),
            ("-1.", "'-1."),
            ("+49 30 1234", "'+49 30 1234"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("-12.50", "-12.50"),
            ("+7", "+7"),
            ("a=b", "a=b"),
            ("", ""),
        ];
        for (cell, written) in cases {
            assert_eq!(line([cell].into_iter()), format!("{written}\r\n"));
        }
        let hostile = Row {
            file: "=1+1.pdf".into(),
            message: Some("@x".into()),
            ..Row::default()
        };
        assert!(
            csv(&[hostile]).contains("\r\n'=1+1.pdf,"),
            "file names are a stranger's words, too"
        );
    }
}
