//! A German business letter: a property manager answers a tenant.

use crate::made::Made;
use crate::metrics::Font;
use crate::pdf::{self, PdfPage};
use crate::sheet::{GRAY, Ink, Sheet, Style};

const TEXT: Style = Style::new(Font::Serif, 11.0);
const BOLD: Style = Style::new(Font::SerifBold, 11.0);
const SMALL: Style = Style::new(Font::Serif, 8.0).ink(GRAY);
const RED: Ink = [0.5, 0.13, 0.13];
const LEFT: f32 = 71.0;
const RIGHT: f32 = 524.0;

const BODY: [&str; 4] = [
    "vielen Dank für Ihr Schreiben vom 2. November, in dem Sie uns auf die undichten Fenster im Wohnzimmer und auf den \
     Zugang zum Fahrradkeller aufmerksam machen. Wir haben Ihr Anliegen mit dem Hausmeister, Herrn Dörfler, und mit \
     der Tischlerei besprochen, die im Frühjahr die Fenster im Erdgeschoss überholt hat.",
    "Die Tischlerei wird die Fenster am Donnerstag, dem 26. November, zwischen 8 und 11 Uhr vermessen. Bitte sorgen Sie \
     dafür, dass jemand zu Hause ist, oder hinterlegen Sie einen Schlüssel bei Herrn Dörfler. Der Austausch der \
     Dichtungen dauert etwa zwei Stunden und kostet Sie nichts. Sollte sich zeigen, dass ein Flügel ersetzt werden \
     muss, melden wir uns mit einem eigenen Termin.",
    "Für den Fahrradkeller haben wir neue Schlösser bestellt. Jede Wohnung erhält zwei Schlüssel, die Sie ab dem \
     1. Dezember in unserem Büro abholen können. Bis dahin bleibt die Tür tagsüber unverschlossen.",
    "Wir bedauern die Unannehmlichkeiten und hoffen, dass Sie es bald wieder warm haben. Bei Fragen erreichen Sie \
     Frau Lindner montags bis freitags unter der oben genannten Nummer.",
];

pub fn make() -> anyhow::Result<Made> {
    let mut sheet = Sheet::a4();
    letterhead(&mut sheet);
    sheet.text(
        LEFT,
        140.0,
        SMALL,
        "Hausverwaltung Ahrens & Sohn KG · Lindenallee 41 · 04275 Leipzig",
    );
    sheet.lines(
        LEFT,
        160.0,
        14.0,
        TEXT,
        &[
            "Frau",
            "Dr. Katharina Vogt",
            "Schillerstraße 19, 3. OG",
            "04155 Leipzig",
        ],
    );
    sheet.right(RIGHT, 252.0, TEXT, "Leipzig, 11. November 2026");
    sheet.text(
        LEFT,
        286.0,
        BOLD,
        "Ihr Schreiben vom 2. November 2026: Fenster und Fahrradkeller, Schillerstraße 19",
    );
    sheet.text(LEFT, 316.0, TEXT, "Sehr geehrte Frau Dr. Vogt,");
    let mut y = 338.0;
    for paragraph in BODY {
        y = sheet.justified(LEFT, y, RIGHT - LEFT, 15.5, TEXT, paragraph) + 7.0;
    }
    sheet.text(LEFT, y + 6.0, TEXT, "Mit freundlichen Grüßen");
    sheet.signature(LEFT + 4.0, y + 46.0, 120.0, 0.62);
    sheet.lines(
        LEFT,
        y + 66.0,
        14.0,
        TEXT,
        &["Matthias Ahrens", "Hausverwaltung Ahrens & Sohn KG"],
    );
    sheet.rule(LEFT, 782.0, RIGHT, 782.0, 0.5, RED);
    let foot =
        "Kommanditgesellschaft, Sitz Leipzig · Amtsgericht Leipzig HRA 15503 · Persönlich haftend: Matthias Ahrens";
    sheet.centered((LEFT + RIGHT) / 2.0, 795.0, SMALL, foot);
    let bytes = pdf::file(
        "Ihr Schreiben vom 2. November 2026",
        "Hausverwaltung Ahrens & Sohn KG",
        vec![PdfPage::Drawn(sheet)],
    );
    Ok(Made::new(
        "letter-de.pdf",
        "German letter of a property manager",
        "letter",
        "de",
        bytes,
    )
    .text_page("Hausverwaltung Ahrens Katharina Vogt Schillerstraße geehrte Fahrradkeller Tischlerei Dörfler Grüßen"))
}

fn letterhead(sheet: &mut Sheet) {
    sheet.text(LEFT, 66.0, Style::new(Font::SerifBold, 20.0).ink(RED), "Ahrens & Sohn");
    sheet.text(
        LEFT,
        82.0,
        Style::new(Font::SerifItalic, 11.0).ink(GRAY),
        "Hausverwaltung seit 1962",
    );
    for (i, line) in [
        "Lindenallee 41, 04275 Leipzig",
        "Telefon 0341 555 72 10",
        "post@ahrens-sohn.example",
    ]
    .iter()
    .enumerate()
    {
        sheet.right(
            RIGHT,
            58.0 + 12.0 * i as f32,
            Style::new(Font::Serif, 9.0).ink(GRAY),
            line,
        );
    }
    sheet.rule(LEFT, 96.0, RIGHT, 96.0, 0.8, RED);
}
