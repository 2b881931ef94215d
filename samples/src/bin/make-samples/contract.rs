//! A non-disclosure agreement, signed, scanned askew on a dusty glass.

use crate::made::Made;
use crate::metrics::Font;
use crate::scan::Scanner;
use crate::sheet::{BLACK, Sheet, Style};

const TEXT: Style = Style::new(Font::Serif, 11.5);
const BOLD: Style = Style::new(Font::SerifBold, 11.5);
const LEFT: f32 = 76.0;
const RIGHT: f32 = 520.0;

const CLAUSES: [(&str, &str); 6] = [
    (
        "1. Purpose.",
        "The parties wish to discuss the joint development of sensors for grain stores and will disclose to each other \
         information that is not public.",
    ),
    (
        "2. Confidential Information.",
        "Confidential Information means drawings, samples, prices, software and all other information that a party marks \
         as confidential or that a reasonable person would understand to be so.",
    ),
    (
        "3. Duties.",
        "The receiving party shall use Confidential Information for the purpose of this Agreement only, shall protect it \
         with the care it applies to its own secrets, and shall not disclose it to third parties without prior written consent.",
    ),
    (
        "4. Exceptions.",
        "These duties do not apply to information that was public when it was disclosed, that the receiving party knew \
         before, or that a court orders it to disclose.",
    ),
    (
        "5. Term.",
        "This Agreement remains in force for a period of three years from the Effective Date. The duties of clause 3 \
         survive its end for two further years.",
    ),
    (
        "6. Governing Law.",
        "This Agreement shall be governed by the laws of the State of Oregon. The courts of Portland have jurisdiction.",
    ),
];

pub fn make() -> anyhow::Result<Made> {
    let mut sheet = Sheet::a4();
    sheet.centered(
        sheet.width / 2.0,
        92.0,
        Style::new(Font::SerifBold, 16.0),
        "MUTUAL NON-DISCLOSURE AGREEMENT",
    );
    let preamble = "This Agreement is made and entered into as of March 9, 2026 (the Effective Date) by and between Tamarack \
        Instruments, Inc., a corporation of the State of Oregon with its office at 410 Millrace Road, Portland, and \
        Greyfield Silo Systems LLC, with its office at 77 Prairie Avenue, Des Moines, Iowa.";
    let mut y = sheet.justified(LEFT, 126.0, RIGHT - LEFT, 15.5, TEXT, preamble) + 9.0;
    for (title, text) in CLAUSES {
        sheet.text(LEFT, y, BOLD, title);
        y = sheet.justified(LEFT, y + 15.5, RIGHT - LEFT, 15.5, TEXT, text) + 7.0;
    }
    signatures(&mut sheet, y + 12.0);
    let scanner = Scanner {
        dpi: 200,
        degrees: -1.3,
        noise: 5.0,
        shade: 22.0,
        jpeg_quality: 40,
    };
    let bytes = scanner.scan(sheet)?.jpeg;
    Ok(Made::new(
        "contract-scan-en.jpg",
        "Scanned non-disclosure agreement",
        "contract",
        "en",
        bytes,
    )
    .scanned_page(
        "MUTUAL NON-DISCLOSURE AGREEMENT Tamarack Greyfield Effective Confidential Information Oregon Governing Law",
    )
    .field("party", "Tamarack Instruments, Inc.")
    .field("party", "Greyfield Silo Systems LLC")
    .field("effective_date", "2026-03-09")
    .field("term", "3 years")
    .field("jurisdiction", "Oregon"))
}

fn signatures(sheet: &mut Sheet, top: f32) {
    sheet.text(
        LEFT,
        top,
        TEXT,
        "In witness whereof the parties have signed this Agreement.",
    );
    let sides = [
        (LEFT, "Tamarack Instruments, Inc.", "Helen Marsh, President", 0.87),
        (316.0, "Greyfield Silo Systems LLC", "Daniel Osei, Manager", 0.18),
    ];
    for (x, company, person, hand) in sides {
        sheet.text(x, top + 26.0, BOLD, company);
        sheet.signature(x + 12.0, top + 68.0, 108.0, hand);
        sheet.rule(x, top + 74.0, x + 180.0, top + 74.0, 0.8, BLACK);
        sheet.text(x, top + 88.0, TEXT, person);
    }
}
