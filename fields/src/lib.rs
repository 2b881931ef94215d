//! Extracts named values from documents: dates, amounts, numbers and names.
//!
//! The starter extractors need no training. They look for labels (`vocabulary`) and for values with a known format (`dates`,
//! `amounts`, `iban`, `vat`, `currency`), weigh how strongly each label governs each value (`layout`), and let arithmetic and
//! checksums decide among the likely ones.

mod confidence;
mod decisions;
mod evidence;
pub mod kinds;
#[cfg(test)]
mod sample;
pub mod values;

use decisions::document_dates;
use evidence::layout;
use kinds::{contract, invoice, receipt};
use queue_schema::document::{Field, Page};

/// Extracts a document's fields from its pages' words.
pub trait FieldExtractor {
    /// The fields found, each at most once except those that may repeat (the parties of a contract), with normalised
    /// values. A field that is not found is absent. Never fails: unreadable pages have no words and so no fields.
    fn extract(&self, pages: &[Page]) -> Vec<Field>;
}

/// The extractor without training for a category. Documents of unknown categories have no fields.
pub fn starter(category: &str) -> Box<dyn FieldExtractor + Send + Sync> {
    match category {
        "invoice" => Box::new(invoice::Invoices),
        "receipt" => Box::new(receipt::Receipts),
        "contract" => Box::new(contract::Contracts),
        "letter" => Box::new(Dated),
        _ => Box::new(Nothing),
    }
}

/// For letters: extracts only their date.
struct Dated;

impl FieldExtractor for Dated {
    fn extract(&self, pages: &[Page]) -> Vec<Field> {
        let layout = layout::Layout::new(pages);
        let date = document_dates::dates(&layout, values::dates::Order::DayFirst).document;
        date.map(|d| layout.field("date", d.date.to_string(), &d.place, d.confidence))
            .into_iter()
            .collect()
    }
}

struct Nothing;

impl FieldExtractor for Nothing {
    fn extract(&self, _: &[Page]) -> Vec<Field> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use queue_schema::document::Word;
    use sample::lines;

    const CATEGORIES: [&str; 5] = ["invoice", "receipt", "contract", "letter", "form"];

