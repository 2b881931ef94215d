//! A German invoice after DIN 5008: address window, information block, positions, totals, bank details in the footer.

use crate::made::Made;
use crate::metrics::Font;
use crate::money::{Cents, Item, Totals};
use crate::pdf::{self, PdfPage};
use crate::sheet::{GRAY, Ink, Sheet, Style, WHITE};

const TEXT: Style = Style::new(Font::Sans, 9.5);
const BOLD: Style = Style::new(Font::SansBold, 9.5);
const SMALL: Style = Style::new(Font::Sans, 7.5).ink(GRAY);
const BLUE: Ink = [0.05, 0.27, 0.45];
const LEFT: f32 = 71.0;
const RIGHT: f32 = 538.0;

const ITEMS: [Item; 5] = [
    Item {
        text: "Unterverteilung AP, 3-reihig, 36 TE",
        detail: "Lieferung und Montage inkl. Beschriftung",
        quantity: 2,
        unit: "Stk",
        price: Cents(18_490),
    },
    Item {
        text: "FI-Schutzschalter 40 A / 30 mA, Typ A",
        detail: "einschließlich Messprotokoll",
        quantity: 4,
        unit: "Stk",
        price: Cents(6_275),
    },
    Item {
        text: "Mantelleitung NYM-J 5x2,5 mm²",
        detail: "verlegt auf Kabeltrasse",
        quantity: 85,
        unit: "m",
        price: Cents(390),
    },
    Item {
        text: "Arbeitszeit Elektromeister",
        detail: "12. und 13.10.2026",
        quantity: 14,
        unit: "Std",
        price: Cents(7_200),
    },
    Item {
        text: "Anfahrt Zone 2",
        detail: "",
        quantity: 2,
        unit: "psch",
        price: Cents(4_500),
    },
];

pub fn make() -> anyhow::Result<Made> {
    let totals = Totals::of(&ITEMS, 19);
    let mut sheet = Sheet::a4();
    letterhead(&mut sheet);
    addresses(&mut sheet);
    sheet.text(
        LEFT,
        292.0,
        Style::new(Font::SansBold, 15.0).ink(BLUE),
        "Rechnung RE-2026-04187",
    );
    let y = sheet.lines(
        LEFT,
        318.0,
        13.5,
        TEXT,
        &[
            "Sehr geehrte Frau Brandt,",
            "für die Erneuerung der Elektroverteilung in Ihrer Werkstatt, Hafenstraße 12, erlauben wir uns zu berechnen:",
        ],
    );
    let y = positions(&mut sheet, y + 8.0);
    let y = sums(&mut sheet, y, &totals);
    let terms = "Bitte überweisen Sie den Rechnungsbetrag bis zum 14.11.2026 ohne Abzug und geben Sie dabei die Rechnungsnummer an. \
        Der Leistungszeitraum ist Oktober 2026. Es gelten unsere Allgemeinen Geschäftsbedingungen.";
    let y = sheet.paragraph(LEFT, y + 26.0, RIGHT - LEFT, 13.5, TEXT, terms);
    sheet.lines(
        LEFT,
        y + 12.0,
        13.5,
        TEXT,
        &["Mit freundlichen Grüßen", "Nordlicht Elektrotechnik GmbH"],
    );
    footer(&mut sheet);
    let bytes = pdf::file(
        "Rechnung RE-2026-04187",
        "Nordlicht Elektrotechnik GmbH",
        vec![PdfPage::Drawn(sheet)],
    );
    Ok(Made::new("invoice-de.pdf", "German invoice of an electrician", "invoice", "de", bytes)
        .text_page("Rechnung RE-2026-04187 Brandt Unterverteilung FI-Schutzschalter Mantelleitung Rechnungsbetrag 19 % MwSt. Grüßen")
        .field("supplier", "Nordlicht Elektrotechnik GmbH")
        .field("document_number", "RE-2026-04187")
        .field("date", "2026-10-31")
        .field("due_date", "2026-11-14")
        .field("currency", "EUR")
        .field("net", totals.net.plain())
        .field("tax", totals.tax.plain())
        .field("total", totals.gross.plain())
        .field("vat_id", "DE281140732")
        .field("iban", "DE27123456780004711208"))
}

fn letterhead(sheet: &mut Sheet) {
    sheet.fill(0.0, 0.0, sheet.width, 9.0, BLUE);
    // The mark: a lantern of three bars.
    for (i, height) in [22.0, 34.0, 26.0].into_iter().enumerate() {
        sheet.fill(LEFT + 8.0 * i as f32, 72.0 - height, 5.5, height, BLUE);
    }
    sheet.text(
        LEFT + 34.0,
        56.0,
        Style::new(Font::SansBold, 18.0).ink(BLUE),
        "Nordlicht",
    );
    sheet.text(
        LEFT + 34.0,
        71.0,
        Style::new(Font::Sans, 10.5).ink(GRAY),
        "Elektrotechnik GmbH",
    );
    for (i, line) in [
        "Werftweg 8 · 24148 Kiel",
        "Telefon 0431 555 01 90",
        "buero@nordlicht-elektro.example",
    ]
    .iter()
    .enumerate()
    {
        sheet.right(RIGHT, 46.0 + 12.0 * i as f32, SMALL, line);
    }
}

