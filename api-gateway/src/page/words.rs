//! Numbers and names for people.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use queue_schema::document::Source;
use web::words;

pub use web::words::{count, sentence};

/// A number of bytes, with a unit.
pub fn size(bytes: i64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB"] {
        if value < 1024.0 {
            return if unit == "B" {
                format!("{bytes} B")
            } else {
                format!("{value:.1} {unit}").replace(".0 ", " ")
            };
        }
        value /= 1024.0;
    }
    format!("{value:.1} GiB").replace(".0 ", " ")
}

/// The day and the minute; a script puts them into the reader's time zone.
pub fn moment(at: DateTime<Utc>) -> Markup {
    html! { time datetime=(at.to_rfc3339()) data-local="minute" { (at.format("%Y-%m-%d %H:%M UTC")) } }
}

/// The time of day alone.
pub fn clock(at: DateTime<Utc>) -> Markup {
    html! { time datetime=(at.to_rfc3339()) data-local="second" { (at.format("%H:%M:%S UTC")) } }
}

/// How certain a value is, or who gave it.
pub fn certainty(confidence: f32, source: Source) -> String {
    match source {
        Source::Upload => "given at upload".into(),
        Source::User => "given by a person".into(),
        Source::Model | Source::Rule => format!("{:.0} % certain", confidence * 100.0),
    }
}

/// A label for a field's name: `document_number` becomes `Document number`.
pub fn label(name: &str) -> String {
    let parts: Vec<_> = name
        .split('_')
        .map(|word| match word {
            "iban" => "IBAN",
            "vat" => "VAT",
            word => word,
        })
        .collect();
    words::capital(&parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(536_870_912), "512 MiB");
        assert_eq!(size(5 << 30), "5 GiB");
    }

    #[test]
    fn labels_are_words() {
        assert_eq!(label("document_number"), "Document number");
        assert_eq!(label("vat_id"), "VAT id");
        assert_eq!(label("iban"), "IBAN");
        assert_eq!(label(""), "");
    }
}
