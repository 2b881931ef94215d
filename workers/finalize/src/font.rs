//! A font without outlines: every character is one blank glyph, half an em wide. Text in it can lie over a picture and be
//! found, selected and copied, while nothing is painted. Tesseract and others use such a font in their searchable PDFs; this
//! one is written from the TrueType specification (`glyf`, `head`, `hhea`, `hmtx`, `loca`, `maxp`).
//!
//! Codes are assigned in order of first use, and the `ToUnicode` map gives the character of each. That reaches all of Unicode,
//! beyond the 65,536 characters that an identity mapping of two-byte codes would cover.

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{SystemInfo, UnicodeCmap};
use pdf_writer::{Name, Str};
use std::collections::HashMap;

/// The advance of every glyph, in thousandths of an em.
pub const ADVANCE: f32 = 500.0;
pub const ASCENT: f32 = 900.0;
pub const DESCENT: f32 = -200.0;
pub const BASE_FONT: &[u8] = b"GlyphLess";

const UNITS_PER_EM: u16 = 1000;
const DEFLATE_LEVEL: u8 = 6;

/// The characters used so far, each with its two-byte code.
#[derive(Default)]
pub struct Alphabet {
    codes: HashMap<char, u16>,
    characters: Vec<char>,
}

impl Alphabet {
    /// The text as big-endian two-byte codes. Control characters are dropped, because they have no place in a word. No real
    /// document has more than 65,535 different characters (Unicode assigns more, but no text uses them together). Beyond that,
    /// a character gets the last code, 65,535, and would be copied as another character.
    pub fn encode(&mut self, text: &str) -> Vec<u8> {
        text.chars()
            .filter(|c| !c.is_control())
            .flat_map(|c| self.code(c).to_be_bytes())
            .collect()
    }

    fn code(&mut self, character: char) -> u16 {
        if let Some(&code) = self.codes.get(&character) {
            return code;
        }
        let Ok(code) = u16::try_from(self.characters.len() + 1) else {
            return u16::MAX;
        };
        self.codes.insert(character, code);
        self.characters.push(character);
        code
    }

    /// The `ToUnicode` stream, zlib-compressed.
    pub fn to_unicode(&self) -> Vec<u8> {
        let mut cmap = UnicodeCmap::<u16>::new(Name(b"GlyphLess-ToUnicode"), system_info());
        for (code, &character) in (1..=u16::MAX).zip(&self.characters) {
            cmap.pair(code, character);
        }
        compress_to_vec_zlib(&cmap.finish().into_vec(), DEFLATE_LEVEL)
    }

    /// The `CIDToGIDMap` stream, zlib-compressed: code 0 is `.notdef`, every other code is the blank glyph.
    pub fn cid_to_gid(&self) -> Vec<u8> {
        let mut map = vec![0, 0];
        map.extend(self.characters.iter().flat_map(|_| 1u16.to_be_bytes()));
        compress_to_vec_zlib(&map, DEFLATE_LEVEL)
    }
}

pub fn system_info() -> SystemInfo<'static> {
    SystemInfo {
        registry: Str(b"Adobe"),
        ordering: Str(b"Identity"),
        supplement: 0,
    }
}

/// The font program, a TrueType file of two empty glyphs, and its length before compression.
pub struct Program {
    pub zlib: Vec<u8>,
    pub length: i32,
}

pub fn program() -> Program {
    let file = true_type();
    Program {
        length: file.len() as i32,
        zlib: compress_to_vec_zlib(&file, DEFLATE_LEVEL),
    }
}

fn true_type() -> Vec<u8> {
    // Sorted by tag, as the table directory requires.
    let tables: [(&[u8; 4], Vec<u8>); 6] = [
        (b"glyf", vec![0; 4]),
        (b"head", head()),
        (b"hhea", hhea()),
        (b"hmtx", words(&[ADVANCE as u16, 0, ADVANCE as u16, 0])),
        (b"loca", words(&[0, 0, 0])),
        (b"maxp", maxp()),
    ];
    assemble(&tables)
}

fn head() -> Vec<u8> {
    let mut table = words(&[1, 0, 1, 0]); // version 1.0, revision 1.0
    table.extend([0; 4]); // checkSumAdjustment, set once the file is complete
    table.extend(0x5F0F_3CF5_u32.to_be_bytes());
    table.extend(words(&[0, UNITS_PER_EM]));
    table.extend([0; 16]); // created, modified: fixed, so that equal input gives equal files
    // Bounding box, style, smallest readable size, direction, `loca` in 16-bit units, glyph data format.
    table.extend(words(&[
        0,
        DESCENT as i16 as u16,
        ADVANCE as u16,
        ASCENT as u16,
        0,
        8,
        2,
        0,
        0,
    ]));
    table
}

fn hhea() -> Vec<u8> {
    let mut table = words(&[
        1,
        0,
        ASCENT as u16,
        DESCENT as i16 as u16,
        0,
        ADVANCE as u16,
        0,
        0,
        0,
        1,
        0,
        0,
    ]);
    table.extend([0; 10]);
    table.extend(words(&[2])); // both glyphs have a full metric
    table
}

fn maxp() -> Vec<u8> {
    let mut table = words(&[1, 0, 2]);
    table.extend(words(&[0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0])); // two zones, all else empty
    table
}

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_be_bytes()).collect()
}

fn assemble(tables: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let count = tables.len() as u16;
    let entry_selector = count.ilog2() as u16;
    let search_range = 16 << entry_selector;
    let mut file = words(&[1, 0, count, search_range, entry_selector, count * 16 - search_range]);
    let mut offset = file.len() + tables.len() * 16;
    let mut body = Vec::new();
    let mut head_at = 0;
    for (tag, table) in tables {
        if *tag == b"head" {
            head_at = offset;
        }
        file.extend(*tag);
        file.extend(checksum(table).to_be_bytes());
        file.extend((offset as u32).to_be_bytes());
        file.extend((table.len() as u32).to_be_bytes());
        let padded = table.len().next_multiple_of(4);
        body.extend(table);
        body.resize(body.len() + padded - table.len(), 0);
        offset += padded;
    }
    file.extend(body);
    let adjustment = 0xB1B0_AFBA_u32.wrapping_sub(checksum(&file));
    file[head_at + 8..head_at + 12].copy_from_slice(&adjustment.to_be_bytes());
    file
}

/// The sum of the big-endian 32-bit words, the last one padded with zeros.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.chunks(4).fold(0, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_font_file_sums_to_the_number_the_specification_names() {
        let file = true_type();
        assert_eq!(checksum(&file), 0xB1B0_AFBA);
        assert_eq!(file.len() % 4, 0);
    }

    #[test]
    fn codes_are_stable_and_leave_out_controls() {
        let mut alphabet = Alphabet::default();
        assert_eq!(alphabet.encode("aß\u{7}a"), [0, 1, 0, 2, 0, 1]);
        assert_eq!(alphabet.encode("😀"), [0, 3]);
    }
}
