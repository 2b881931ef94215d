//! An English invoice of a design studio, with VAT.

use crate::made::Made;
use crate::metrics::Font;
use crate::money::{Cents, Item, Totals};
use crate::pdf::{self, PdfPage};
use crate::sheet::{BLACK, GRAY, Ink, Sheet, Style};

const TEXT: Style = Style::new(Font::Sans, 9.5);
const BOLD: Style = Style::new(Font::SansBold, 9.5);
const LABEL: Style = Style::new(Font::SansBold, 7.5).ink(GRAY);
const GREEN: Ink = [0.1, 0.4, 0.32];
const LEFT: f32 = 56.0;
const RIGHT: f32 = 539.0;

const ITEMS: [Item; 4] = [
    Item {
        text: "Brand guidelines, second edition",
        detail: "",
        quantity: 1,
        unit: "",
        price: Cents(245_000),
    },
    Item {
        text: "Packaging artwork, tea range",
        detail: "",
        quantity: 6,
        unit: "",
        price: Cents(38_500),
    },
    Item {
        text: "Photography, half day",
        detail: "",
        quantity: 2,
        unit: "",
        price: Cents(52_000),
    },
    Item {
        text: "Print supervision",
        detail: "",
        quantity: 9,
        unit: "",
        price: Cents(7_850),
    },
];

pub fn make() -> anyhow::Result<Made> {
    let totals = Totals::of(&ITEMS, 20);
    let mut sheet = Sheet::a4();
    sheet.text(
        LEFT,
        74.0,
        Style::new(Font::SerifBold, 24.0).ink(GREEN),
        "Meridian & Rowe",
    );
    sheet.text(LEFT, 90.0, TEXT.ink(GRAY), "Design studio");
    sheet.right(RIGHT, 74.0, Style::new(Font::Sans, 24.0), "INVOICE");
    sheet.rule(LEFT, 106.0, RIGHT, 106.0, 1.4, GREEN);
    parties(&mut sheet);
    let y = table(&mut sheet, 290.0);
    let y = sums(&mut sheet, y, &totals);
    payment(&mut sheet, y + 34.0);
    let small = Style::new(Font::Sans, 7.5).ink(GRAY);
    sheet.centered(
        sheet.width / 2.0,
        800.0,
        small,
        "Meridian & Rowe Ltd. Registered in England and Wales No. 08412277. Registered office: 27 Lantern Yard, Bristol BS1 6QF",
    );
    let bytes = pdf::file("Invoice MR-20981", "Meridian & Rowe Ltd", vec![PdfPage::Drawn(sheet)]);
    Ok(Made::new(
        "invoice-en.pdf",
        "English invoice of a design studio",
        "invoice",
        "en",
        bytes,
    )
    .text_page("INVOICE Meridian Rowe MR-20981 Packaging Photography Subtotal Total £7,807.80 Halcyon Bristol")
    .field("supplier", "Meridian & Rowe Ltd")
    .field("document_number", "MR-20981")
    .field("date", "2026-09-18")
    .field("due_date", "2026-10-18")
    .field("currency", "GBP")
    .field("net", totals.net.plain())
    .field("tax", totals.tax.plain())
    .field("total", totals.gross.plain())
    .field("vat_id", "GB482731632")
    .field("iban", "GB02MERI20481537719264"))
}

