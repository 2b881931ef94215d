//! The first page of a paper in two columns, with a figure and a table.

use crate::made::Made;
use crate::metrics::Font;
use crate::pdf::{self, PdfPage};
use crate::sheet::{BLACK, GRAY, Sheet, Style};

const TEXT: Style = Style::new(Font::Serif, 9.5);
const ITALIC: Style = Style::new(Font::SerifItalic, 9.5);
const HEADING: Style = Style::new(Font::SerifBold, 10.5);
const CAPTION: Style = Style::new(Font::Serif, 8.5);
const LEFT: f32 = 54.0;
const COLUMN: f32 = 233.0;
const SECOND: f32 = 308.0;
const LEADING: f32 = 11.6;

const ABSTRACT: &str = "We counted pollinators on 48 rooftop gardens in three coastal cities over two summers. Visits by wild \
    bees rose with the share of native plants and fell with the height of the roof, while honey bees followed neither. \
    Gardens above the sixth floor received less than a third of the visits of those below it. A simple model with two \
    variables explains 71 percent of the variance between gardens.";

const INTRODUCTION: [&str; 2] = [
    "Flat roofs cover a fifth of many inner cities, and planting them is often proposed as a remedy for the loss of \
     meadows. Whether insects reach such gardens is less clear. Earlier studies looked at single buildings or at a single \
     season, and most of them counted honey bees only, whose numbers depend on hives nearby rather than on flowers.",
    "This paper reports visits by all bees, hoverflies and butterflies to 48 gardens of comparable size between the \
     second and the eleventh floor. We ask which properties of a garden predict visits by wild species, and whether \
     height sets a limit that planting cannot overcome.",
];

const METHODS: &str = "Each garden was visited six times between May and August. At every visit two observers counted insects on \
    ten marked plots of one square metre for five minutes each, in dry weather above 17 degrees and with little wind. \
    Plants were named to species and classed as native or introduced. Height was measured from the pavement to the soil.";

const RESULTS: [&str; 2] = [
    "In total 9,412 visits were recorded: 5,130 by wild bees, 2,877 by honey bees, 1,102 by hoverflies and 303 by \
     butterflies. Table 1 gives the mean visits per plot for each class of height. Visits by wild bees fell by about a \
     tenth with every floor (Figure 1).",
    "Native plants mattered more on low roofs than on high ones. Below the fourth floor, gardens in which more than half \
     of the cover was native had twice the visits of the others; above the eighth floor the difference was lost in the \
     noise of small counts.",
];

const DISCUSSION: &str = "Height does set a limit, but a soft one. A garden on the fifth floor with native plants received as many \
    wild bees as one on the second floor without them. Planners who cannot choose the roof can still choose the plants.";

pub fn make() -> anyhow::Result<Made> {
    let mut sheet = Sheet::a4();
    head(&mut sheet);
    let mut y = heading(&mut sheet, LEFT, 262.0, "1  Introduction");
    y = paragraphs(&mut sheet, LEFT, y, &INTRODUCTION);
    y = heading(&mut sheet, LEFT, y + 6.0, "2  Methods");
    y = paragraphs(&mut sheet, LEFT, y, &[METHODS]);
    figure(&mut sheet, LEFT, y + 8.0);
    y = heading(&mut sheet, SECOND, 262.0, "3  Results");
    y = paragraphs(&mut sheet, SECOND, y, &RESULTS);
    y = table(&mut sheet, SECOND, y + 8.0);
    y = heading(&mut sheet, SECOND, y + 14.0, "4  Discussion");
    y = paragraphs(&mut sheet, SECOND, y, &[DISCUSSION]);
    references(&mut sheet, y + 8.0);
    sheet.centered(sheet.width / 2.0, 808.0, CAPTION.ink(GRAY), "1");
    let bytes = pdf::file(
        "Who visits rooftop gardens?",
        "I. Halvorsen, T. Okafor, M. Reyes",
        vec![PdfPage::Drawn(sheet)],
    );
    Ok(Made::new("paper-en.pdf", "Paper in two columns", "other", "en", bytes)
        .text_page("rooftop gardens Halvorsen Abstract Introduction Methods Results Discussion pollinators Figure Table References"))
}

