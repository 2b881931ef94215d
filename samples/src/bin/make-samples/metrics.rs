//! The widths of the standard fonts' characters, in thousandths of an em, from Adobe's published font metrics (AFM).
//! Viewers have these fonts, so they need not be embedded.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Font {
    Sans,
    SansBold,
    Serif,
    SerifBold,
    SerifItalic,
    Mono,
    MonoBold,
}

impl Font {
    pub const ALL: [Font; 7] = [
        Font::Sans,
        Font::SansBold,
        Font::Serif,
        Font::SerifBold,
        Font::SerifItalic,
        Font::Mono,
        Font::MonoBold,
    ];

    pub fn base_name(self) -> &'static str {
        match self {
            Font::Sans => "Helvetica",
            Font::SansBold => "Helvetica-Bold",
            Font::Serif => "Times-Roman",
            Font::SerifBold => "Times-Bold",
            Font::SerifItalic => "Times-Italic",
            Font::Mono => "Courier",
            Font::MonoBold => "Courier-Bold",
        }
    }

    /// The name under which pages refer to the font.
    pub fn resource_name(self) -> &'static str {
        match self {
            Font::Sans => "Sa",
            Font::SansBold => "SaB",
            Font::Serif => "Se",
            Font::SerifBold => "SeB",
            Font::SerifItalic => "SeI",
            Font::Mono => "Mo",
            Font::MonoBold => "MoB",
        }
    }

    /// The width of `text` at `size`, in the unit of `size`.
    pub fn width(self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| f32::from(self.advance(c))).sum::<f32>() * size / 1000.0
    }

    fn advance(self, c: char) -> u16 {
        let (ascii, ligature, dash, bullet) = match self {
            Font::Sans => (&SANS, 611, 556, 350),
            Font::SansBold => (&SANS_BOLD, 611, 556, 350),
            Font::Serif => (&SERIF, 500, 500, 350),
            Font::SerifBold => (&SERIF_BOLD, 556, 500, 350),
            Font::SerifItalic => (&SERIF_ITALIC, 500, 500, 350),
            Font::Mono | Font::MonoBold => return 600,
        };
        let like = match c {
            'ä' | 'á' | 'à' => 'a',
            'é' | 'è' | 'ê' => 'e',
            'ö' | 'ó' => 'o',
            'ü' => 'u',
            'Ä' => 'A',
            'Ö' => 'O',
            'Ü' => 'U',
            '€' | '£' | '§' => '0',
            '’' | '‘' => return ascii[usize::from(b'\'' - b' ')].max(222),
            '“' | '”' | '„' => return ascii[usize::from(b'(' - b' ')],
            'ß' => return ligature,
            '–' => return dash,
            '•' => return bullet,
            '·' => '.',
            c => c,
        };
        ascii.get((like as usize).wrapping_sub(32)).copied().unwrap_or(500)
    }
}

/// The character's code in WinAnsiEncoding (Windows code page 1252); `?` for what it lacks.
pub fn win_ansi(c: char) -> u8 {
    match c {
        '€' => 0x80,
        '„' => 0x84,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        ' '..='~' | '\u{a0}'..='\u{ff}' => c as u8,
        _ => b'?',
    }
}

#[rustfmt::skip]
const SANS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

#[rustfmt::skip]
const SANS_BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];

#[rustfmt::skip]
const SERIF: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444,
    921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722,
    556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500,
    333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500,
    500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
];

#[rustfmt::skip]
const SERIF_BOLD: [u16; 95] = [
    250, 333, 555, 500, 500, 1000, 833, 278, 333, 333, 500, 570, 250, 333, 250, 278,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 333, 333, 570, 570, 570, 500,
    930, 722, 667, 722, 722, 667, 611, 778, 778, 389, 500, 778, 667, 944, 722, 778,
    611, 778, 722, 556, 667, 722, 722, 1000, 722, 722, 667, 333, 278, 333, 581, 500,
    333, 500, 556, 444, 556, 444, 333, 500, 556, 278, 333, 556, 278, 833, 556, 500,
    556, 556, 444, 389, 333, 556, 500, 722, 500, 500, 444, 394, 220, 394, 520,
];

#[rustfmt::skip]
const SERIF_ITALIC: [u16; 95] = [
    250, 333, 420, 500, 500, 833, 778, 214, 333, 333, 500, 675, 250, 333, 250, 278,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 333, 333, 675, 675, 675, 500,
    920, 611, 611, 667, 722, 611, 611, 722, 722, 333, 444, 667, 556, 833, 667, 722,
    611, 722, 611, 500, 556, 722, 611, 833, 611, 556, 556, 389, 278, 389, 422, 500,
    333, 500, 500, 444, 500, 444, 278, 500, 500, 278, 278, 444, 278, 722, 500, 500,
    500, 500, 389, 389, 278, 500, 444, 667, 444, 444, 389, 400, 275, 400, 541,
];