fn parties(sheet: &mut Sheet) {
    sheet.text(LEFT, 132.0, LABEL, "FROM");
    sheet.text(LEFT, 147.0, BOLD, "Meridian & Rowe Ltd");
    let from = [
        "27 Lantern Yard",
        "Bristol BS1 6QF",
        "United Kingdom",
        "VAT No. GB 482 7316 32",
    ];
    sheet.lines(LEFT, 160.5, 13.5, TEXT, &from);
    sheet.text(220.0, 132.0, LABEL, "BILL TO");
    sheet.text(220.0, 147.0, BOLD, "Halcyon Tea Company Ltd");
    let to = [
        "Accounts Payable",
        "4 Wharfside, Unit 11",
        "Leeds LS10 1JR",
        "United Kingdom",
    ];
    sheet.lines(220.0, 160.5, 13.5, TEXT, &to);
    let facts = [
        ("Invoice number", "MR-20981"),
        ("Invoice date", "18 September 2026"),
        ("Due date", "18 October 2026"),
        ("Purchase order", "HTC-55120"),
    ];
    for (i, (label, value)) in facts.iter().enumerate() {
        let y = 134.0 + 17.0 * i as f32;
        sheet.text(372.0, y, TEXT.ink(GRAY), label);
        sheet.right(RIGHT, y, BOLD, value);
    }
    sheet.text(LEFT, 252.0, BOLD, "Autumn range 2026");
    sheet.text(
        LEFT,
        267.0,
        TEXT,
        "Work completed between 3 August and 11 September 2026 under our agreement of 1 July 2026.",
    );
}

fn table(sheet: &mut Sheet, top: f32) -> f32 {
    sheet.rule(LEFT, top, RIGHT, top, 0.9, BLACK);
    let y = top + 14.0;
    sheet.text(LEFT, y, LABEL, "DESCRIPTION");
    sheet.right(366.0, y, LABEL, "QTY");
    sheet.right(452.0, y, LABEL, "UNIT PRICE");
    sheet.right(RIGHT, y, LABEL, "AMOUNT");
    sheet.rule(LEFT, top + 21.0, RIGHT, top + 21.0, 0.9, BLACK);
    let mut y = top + 39.0;
    for item in &ITEMS {
        sheet.text(LEFT, y, TEXT, item.text);
        sheet.right(366.0, y, TEXT, &item.quantity.to_string());
        sheet.right(452.0, y, TEXT, &format!("£{}", item.price.english()));
        sheet.right(RIGHT, y, TEXT, &format!("£{}", item.amount().english()));
        sheet.rule(LEFT, y + 9.0, RIGHT, y + 9.0, 0.4, [0.78, 0.8, 0.8]);
        y += 25.0;
    }
    y
}

fn sums(sheet: &mut Sheet, top: f32, totals: &Totals) -> f32 {
    let rows = [("Subtotal", totals.net), ("VAT 20%", totals.tax)];
    let mut y = top;
    for (label, amount) in rows {
        sheet.right(452.0, y, TEXT.ink(GRAY), label);
        sheet.right(RIGHT, y, TEXT, &format!("£{}", amount.english()));
        y += 17.0;
    }
    sheet.rule(386.0, y - 9.0, RIGHT, y - 9.0, 0.9, BLACK);
    let big = Style::new(Font::SansBold, 13.0).ink(GREEN);
    sheet.right(452.0, y + 8.0, big, "Total");
    sheet.right(RIGHT, y + 8.0, big, &format!("£{}", totals.gross.english()));
    y + 12.0
}

fn payment(sheet: &mut Sheet, top: f32) {
    sheet.fill(LEFT, top, RIGHT - LEFT, 92.0, [0.94, 0.97, 0.95]);
    sheet.fill(LEFT, top, 3.0, 92.0, GREEN);
    sheet.text(LEFT + 16.0, top + 20.0, BOLD, "Payment details");
    let rows = [
        ("Bank", "Severn Mercantile Bank, Bristol"),
        ("IBAN", "GB02 MERI 2048 1537 7192 64"),
        ("BIC", "MERIGB2LXXX"),
        (
            "Terms",
            "30 days net. Please quote the invoice number with your payment.",
        ),
    ];
    for (i, (label, value)) in rows.iter().enumerate() {
        let y = top + 37.0 + 14.0 * i as f32;
        sheet.text(LEFT + 16.0, y, TEXT.ink(GRAY), label);
        sheet.text(LEFT + 70.0, y, TEXT, value);
    }
    sheet.text(LEFT, top + 122.0, TEXT, "Thank you for working with us.");
}