fn addresses(sheet: &mut Sheet) {
    sheet.text(
        LEFT,
        138.0,
        SMALL,
        "Nordlicht Elektrotechnik GmbH · Werftweg 8 · 24148 Kiel",
    );
    sheet.rule(LEFT, 142.0, LEFT + 205.0, 142.0, 0.4, GRAY);
    let address = [
        "Bootswerkstatt Brandt OHG",
        "Frau Silke Brandt",
        "Hafenstraße 12",
        "24376 Kappeln",
    ];
    sheet.lines(LEFT, 160.0, 13.5, Style::new(Font::Sans, 10.5), &address);
    let block = [
        ("Rechnungsnummer", "RE-2026-04187"),
        ("Rechnungsdatum", "31.10.2026"),
        ("Kundennummer", "K-10833"),
        ("Auftrag", "A-2026-0912"),
        ("Ansprechpartner", "Jens Petersen"),
    ];
    for (i, (label, value)) in block.iter().enumerate() {
        let y = 160.0 + 14.0 * i as f32;
        sheet.text(372.0, y, TEXT.ink(GRAY), label);
        sheet.right(RIGHT, y, if i < 2 { BOLD } else { TEXT }, value);
    }
}

fn positions(sheet: &mut Sheet, top: f32) -> f32 {
    sheet.fill(LEFT, top, RIGHT - LEFT, 19.0, BLUE);
    let head = BOLD.ink(WHITE);
    let y = top + 13.0;
    sheet.text(LEFT + 6.0, y, head, "Pos.");
    sheet.text(LEFT + 38.0, y, head, "Bezeichnung");
    sheet.right(372.0, y, head, "Menge");
    sheet.right(458.0, y, head, "Einzelpreis");
    sheet.right(RIGHT - 6.0, y, head, "Betrag");
    let mut y = top + 34.0;
    for (i, item) in ITEMS.iter().enumerate() {
        sheet.text(LEFT + 6.0, y, TEXT, &(i + 1).to_string());
        sheet.text(LEFT + 38.0, y, TEXT, item.text);
        sheet.right(372.0, y, TEXT, &format!("{} {}", item.quantity, item.unit));
        sheet.right(458.0, y, TEXT, &format!("{} €", item.price.german()));
        sheet.right(RIGHT - 6.0, y, TEXT, &format!("{} €", item.amount().german()));
        if !item.detail.is_empty() {
            y += 11.5;
            sheet.text(LEFT + 38.0, y, Style::new(Font::Sans, 8.0).ink(GRAY), item.detail);
        }
        y += 7.0;
        sheet.rule(LEFT, y, RIGHT, y, 0.4, [0.8, 0.82, 0.84]);
        y += 14.0;
    }
    y - 14.0
}

fn sums(sheet: &mut Sheet, top: f32, totals: &Totals) -> f32 {
    let rows = [("Nettobetrag", totals.net), ("zzgl. 19 % MwSt.", totals.tax)];
    let mut y = top + 18.0;
    for (label, amount) in rows {
        sheet.text(372.0, y, TEXT, label);
        sheet.right(RIGHT - 6.0, y, TEXT, &format!("{} €", amount.german()));
        y += 15.0;
    }
    sheet.fill(364.0, y - 8.0, RIGHT - 364.0, 21.0, [0.9, 0.94, 0.97]);
    let big = Style::new(Font::SansBold, 10.5).ink(BLUE);
    sheet.text(372.0, y + 6.5, big, "Rechnungsbetrag");
    sheet.right(RIGHT - 6.0, y + 6.5, big, &format!("{} €", totals.gross.german()));
    y + 13.0
}

fn footer(sheet: &mut Sheet) {
    sheet.rule(LEFT, 768.0, RIGHT, 768.0, 0.6, BLUE);
    let columns: [(f32, [&str; 4]); 3] = [
        (
            LEFT,
            [
                "Nordlicht Elektrotechnik GmbH",
                "Geschäftsführer: Jens Petersen",
                "Amtsgericht Kiel HRB 40172",
                "Sitz der Gesellschaft: Kiel",
            ],
        ),
        (
            240.0,
            [
                "Bankverbindung",
                "Küstenbank Kiel eG",
                "IBAN DE27 1234 5678 0004 7112 08",
                "BIC KUEBDE21KIE",
            ],
        ),
        (
            418.0,
            [
                "USt-IdNr. DE281140732",
                "Steuernummer 20/291/04417",
                "Finanzamt Kiel",
                "www.nordlicht-elektro.example",
            ],
        ),
    ];
    for (x, lines) in columns {
        sheet.lines(x, 781.0, 10.5, SMALL, &lines);
    }
}
