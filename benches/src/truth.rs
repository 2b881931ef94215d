//! What the data sets say is right.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The files of a folder with this extension, in order.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    files.sort();
    files
}

pub fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Fields of a document, by label.
pub type Fields = BTreeMap<&'static str, String>;

/// Invoices: our label, the name in the truth, and whether the field counts where nothing says that it is visible.
const INVOICE: &[(&str, &str, bool)] = &[
    ("document_number", "invoice_number", false),
    ("date", "issue_date", false),
    ("supplier", "seller_name", false),
    ("total", "grand_total", false),
    ("tax", "tax_total", false),
    ("net", "net_total", true),
    ("vat_id", "seller_vat_id", true),
    ("iban", "iban", true),
    ("currency", "currency", true),
];

/// The visible fields of each invoice, by the file's stem.
pub fn invoices(set: &Path) -> BTreeMap<String, Fields> {
    let of = |path: &PathBuf| {
        let truth = json(path);
        let fields = INVOICE.iter().filter_map(|(label, name, unless_said)| {
            let visible = truth["visible_in_text"][name].as_bool().unwrap_or(*unless_said);
            let value = text_of(&truth["fields"][name])?;
            visible.then_some((*label, value))
        });
        (stem(path), fields.collect())
    };
    files(&set.join("expected"), "json").iter().map(of).collect()
}

/// The keys of each receipt, by the image's stem.
pub fn receipts(set: &Path) -> BTreeMap<String, Fields> {
    let of = |path: &PathBuf| {
        let key = json(path);
        let fields = [("supplier", "company"), ("date", "date"), ("total", "total")];
        (
            stem(path),
            fields
                .iter()
                .filter_map(|(label, name)| Some((*label, text_of(&key[name])?)))
                .collect(),
        )
    };
    files(&set.join("key"), "json").iter().map(of).collect()
}

fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// The words of an annotated form.
pub fn form_text(annotation: &Path) -> String {
    let annotation = json(annotation);
    let blocks = annotation["form"].as_array().into_iter().flatten();
    let words = blocks.flat_map(|block| block["words"].as_array().into_iter().flatten());
    words
        .filter_map(|word| word["text"].as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