fn head(sheet: &mut Sheet) {
    let middle = sheet.width / 2.0;
    sheet.text(
        LEFT,
        50.0,
        CAPTION.ink(GRAY),
        "Annals of Urban Ecology 14 (2026) 203–211",
    );
    sheet.rule(LEFT, 56.0, SECOND + COLUMN, 56.0, 0.5, GRAY);
    let title = Style::new(Font::SerifBold, 17.0);
    sheet.centered(middle, 88.0, title, "Who visits rooftop gardens? Height, native plants");
    sheet.centered(middle, 109.0, title, "and pollinators in three coastal cities");
    sheet.centered(
        middle,
        132.0,
        Style::new(Font::Serif, 11.0),
        "Ingrid Halvorsen, Tobe Okafor and Marisol Reyes",
    );
    sheet.centered(
        middle,
        146.0,
        ITALIC,
        "Institute for City Ecology, University of Norrhaven",
    );
    sheet.text(LEFT + 40.0, 174.0, HEADING, "Abstract");
    sheet.justified(
        LEFT + 40.0,
        188.0,
        SECOND + COLUMN - LEFT - 80.0,
        LEADING,
        TEXT,
        ABSTRACT,
    );
}

fn heading(sheet: &mut Sheet, x: f32, y: f32, text: &str) -> f32 {
    sheet.text(x, y, HEADING, text);
    y + 15.0
}

fn paragraphs(sheet: &mut Sheet, x: f32, y: f32, texts: &[&str]) -> f32 {
    texts
        .iter()
        .fold(y, |y, text| sheet.justified(x, y, COLUMN, LEADING, TEXT, text) + 3.0)
}

fn figure(sheet: &mut Sheet, x: f32, top: f32) {
    let (left, right, bottom) = (x + 26.0, x + COLUMN - 6.0, top + 118.0);
    sheet.rule(left, top, left, bottom, 0.8, BLACK);
    sheet.rule(left, bottom, right, bottom, 0.8, BLACK);
    const VISITS: [f32; 10] = [21.4, 19.8, 17.1, 15.9, 13.2, 9.1, 6.6, 6.0, 5.2, 3.9];
    for (i, visits) in VISITS.into_iter().enumerate() {
        let at = left + 9.0 + 19.2 * i as f32;
        let height = visits * 4.9;
        sheet.fill(at, bottom - height, 12.0, height, [0.35, 0.5, 0.62]);
        sheet.centered(at + 6.0, bottom + 10.0, CAPTION, &(i + 2).to_string());
    }
    for value in [5, 10, 15, 20] {
        let y = bottom - value as f32 * 4.9;
        sheet.rule(left - 3.0, y, left, y, 0.6, BLACK);
        sheet.right(left - 5.0, y + 3.0, CAPTION, &value.to_string());
    }
    let caption = "Figure 1. Visits by wild bees per plot and visit, by floor of the garden.";
    sheet.paragraph(x, bottom + 27.0, COLUMN, 10.5, CAPTION, caption);
}

fn table(sheet: &mut Sheet, x: f32, top: f32) -> f32 {
    const ROWS: [[&str; 4]; 4] = [
        ["Floor", "Gardens", "Wild bees", "Honey bees"],
        ["2 to 4", "19", "19.6", "7.9"],
        ["5 to 7", "17", "9.8", "7.1"],
        ["8 to 11", "12", "5.3", "7.6"],
    ];
    sheet.text(x, top + 4.0, CAPTION, "Table 1. Mean visits per plot.");
    sheet.rule(x, top + 10.0, x + COLUMN, top + 10.0, 0.9, BLACK);
    let mut y = top + 21.0;
    for (i, row) in ROWS.iter().enumerate() {
        let style = if i == 0 {
            Style::new(Font::SerifBold, 9.0)
        } else {
            Style::new(Font::Serif, 9.0)
        };
        sheet.text(x + 4.0, y, style, row[0]);
        for (column, cell) in row[1..].iter().enumerate() {
            sheet.right(x + 110.0 + 58.0 * column as f32, y, style, cell);
        }
        if i == 0 {
            sheet.rule(x, y + 4.0, x + COLUMN, y + 4.0, 0.5, BLACK);
            y += 3.0;
        }
        y += 12.0;
    }
    sheet.rule(x, y - 7.0, x + COLUMN, y - 7.0, 0.9, BLACK);
    y
}

fn references(sheet: &mut Sheet, top: f32) {
    const ENTRIES: [&str; 3] = [
        "[1] L. Brandvold. Bees above the street. Journal of Roof Planting 8, 2021, 44–59.",
        "[2] P. Nakagawa and S. Dietz. Counting insects on small plots. Field Notes 31, 2019, 7–18.",
        "[3] City of Norrhaven. Register of planted roofs, 2024.",
    ];
    sheet.text(SECOND, top, HEADING, "References");
    ENTRIES.iter().fold(top + 14.0, |y, entry| {
        sheet.paragraph(SECOND, y, COLUMN, 10.2, CAPTION, entry) + 2.0
    });
}
