//! A German till receipt with two rates of VAT, photographed rather than printed.

use crate::made::Made;
use crate::metrics::Font;
use crate::money::Cents;
use crate::scan::Scanner;
use crate::sheet::{BLACK, Sheet, Style};

const TEXT: Style = Style::new(Font::Mono, 9.0);
const BOLD: Style = Style::new(Font::MonoBold, 9.0);
/// An 80 mm roll.
const SIZE: (f32, f32) = (227.0, 470.0);
const LEFT: f32 = 16.0;
const RIGHT: f32 = 211.0;

/// Name, price with tax, rate: A is 19 %, B is 7 %.
const GOODS: [(&str, Cents, char); 8] = [
    ("Roggenbrot 1000g", Cents(495), 'B'),
    ("Laugenbrezel 4 St", Cents(340), 'B'),
    ("Apfelstrudel", Cents(420), 'B'),
    ("Bergkäse 250g", Cents(689), 'B'),
    ("Butter 250g", Cents(269), 'B'),
    ("Kaffee Crema", Cents(330), 'A'),
    ("Cappuccino", Cents(390), 'A'),
    ("Apfelschorle 0,5l", Cents(280), 'A'),
];

pub fn make() -> anyhow::Result<Made> {
    let [high, low] = ['A', 'B'].map(|rate| Cents(GOODS.iter().filter(|g| g.2 == rate).map(|g| g.1.0).sum()));
    let total = Cents(high.0 + low.0);
    let tax = Cents(included(high, 19).0 + included(low, 7).0);
    let sheet = print(high, low, total);
    let scanner = Scanner {
        dpi: 200,
        degrees: 0.9,
        noise: 9.0,
        shade: 34.0,
        jpeg_quality: 62,
    };
    let bytes = scanner.scan(sheet)?.jpeg;
    Ok(Made::new(
        "receipt-de.jpg",
        "Photographed receipt of a bakery",
        "receipt",
        "de",
        bytes,
    )
    .scanned_page("Backstube Morgenrot Roggenbrot Bergkäse Apfelstrudel Cappuccino SUMME EUR 32,13 17.10.2026")
    .field("supplier", "Backstube Morgenrot")
    .field("date", "2026-10-17")
    .field("currency", "EUR")
    .field("net", Cents(total.0 - tax.0).plain())
    .field("tax", tax.plain())
    .field("total", total.plain()))
}

/// The tax that a gross amount includes, rounded half up.
fn included(gross: Cents, percent: i64) -> Cents {
    let whole = 100 + percent;
    Cents((gross.0 * percent * 2 + whole) / (2 * whole))
}

fn print(high: Cents, low: Cents, total: Cents) -> Sheet {
    let mut sheet = Sheet::new(SIZE);
    let middle = sheet.width / 2.0;
    sheet.centered(middle, 38.0, Style::new(Font::SansBold, 15.0), "Backstube Morgenrot");
    for (i, line) in [
        "Marktplatz 3 · 83209 Prien",
        "Tel. 08051 555 237",
        "St.-Nr. 163/248/10925",
    ]
    .iter()
    .enumerate()
    {
        sheet.centered(middle, 54.0 + 11.0 * i as f32, TEXT, line);
    }
    sheet.dashes(LEFT, RIGHT, 88.0);
    sheet.text(LEFT, 103.0, TEXT, "17.10.2026   09:42");
    sheet.right(RIGHT, 103.0, TEXT, "Bon 004711");
    sheet.right(RIGHT, 120.0, BOLD, "EUR");
    let mut y = 136.0;
    for (name, price, rate) in GOODS {
        sheet.text(LEFT, y, TEXT, name);
        sheet.right(RIGHT - 14.0, y, TEXT, &price.german());
        sheet.right(RIGHT, y, TEXT, &rate.to_string());
        y += 13.0;
    }
    sheet.dashes(LEFT, RIGHT, y - 4.0);
    let big = Style::new(Font::MonoBold, 13.0);
    sheet.text(LEFT, y + 15.0, big, "SUMME EUR");
    sheet.right(RIGHT, y + 15.0, big, &total.german());
    sheet.text(LEFT, y + 33.0, TEXT, "Gegeben bar");
    sheet.right(RIGHT, y + 33.0, TEXT, "50,00");
    sheet.text(LEFT, y + 46.0, TEXT, "Rückgeld");
    sheet.right(RIGHT, y + 46.0, TEXT, &Cents(5_000 - total.0).german());
    sheet.dashes(LEFT, RIGHT, y + 56.0);
    y = taxes(&mut sheet, y + 71.0, high, low);
    sheet.centered(middle, y + 16.0, TEXT, "Es bediente Sie: Resi");
    sheet.centered(middle, y + 33.0, BOLD, "Vielen Dank für Ihren Einkauf!");
    bars(&mut sheet, y + 46.0);
    sheet
}

fn taxes(sheet: &mut Sheet, top: f32, high: Cents, low: Cents) -> f32 {
    let columns = [104.0, 158.0, RIGHT];
    sheet.text(LEFT, top, TEXT, "MwSt");
    for (x, label) in columns.iter().zip(["Netto", "Steuer", "Brutto"]) {
        sheet.right(*x, top, TEXT, label);
    }
    for (i, (label, gross, percent)) in [("A 19%", high, 19), ("B 7%", low, 7)].into_iter().enumerate() {
        let y = top + 13.0 * (i + 1) as f32;
        let tax = included(gross, percent);
        sheet.text(LEFT, y, TEXT, label);
        for (x, amount) in columns.iter().zip([Cents(gross.0 - tax.0), tax, gross]) {
            sheet.right(*x, y, TEXT, &amount.german());
        }
    }
    top + 26.0
}

/// A bar code's look; it encodes nothing.
fn bars(sheet: &mut Sheet, top: f32) {
    let mut x = 48.0;
    for i in 0..44_u32 {
        let width = 0.8 + 0.8 * (i * 7 % 3) as f32;
        sheet.fill(x, top, width, 30.0, BLACK);
        x += width + 1.0 + 0.7 * (i * 5 % 2) as f32;
    }
}
