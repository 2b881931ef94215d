//! Resolution of an image: what its metadata claims, and whether to believe it.

/// The long side of an A4 sheet in inches, assumed for an image of unknown resolution.
const A4_LONG_SIDE: f32 = 297.0 / 25.4;
/// No document is scanned coarser or finer.
const PLAUSIBLE_DPI: std::ops::RangeInclusive<f32> = 50.0..=2400.0;
/// The long side of a page, from a business card to A2, in inches.
const PLAUSIBLE_SIDE: std::ops::RangeInclusive<f32> = 3.0..=23.4;

/// The resolution to use for an image of this size. The claimed one if it gives a plausible sheet of paper (cameras and editors
/// write 72 or 96 on anything), otherwise the one that makes the long side that of A4.
pub(crate) fn believable(claimed: Option<f32>, width: u32, height: u32) -> f32 {
    let long_side = width.max(height).max(1) as f32;
    match claimed {
        Some(dpi) if PLAUSIBLE_DPI.contains(&dpi) && PLAUSIBLE_SIDE.contains(&(long_side / dpi)) => dpi,
        _ => long_side / A4_LONG_SIDE,
    }
}

/// TIFF's and EXIF's `ResolutionUnit`: 2 is the inch, 3 the centimetre, 1 no unit at all.
pub(crate) fn from_tiff_tags(resolution: f32, unit: u16) -> Option<f32> {
    match unit {
        2 => Some(resolution),
        3 => Some(resolution * 2.54),
        _ => None,
    }
}

/// From the first bytes of a JPEG: JFIF's APP0 segment (JFIF 1.02, page 5).
pub(crate) fn of_jpeg(head: &[u8]) -> Option<f32> {
    let app0 = head
        .get(2..18)
        .filter(|app0| app0.starts_with(b"\xff\xe0") && &app0[4..9] == b"JFIF\0")?;
    let density = f32::from(u16::from_be_bytes([app0[12], app0[13]]));
    match app0[11] {
        1 => Some(density),
        2 => Some(density * 2.54),
        _ => None,
    }
}

/// From the first bytes of a PNG: its pHYs chunk (PNG, third edition, 11.3.4.3), pixels per metre.
pub(crate) fn of_png(head: &[u8]) -> Option<f32> {
    let mut chunk = head.get(8..)?;
    loop {
        let length = u32::from_be_bytes(chunk.get(..4)?.try_into().ok()?) as usize;
        match chunk.get(4..8)? {
            b"pHYs" => {
                let per_unit = u32::from_be_bytes(chunk.get(8..12)?.try_into().ok()?);
                return (chunk.get(16) == Some(&1)).then_some(per_unit as f32 * 0.0254);
            }
            b"IDAT" => return None,
            // Length, type, data, checksum.
            _ => chunk = chunk.get(length.checked_add(12)?..)?,
        }
    }
}

/// From an EXIF block, which is a small TIFF file: `XResolution` (282) and `ResolutionUnit` (296).
pub(crate) fn of_exif(exif: &[u8]) -> Option<f32> {
    let exif = Exif::new(exif)?;
    let resolution = exif.entry(282)?;
    let at = exif.u32(resolution + 8)? as usize;
    let (numerator, denominator) = (exif.u32(at)?, exif.u32(at.checked_add(4)?)?);
    let unit = exif.entry(296).and_then(|entry| exif.u16(entry + 8)).unwrap_or(2);
    (denominator != 0)
        .then(|| from_tiff_tags(numerator as f32 / denominator as f32, unit))
        .flatten()
}

struct Exif<'a> {
    bytes: &'a [u8],
    little_endian: bool,
}

impl<'a> Exif<'a> {
    fn new(bytes: &'a [u8]) -> Option<Exif<'a>> {
        match bytes.get(..2)? {
            b"II" => Some(Exif {
                bytes,
                little_endian: true,
            }),
            b"MM" => Some(Exif {
                bytes,
                little_endian: false,
            }),
            _ => None,
        }
    }

    /// Where the entry of `tag` starts in the first directory.
    fn entry(&self, tag: u16) -> Option<usize> {
        let directory = self.u32(4)? as usize;
        let count = usize::from(self.u16(directory)?);
        (0..count)
            .map(|i| directory + 2 + i * 12)
            .find(|&entry| self.u16(entry) == Some(tag))
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little_endian {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_believed_only_if_it_makes_a_sheet_of_paper() {
        assert_eq!(believable(Some(300.0), 2480, 3508), 300.0);
        // A phone's photo that claims 72 would be one and a half metres high.
        let assumed = believable(Some(72.0), 3024, 4032);
        assert!((4032.0 / assumed - A4_LONG_SIDE).abs() < 0.01);
        assert!(believable(Some(0.0), 100, 100) > 0.0);
        assert!(believable(None, 0, 0) > 0.0);
    }

    #[test]
    fn reads_jfif_and_exif() {
        let jfif = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\x01\x00\xc8\x00\xc8\x00\x00";
        assert_eq!(of_jpeg(jfif), Some(200.0));
        let mut exif = b"MM\0*\0\0\0\x08\0\x02".to_vec();
        exif.extend_from_slice(b"\x01\x1a\0\x05\0\0\0\x01\0\0\0\x26");
        exif.extend_from_slice(b"\x01\x28\0\x03\0\0\0\x01\0\x02\0\0");
        exif.extend_from_slice(b"\0\0\0\0");
        exif.extend_from_slice(&[0, 0, 0x02, 0x58, 0, 0, 0, 2]);
        assert_eq!(of_exif(&exif), Some(300.0));
        assert_eq!(of_exif(b"II*\0\xff\xff\xff\xff"), None);
    }

    #[test]
    fn reads_a_pngs_physical_size() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR0000000000000crc!".to_vec();
        png.extend_from_slice(b"\0\0\0\x09pHYs\0\0\x2e\x23\0\0\x2e\x23\x01crc!");
        assert_eq!(of_png(&png).map(f32::round), Some(300.0));
        assert_eq!(of_png(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffjunk"), None);
    }
}