    fn values(category: &str, text: &str) -> Vec<(String, String)> {
        starter(category)
            .extract(&[lines(text)])
            .into_iter()
            .map(|f| (f.label, f.value))
            .collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected
            .iter()
            .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_german_invoice() {
        let text = "Alpha Werkzeugbau GmbH · Werkstr. 5 · 12345 Ort\n\
            \n\
            Beta Handels AG\tRechnungsnummer:   2026-0815\n\
            Marktplatz 1\tRechnungsdatum:   05.03.2026\n\
            54321 Stadt\tKundennummer:   10023\n\
            \n\
            Pos Beschreibung\tBetrag\n\
            1 Bohrer 10 mm\t1.000,00 €\n\
            2 Schrauben\t234,50 €\n\
            Nettobetrag\t1.234,50 €\n\
            zzgl. 19 % MwSt.\t234,56 €\n\
            Rechnungsbetrag\t1.469,06 €\n\
            Zahlbar bis 04.04.2026\n\
            \n\
            Alpha Werkzeugbau GmbH\tUSt-IdNr. DE 136 695 976\n\
            Geschäftsführerin: A. Alpha\tIBAN DE89 3704 0044 0532 0130 00";
        let expected = pairs(&[
            ("supplier", "Alpha Werkzeugbau GmbH"),
            ("document_number", "2026-0815"),
            ("date", "2026-03-05"),
            ("due_date", "2026-04-04"),
            ("currency", "EUR"),
            ("net", "1234.50"),
            ("tax", "234.56"),
            ("total", "1469.06"),
            ("vat_id", "DE136695976"),
            ("iban", "DE89370400440532013000"),
        ]);
        assert_eq!(values("invoice", text), expected);
    }

    #[test]
    fn an_english_invoice_with_two_rates() {
        let text = "Seller:\tBill to:\n\
            Gamma Supplies Ltd\tDelta Stores Inc.\n\
            1 High Street\t2 Low Road\n\
            \n\
            Invoice no.\tINV-77-A\n\
            Invoice date\tMarch 5, 2026\n\
            Due date\t04 Apr 2026\n\
            Subtotal\t£150.00\n\
            VAT 20% of 100.00\t£20.00\n\
            VAT 5% of 50.00\t£2.50\n\
            Total VAT\t£22.50\n\
            Total due\t£172.50\n\
            VAT reg no GB 980 7806 84";
        let expected = pairs(&[
            ("supplier", "Gamma Supplies Ltd"),
            ("document_number", "INV-77-A"),
            ("date", "2026-03-05"),
            ("due_date", "2026-04-04"),
            ("currency", "GBP"),
            ("net", "150.00"),
            ("tax", "22.50"),
            ("total", "172.50"),
            ("vat_id", "GB980780684"),
        ]);
        assert_eq!(values("invoice", text), expected);
    }

    #[test]
    fn a_receipt() {
        let text = "EPSILON BOOKS SDN BHD\n\
            NO 5, JALAN SATU, 40000 SHAH ALAM\n\
            RECEIPT NO: R-00123\n\
            DATE: 28/12/2018 8:13 PM\n\
            PENCIL\t4.00\n\
            PAPER\t5.02\n\
            SUB TOTAL\t9.02\n\
            ROUNDING\t-0.02\n\
            TOTAL (RM)\t9.00\n\
            CASH\t50.00\n\
            CHANGE\t41.00";
        let got = values("receipt", text);
        for pair in pairs(&[
            ("supplier", "EPSILON BOOKS SDN BHD"),
            ("document_number", "R-00123"),
            ("date", "2018-12-28"),
            ("currency", "MYR"),
            ("total", "9.00"),
        ]) {
            assert!(got.contains(&pair), "{pair:?} in {got:?}");
        }
    }

    #[test]
    fn fields_say_where_they_stand() {
        let fields = starter("invoice").extract(&[lines("Invoice no. 4711\nTotal\t12,50 EUR")]);
        let total = fields.iter().find(|f| f.label == "total").expect("a total");
        assert_eq!(
            (total.raw.as_str(), total.value.as_str(), total.page),
            ("12,50", "12.50", 1)
        );
        assert_eq!((total.rect.x0, total.rect.y0), (300.0, 56.0));
        assert!(total.confidence > 0.0 && total.confidence < 1.0);
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        for category in CATEGORIES {
            assert_eq!(starter(category).extract(&[]), []);
            assert_eq!(starter(category).extract(&[lines("")]), []);
        }
        assert_eq!(values("form", "Total 12,50 EUR"), []);
        assert_eq!(
            values("letter", "Berlin, den 5. März 2026"),
            pairs(&[("date", "2026-03-05")])
        );
    }

    #[test]
    fn odd_pages_do_no_harm() {
        let odd = [
            "Total",
            "1.00",
            "25.01.2026",
            "€",
            "(“",
            "IBAN",
            "DE89",
            "\u{0}",
            "é",
            "GmbH,",
            "between",
            "and",
            "-",
            "№",
            "１２",
            "\u{202e}",
        ];
        let mut page = lines("x");
        page.words = (0..6000)
            .map(|i| {
                let at = (i * 37 % 600) as f32;
                let rect = [at, at / 2.0, at + (i % 7) as f32, at / 2.0 + (i % 5) as f32].into();
                Word {
                    text: odd[i * 31 % odd.len()].to_owned(),
                    rect,
                    confidence: 0.5,
                    line: i as u32,
                }
            })
            .collect();
        page.words[0].rect.x0 = f32::NAN;
        page.words[1].rect.y1 = f32::INFINITY;
        page.words[2].text = "1 ".repeat(100_000);
        for category in CATEGORIES {
            let _ = starter(category).extract(&[page.clone()]);
        }
    }
}
