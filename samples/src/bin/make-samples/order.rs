//! A dossier as mail rooms make them: a typed cover page, the scanned delivery note, a typed list of defects.

use crate::made::Made;
use crate::metrics::Font;
use crate::pdf::{self, PdfPage};
use crate::scan::Scanner;
use crate::sheet::{BLACK, GRAY, Sheet, Style};

const TEXT: Style = Style::new(Font::Sans, 10.5);
const BOLD: Style = Style::new(Font::SansBold, 10.5);
const LEFT: f32 = 64.0;
const RIGHT: f32 = 531.0;

pub fn make() -> anyhow::Result<Made> {
    let scanner = Scanner {
        dpi: 150,
        degrees: 0.6,
        noise: 6.0,
        shade: 16.0,
        jpeg_quality: 45,
    };
    let pages = vec![
        PdfPage::Drawn(cover()),
        PdfPage::Scanned(scanner.scan(note())?),
        PdfPage::Drawn(defects()),
    ];
    let bytes = pdf::file("Complaint about delivery 88-3141", "Lakeside Kitchens", pages);
    Ok(Made::new(
        "dossier-mixed-en.pdf",
        "Letter with a scanned delivery note",
        "letter",
        "en",
        bytes,
    )
    .text_page("Lakeside Kitchens Complaint delivery 88-3141 worktops Dear Pemberton regards")
    .scanned_page("DELIVERY NOTE 88-3141 Brightwater Timber Oak worktop Received Driver Weight")
    .text_page("List of defects Worktop Scratch Replacement Chipped Photographs"))
}

fn head(sheet: &mut Sheet) {
    sheet.text(LEFT, 64.0, Style::new(Font::SansBold, 17.0), "Lakeside Kitchens");
    sheet.text(
        LEFT,
        79.0,
        TEXT.ink(GRAY),
        "Showroom and workshop, 9 Harbour Street, Windermere LA23 1AB",
    );
    sheet.rule(LEFT, 90.0, RIGHT, 90.0, 1.0, BLACK);
}

fn cover() -> Sheet {
    let mut sheet = Sheet::a4();
    head(&mut sheet);
    let to = [
        "Brightwater Timber Ltd",
        "Mr Alan Pemberton",
        "Sawmill Lane 2",
        "Kendal LA9 4RQ",
    ];
    sheet.lines(LEFT, 130.0, 14.0, TEXT, &to);
    sheet.right(RIGHT, 206.0, TEXT, "22 October 2026");
    sheet.text(LEFT, 240.0, BOLD, "Complaint about delivery 88-3141 of 20 October");
    sheet.text(LEFT, 268.0, TEXT, "Dear Mr Pemberton,");
    const BODY: [&str; 3] = [
        "On Tuesday your driver brought the oak worktops for our order LK-2077. We signed for them with a remark, because \
         two of the packages were torn. When we opened them in the workshop we found that three of the eight worktops \
         cannot be used. The delivery note and a list of the defects follow on the next pages.",
        "Our customer expects her kitchen in the first week of November. Please replace the three worktops by Friday, \
         30 October, and collect the damaged ones on the same trip. If that is not possible, let us know by telephone \
         today, so that we can buy them elsewhere.",
        "We have worked together for eleven years, and this is the first time that we write such a letter. Please look \
         into how the packages are loaded.",
    ];
    let y = BODY.iter().fold(290.0, |y, text| {
        sheet.paragraph(LEFT, y, RIGHT - LEFT, 15.0, TEXT, text) + 7.0
    });
    sheet.text(LEFT, y + 8.0, TEXT, "Kind regards");
    sheet.signature(LEFT + 6.0, y + 48.0, 104.0, 0.71);
    sheet.lines(LEFT, y + 68.0, 14.0, TEXT, &["Margaret Ellwood", "Lakeside Kitchens"]);
    sheet.text(
        LEFT,
        790.0,
        TEXT.ink(GRAY),
        "Enclosed: delivery note 88-3141, list of defects",
    );
    sheet
}

