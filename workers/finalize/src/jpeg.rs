//! Reads from a JPEG what a PDF needs to embed its bytes unchanged: size and channels from the frame header (ITU-T T.81, annex
//! B), inversion from Adobe's marker.

use crate::picture::{Coding, Color, Picture};
use image::metadata::Orientation;

/// `None` when the file is no JPEG that PDF's DCTDecode can read (baseline, extended or progressive; eight bits; one, three or
/// four channels). The caller sets the orientation.
pub fn picture(bytes: Vec<u8>) -> Option<Picture> {
    let header = Header::read(&bytes)?;
    let (color, coding) = match header.channels {
        1 => (Color::Gray, Coding::Jpeg { inverted: false }),
        3 => (Color::Rgb, Coding::Jpeg { inverted: false }),
        4 => (Color::Cmyk, Coding::Jpeg { inverted: header.adobe }),
        _ => return None,
    };
    Some(Picture {
        width: header.width,
        height: header.height,
        bits_per_channel: 8,
        color,
        coding,
        bytes,
        orientation: Orientation::NoTransforms,
    })
}

struct Header {
    width: u32,
    height: u32,
    channels: u8,
    adobe: bool,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Header> {
        let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
        let mut adobe = false;
        loop {
            let (marker, body, after) = segment(rest)?;
            match marker {
                0xEE => adobe |= body.starts_with(b"Adobe"),
                // Start of frame: Huffman-coded baseline, extended and progressive.
                0xC0..=0xC2 => return Header::frame(body, adobe),
                // Any other frame or coding (0xC4, 0xC8 and 0xCC are tables), or pixels without a frame.
                0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xDA => return None,
                _ => {}
            }
            rest = after;
        }
    }

    fn frame(body: &[u8], adobe: bool) -> Option<Header> {
        let &[8, h1, h0, w1, w0, channels, ..] = body else {
            return None;
        };
        let height = u32::from(u16::from_be_bytes([h1, h0]));
        let width = u32::from(u16::from_be_bytes([w1, w0]));
        // Height 0 means that a later segment states it, which few readers support.
        (width > 0 && height > 0).then_some(Header {
            width,
            height,
            channels,
            adobe,
        })
    }
}

/// The next marker segment: its marker, its body, and what follows it.
fn segment(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let bytes = bytes.strip_prefix(&[0xFF])?;
    let fill = bytes.iter().take_while(|b| **b == 0xFF).count();
    let (&marker, rest) = bytes.get(fill..)?.split_first()?;
    if matches!(marker, 0x01 | 0xD0..=0xD8) {
        return Some((marker, &[], rest));
    }
    let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
    Some((marker, rest.get(2..length)?, rest.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_frame_of_an_encoded_picture() {
        let mut file = Vec::new();
        let pixels = image::RgbImage::new(17, 9);
        image::codecs::jpeg::JpegEncoder::new(&mut file)
            .encode_image(&pixels)
            .unwrap();
        let found = picture(file.clone()).unwrap();
        assert_eq!((found.width, found.height, found.color), (17, 9, Color::Rgb));
        assert_eq!(found.bytes, file);
    }

    #[test]
    fn broken_files_are_refused_without_a_panic() {
        let mut file = Vec::new();
        image::codecs::jpeg::JpegEncoder::new(&mut file)
            .encode_image(&image::GrayImage::new(8, 8))
            .unwrap();
        let frame_ends = file.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap() + 10;
        for cut in 0..frame_ends {
            assert_eq!(picture(file[..cut].to_vec()), None);
        }
        assert_eq!(picture(vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0xFF]), None);
    }
}
