//! A registration form, filled in by hand in capitals: boxes, ticks, a grid for the membership number.

use crate::made::Made;
use crate::metrics::Font;
use crate::pdf::{self, PdfPage};
use crate::sheet::{BLACK, GRAY, Ink, Sheet, Style, WHITE};

const LABEL: Style = Style::new(Font::Sans, 7.5).ink(GRAY);
const TEXT: Style = Style::new(Font::Sans, 9.5);
const PEN: Style = Style::new(Font::Mono, 12.0).ink(INK);
const INK: Ink = [0.1, 0.15, 0.45];
const TEAL: Ink = [0.0, 0.36, 0.4];
const LEFT: f32 = 56.0;
const WIDTH: f32 = 483.0;

pub fn make() -> anyhow::Result<Made> {
    let mut sheet = Sheet::a4();
    sheet.fill(LEFT, 44.0, WIDTH, 46.0, TEAL);
    sheet.text(
        LEFT + 14.0,
        73.0,
        Style::new(Font::SansBold, 17.0).ink(WHITE),
        "Library Registration Form",
    );
    sheet.right(LEFT + WIDTH - 14.0, 73.0, TEXT.ink(WHITE), "Form L-12");
    sheet.text(
        LEFT,
        108.0,
        TEXT,
        "Riverton Public Library. Please fill in this form in capital letters and hand it in at the desk.",
    );
    let y = section(&mut sheet, 128.0, "1. Applicant");
    let y = row(
        &mut sheet,
        y,
        &[("Last name", "WHITFIELD", 0.5), ("First name", "ROSALIND", 0.5)],
    );
    let y = row(
        &mut sheet,
        y,
        &[
            ("Date of birth", "14 / 06 / 1988", 0.34),
            ("Nationality", "BRITISH", 0.33),
            ("Occupation", "NURSE", 0.33),
        ],
    );
    let y = row(
        &mut sheet,
        y,
        &[
            ("Street and number", "38 CANAL ROAD", 0.62),
            ("Postal code", "RV4 7TN", 0.38),
        ],
    );
    let y = row(
        &mut sheet,
        y,
        &[
            ("Telephone", "0199 555 0142", 0.4),
            ("E-mail", "r.whitfield@mail.example", 0.6),
        ],
    );
    let y = section(&mut sheet, y + 14.0, "2. Membership");
    let y = ticks(
        &mut sheet,
        y,
        "Type of card",
        &[
            ("Adult", true),
            ("Student", false),
            ("Family", false),
            ("Senior", false),
        ],
    );
    let y = ticks(
        &mut sheet,
        y,
        "Branch",
        &[("Central", false), ("Riverside", true), ("Northgate", false)],
    );
    let y = ticks(&mut sheet, y, "Newsletter", &[("Yes", false), ("No", true)]);
    let y = grid(&mut sheet, y, "Number of an earlier card, if any", "20417386");
    let y = section(&mut sheet, y + 14.0, "3. Declaration");
    let declaration = "I have read the rules of the library and accept them. I shall report the loss of my card at once and pay for \
        items that are lost or damaged while they are lent to me. I agree that my data are stored for as long as I hold a card.";
    let y = sheet.paragraph(LEFT, y + 12.0, WIDTH, 13.5, TEXT, declaration);
    signature(&mut sheet, y + 44.0);
    office(&mut sheet, 706.0);
    let bytes = pdf::file(
        "Library Registration Form",
        "Riverton Public Library",
        vec![PdfPage::Drawn(sheet)],
    );
    Ok(
        Made::new("form-en.pdf", "Registration form of a library", "form", "en", bytes).text_page(
            "Library Registration Form Applicant WHITFIELD ROSALIND Membership Adult Student Declaration Signature",
        ),
    )
}

fn section(sheet: &mut Sheet, top: f32, title: &str) -> f32 {
    sheet.fill(LEFT, top, WIDTH, 18.0, [0.88, 0.94, 0.94]);
    sheet.text(
        LEFT + 8.0,
        top + 12.5,
        Style::new(Font::SansBold, 10.0).ink(TEAL),
        title,
    );
    top + 26.0
}

fn row(sheet: &mut Sheet, top: f32, cells: &[(&str, &str, f32)]) -> f32 {
    let mut x = LEFT;
    for (label, value, share) in cells {
        let width = WIDTH * share;
        sheet.frame(x, top, width, 34.0, 0.7, BLACK);
        sheet.text(x + 6.0, top + 10.0, LABEL, label);
        sheet.text(x + 10.0, top + 27.0, PEN, value);
        x += width;
    }
    top + 34.0
}

fn ticks(sheet: &mut Sheet, top: f32, label: &str, choices: &[(&str, bool)]) -> f32 {
    sheet.text(LEFT + 6.0, top + 13.0, TEXT, label);
    let mut x = LEFT + 110.0;
    for (choice, ticked) in choices {
        sheet.frame(x, top + 4.0, 11.0, 11.0, 0.8, BLACK);
        if *ticked {
            sheet.pen(
                &[(x + 1.5, top + 9.0), (x + 4.5, top + 13.5), (x + 12.5, top + 1.0)],
                1.5,
                INK,
            );
        }
        sheet.text(x + 18.0, top + 13.0, TEXT, choice);
        x += 88.0;
    }
    top + 22.0
}

fn grid(sheet: &mut Sheet, top: f32, label: &str, digits: &str) -> f32 {
    sheet.text(LEFT + 6.0, top + 15.0, TEXT, label);
    for (i, digit) in digits.chars().enumerate() {
        let x = LEFT + 198.0 + 20.0 * i as f32;
        sheet.frame(x, top + 2.0, 20.0, 20.0, 0.7, BLACK);
        sheet.centered(x + 10.0, top + 16.5, PEN, &digit.to_string());
    }
    top + 26.0
}

fn signature(sheet: &mut Sheet, y: f32) {
    sheet.text(LEFT + 6.0, y - 5.0, PEN, "RIVERTON, 3 / 11 / 2026");
    sheet.signature(LEFT + 290.0, y - 6.0, 130.0, 0.43);
    for (x, label) in [(LEFT, "Place and date"), (LEFT + 268.0, "Signature of the applicant")] {
        sheet.rule(x, y, x + 210.0, y, 0.8, BLACK);
        sheet.text(x, y + 11.0, LABEL, label);
    }
}

fn office(sheet: &mut Sheet, top: f32) {
    sheet.frame(LEFT, top, WIDTH, 66.0, 1.2, TEAL);
    sheet.text(
        LEFT + 8.0,
        top + 15.0,
        Style::new(Font::SansBold, 9.0).ink(TEAL),
        "For library use only",
    );
    for (i, label) in ["Card number", "Issued by", "Date", "Fee received"].iter().enumerate() {
        let x = LEFT + 8.0 + 119.0 * i as f32;
        sheet.rule(x, top + 48.0, x + 104.0, top + 48.0, 0.6, BLACK);
        sheet.text(x, top + 58.0, LABEL, label);
    }
}
