//! Copies a TIFF's Group 4 fax data unchanged into a PDF (TIFF 6.0, section 11; ISO 32000-1, 7.4.6). Scanners write such pages
//! as one strip. A page in several strips would become several pictures, so it is decoded instead.

use crate::picture::{Coding, Color, Picture};
use image::metadata::Orientation;
use std::io::{Read, Seek, SeekFrom};
use tiff::decoder::Decoder;
use tiff::tags::Tag;

const GROUP_4: u32 = 4;
const WHITE_IS_ZERO: u32 = 0;
const LOWEST_BIT_FIRST: u32 = 2;
/// Longer fax data cannot be a page.
const MAX_BYTES: u64 = 64 << 20;

/// Image `n` (from 0) of the file. `None` when it is not one strip of Group 4 data in reading order.
pub fn picture(file: &mut (impl Read + Seek), n: usize) -> Option<Picture> {
    let strip = Strip::find(file, n)?;
    file.seek(SeekFrom::Start(strip.offset)).ok()?;
    let mut bytes = Vec::new();
    file.take(strip.length).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 != strip.length {
        return None;
    }
    if strip.lowest_bit_first {
        bytes.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    }
    Some(Picture {
        width: strip.width,
        height: strip.height,
        bits_per_channel: 1,
        color: Color::Gray,
        coding: Coding::Group4 {
            black_is_1: strip.black_is_1,
        },
        bytes,
        orientation: strip.orientation,
    })
}

struct Strip {
    width: u32,
    height: u32,
    offset: u64,
    length: u64,
    black_is_1: bool,
    lowest_bit_first: bool,
    orientation: Orientation,
}

impl Strip {
    fn find(file: &mut (impl Read + Seek), n: usize) -> Option<Strip> {
        file.seek(SeekFrom::Start(0)).ok()?;
        let mut tiff = Decoder::new(file).ok()?;
        tiff.seek_to_image(n).ok()?;
        if tiff.get_tag_u32(Tag::Compression).ok()? != GROUP_4 {
            return None;
        }
        let (width, height) = tiff.dimensions().ok()?;
        let &[offset] = tiff.get_tag_u64_vec(Tag::StripOffsets).ok()?.as_slice() else {
            return None;
        };
        let &[length] = tiff.get_tag_u64_vec(Tag::StripByteCounts).ok()?.as_slice() else {
            return None;
        };
        let number = |tiff: &mut Decoder<_>, tag| tiff.find_tag(tag).ok().flatten().and_then(|v| v.into_u32().ok());
        let photometric = number(&mut tiff, Tag::PhotometricInterpretation).unwrap_or(WHITE_IS_ZERO);
        let fill_order = number(&mut tiff, Tag::FillOrder).unwrap_or(1);
        let orientation = number(&mut tiff, Tag::Orientation).unwrap_or(1);
        (photometric <= 1 && length <= MAX_BYTES).then_some(Strip {
            width,
            height,
            offset,
            length,
            black_is_1: photometric != WHITE_IS_ZERO,
            lowest_bit_first: fill_order == LOWEST_BIT_FIRST,
            orientation: u8::try_from(orientation)
                .ok()
                .and_then(Orientation::from_exif)
                .unwrap_or(Orientation::NoTransforms),
        })
    }
}