fn note() -> Sheet {
    let mut sheet = Sheet::a4();
    sheet.frame(48.0, 48.0, 499.0, 700.0, 1.2, BLACK);
    sheet.text(LEFT, 84.0, Style::new(Font::SerifBold, 19.0), "Brightwater Timber Ltd");
    sheet.text(
        LEFT,
        101.0,
        TEXT,
        "Sawmill Lane 2, Kendal LA9 4RQ, Telephone 01539 555 018",
    );
    sheet.right(RIGHT, 84.0, Style::new(Font::SansBold, 15.0), "DELIVERY NOTE");
    let facts = [
        ("No.", "88-3141"),
        ("Date", "20 October 2026"),
        ("Your order", "LK-2077"),
        ("Weight", "412 kg"),
    ];
    for (i, (label, value)) in facts.iter().enumerate() {
        let y = 140.0 + 18.0 * i as f32;
        sheet.text(330.0, y, TEXT, label);
        sheet.text(420.0, y, BOLD, value);
    }
    sheet.lines(
        LEFT,
        140.0,
        15.0,
        TEXT,
        &[
            "Deliver to",
            "Lakeside Kitchens",
            "9 Harbour Street",
            "Windermere LA23 1AB",
        ],
    );
    const ROWS: [[&str; 4]; 6] = [
        ["Item", "Description", "Length", "Pieces"],
        ["OW-40", "Oak worktop, oiled, 40 mm", "3000 mm", "4"],
        ["OW-40S", "Oak worktop, oiled, 40 mm", "1800 mm", "4"],
        ["UP-12", "Upstand, oak", "3000 mm", "6"],
        ["OIL-5", "Worktop oil, 5 litre can", "", "2"],
        ["PAL", "Pallet, on loan", "", "2"],
    ];
    let mut y = 250.0;
    for (i, [item, text, length, pieces]) in ROWS.into_iter().enumerate() {
        let style = if i == 0 { BOLD } else { TEXT };
        sheet.frame(LEFT, y - 16.0, RIGHT - LEFT, 24.0, 0.7, BLACK);
        sheet.text(LEFT + 8.0, y, style, item);
        sheet.text(150.0, y, style, text);
        sheet.right(430.0, y, style, length);
        sheet.right(RIGHT - 10.0, y, style, pieces);
        y += 24.0;
    }
    sheet.text(LEFT, y + 26.0, TEXT, "Remarks: two packages torn, contents not checked");
    sheet.rule(LEFT, y + 32.0, RIGHT, y + 32.0, 0.5, GRAY);
    for (x, label, hand) in [(LEFT, "Received by", 0.71), (320.0, "Driver", 0.29)] {
        sheet.signature(x + 14.0, 676.0, 104.0, hand);
        sheet.rule(x, 686.0, x + 190.0, 686.0, 0.8, BLACK);
        sheet.text(x, 702.0, TEXT, label);
    }
    sheet
}

fn defects() -> Sheet {
    let mut sheet = Sheet::a4();
    head(&mut sheet);
    sheet.text(
        LEFT,
        128.0,
        Style::new(Font::SansBold, 14.0),
        "List of defects, delivery 88-3141",
    );
    const ROWS: [[&str; 3]; 4] = [
        ["Piece", "Defect", "Wanted"],
        [
            "Worktop OW-40, no. 2",
            "Scratch across the whole width, 2 mm deep",
            "Replacement",
        ],
        ["Worktop OW-40, no. 3", "Chipped corner, front left", "Replacement"],
        [
            "Worktop OW-40S, no. 1",
            "Board split along the glue line",
            "Replacement",
        ],
    ];
    let mut y = 164.0;
    for (i, row) in ROWS.into_iter().enumerate() {
        for (x, cell) in [LEFT, 212.0, 446.0].into_iter().zip(row) {
            sheet.text(x, y, if i == 0 { BOLD } else { TEXT }, cell);
        }
        sheet.rule(LEFT, y + 8.0, RIGHT, y + 8.0, if i == 0 { 1.0 } else { 0.4 }, BLACK);
        y += 24.0;
    }
    sheet.paragraph(LEFT, y + 10.0, RIGHT - LEFT, 15.0, TEXT, "Photographs of all three pieces were sent by e-mail on 21 October 2026. The remaining five worktops, the upstands and the oil are in order.");
    sheet
}
