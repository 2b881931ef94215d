//! Copies a PNG's compressed rows unchanged into a PDF. PDF's FlateDecode with a PNG predictor is the same encoding (PNG, third
//! edition, clauses 9 and 10; ISO 32000-1, 7.4.4.4), so nothing has to be decoded and nothing is lost.

use crate::picture::{Coding, Color, Picture};
use image::metadata::Orientation;

/// `None` for PNG features without a PDF equivalent (transparency, interlacing) and for broken files. The caller sets the
/// orientation.
pub fn picture(bytes: &[u8]) -> Option<Picture> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let (b"IHDR", header, after) = chunk(rest)? else {
        return None;
    };
    rest = after;
    let &[w3, w2, w1, w0, h3, h2, h1, h0, bits, color, 0, 0, 0] = header else {
        return None;
    };
    let width = u32::from_be_bytes([w3, w2, w1, w0]);
    let height = u32::from_be_bytes([h3, h2, h1, h0]);
    let mut palette = Vec::new();
    let mut rows = Vec::new();
    loop {
        let (kind, body, after) = chunk(rest)?;
        match kind {
            b"PLTE" => palette = body.to_vec(),
            b"tRNS" => return None,
            b"IDAT" => rows.extend_from_slice(body),
            b"IEND" => break,
            _ => {}
        }
        rest = after;
    }
    let color = match color {
        0 => Color::Gray,
        2 => Color::Rgb,
        3 if !palette.is_empty() && palette.len().is_multiple_of(3) => Color::Indexed(palette),
        _ => return None,
    };
    let usable = i32::try_from(width.max(height)).is_ok() && width > 0 && height > 0 && !rows.is_empty();
    usable.then_some(Picture {
        width,
        height,
        bits_per_channel: bits,
        color,
        coding: Coding::Deflate { png_rows: true },
        bytes: rows,
        orientation: Orientation::NoTransforms,
    })
}

/// The next chunk: its type, its body, and what follows its checksum.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (body, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((kind, body, rest.get(4..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::ImageEncoder;
    use image::codecs::png::PngEncoder;

    fn encoded(pixels: &[u8], color: image::ExtendedColorType) -> Vec<u8> {
        let mut file = Vec::new();
        PngEncoder::new(&mut file).write_image(pixels, 4, 2, color).unwrap();
        file
    }

    #[test]
    fn opaque_pictures_pass_and_transparent_ones_do_not() {
        let found = picture(&encoded(&[7; 24], image::ExtendedColorType::Rgb8)).unwrap();
        assert_eq!((found.width, found.height, found.color), (4, 2, Color::Rgb));
        assert_eq!(picture(&encoded(&[7; 32], image::ExtendedColorType::Rgba8)), None);
    }

    #[test]
    fn broken_files_are_refused_without_a_panic() {
        let file = encoded(&[7; 8], image::ExtendedColorType::L8);
        for cut in 0..file.len() - 1 {
            assert_eq!(picture(&file[..cut]), None);
        }
    }
}
