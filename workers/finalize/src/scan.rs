//! Builds a PDF from the pictures of its pages, with their words laid invisibly over them. For images, and for PDFs too damaged
//! to be grafted. Only one page's pixels are in memory at a time.

use crate::error::{internal, unwritten};
use crate::font::{self, Alphabet};
use crate::layer::{self, Frame};
use crate::pdf_file::PdfFile;
use crate::picture::{Picture, Store};
use crate::{fax, jpeg, png};
use image::{ImageDecoder, ImageReader, metadata::Orientation};
use miniz_oxide::deflate::compress_to_vec_zlib;
use pages::{ContentType, Limits};
use pdf_writer::types::{CidFontType, FontFlags};
use pdf_writer::{Content, Filter, Name, Rect, Ref, TextStr};
use queue_schema::document::{DocumentError, Page, Reading};
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

/// Enough to read small print; 300 would double the file's size.
const RENDERED_DPI: f32 = 200.0;
const RENDERED: Store = Store::Lossy(85);
/// Higher than the usual quality of cameras and scanners, so that encoding again has no visible loss.
const LOSSY_AGAIN: Store = Store::Lossy(92);
const A4: (f32, f32) = (595.0, 842.0);
const PICTURE: Name = Name(b"Page");
const FONT: Name = Name(b"Words");

/// Writes the pages of `original` (any type that `pages` opens) with the words of `reading` to `target`. `progress` gets the
/// number of pages done.
pub fn rebuild(
    original: &Path,
    reading: &Reading,
    limits: &Limits,
    target: impl Write,
    mut progress: impl FnMut(u32),
) -> Result<(), DocumentError> {
    let source = Source::open(original, limits)?;
    let mut pdf = PdfFile::start(target).map_err(unwritten)?;
    let frame = Skeleton {
        catalog: pdf.reserve(),
        info: pdf.reserve(),
        tree: pdf.reserve(),
        font: pdf.reserve(),
    };
    let mut alphabet = Alphabet::default();
    let mut kids = Vec::with_capacity(reading.pages.len());
    for (done, page) in (1..).zip(&reading.pages) {
        let picture = source.picture(page);
        kids.push(write_page(&mut pdf, &frame, page, picture.as_ref(), &mut alphabet).map_err(unwritten)?);
        progress(done);
    }
    write_skeleton(&mut pdf, &frame, &kids, &alphabet).map_err(unwritten)?;
    pdf.finish(frame.catalog, frame.info).map_err(unwritten)
}

/// Objects that every page refers to, or that refer to every page.
struct Skeleton {
    catalog: Ref,
    info: Ref,
    tree: Ref,
    font: Ref,
}

/// Source of the pages' pictures.
struct Source {
    path: PathBuf,
    document: pages::Document,
}

impl Source {
    fn open(path: &Path, limits: &Limits) -> Result<Source, DocumentError> {
        Ok(Source {
            path: path.to_owned(),
            document: pages::Document::open(path, limits)?,
        })
    }

    /// The page's picture. `None`, with a warning, if it cannot be rendered: the page then consists of its words only.
    fn picture(&self, page: &Page) -> Option<Picture> {
        let n = page.page.checked_sub(1)? as usize;
        self.as_stored(n).or_else(|| match self.rendered(n) {
            Ok(picture) => Some(picture),
            Err(error) => {
                tracing::warn!(page = page.page, %error, "the searchable PDF shows this page blank");
                None
            }
        })
    }

    /// The file's own bytes, if a PDF can embed them.
    fn as_stored(&self, n: usize) -> Option<Picture> {
        let mut picture = match self.document.content_type() {
            ContentType::Jpeg => jpeg::picture(std::fs::read(&self.path).ok()?)?,
            ContentType::Png => png::picture(&std::fs::read(&self.path).ok()?)?,
            ContentType::Tiff => return fax::picture(&mut BufReader::new(File::open(&self.path).ok()?), n),
            ContentType::Pdf | ContentType::WebP => return None,
        };
        picture.orientation = self.orientation();
        Some(picture)
    }

    fn orientation(&self) -> Orientation {
        ImageReader::open(&self.path)
            .and_then(ImageReader::with_guessed_format)
            .ok()
            .and_then(|reader| reader.into_decoder().ok()?.orientation().ok())
            .unwrap_or(Orientation::NoTransforms)
    }

    fn rendered(&self, n: usize) -> Result<Picture, DocumentError> {
        let pixels = self.document.render(n, RENDERED_DPI)?;
        let store = match self.document.content_type() {
            ContentType::Pdf => RENDERED,
            // Reached only for a JPEG that PDF cannot embed.
            ContentType::Jpeg => LOSSY_AGAIN,
            ContentType::WebP if self.is_lossy_webp() => LOSSY_AGAIN,
            ContentType::Png | ContentType::Tiff | ContentType::WebP => Store::Lossless,
        };
        Picture::encode(pixels, store)
            .map_err(|error| internal(format_args!("A page's picture could not be coded: {error}")))
    }

    /// Lossy pictures have a chunk of type `VP8 `, lossless ones `VP8L`, near the start of the file.
    fn is_lossy_webp(&self) -> bool {
        let mut head = Vec::new();
        let read =
            File::open(&self.path).and_then(|file| io::Read::read_to_end(&mut io::Read::take(file, 4096), &mut head));
        read.is_ok() && !head.windows(4).any(|w| w == b"VP8L")
    }
}

fn write_page<W: Write>(
    pdf: &mut PdfFile<W>,
    frame: &Skeleton,
    page: &Page,
    picture: Option<&Picture>,
    alphabet: &mut Alphabet,
) -> io::Result<Ref> {
    let (width, height) = size(page);
    let (id, contents) = (pdf.reserve(), pdf.reserve());
    let image = match picture {
        Some(picture) => {
            let image = pdf.reserve();
            pdf.object(image, |chunk| picture.write(image, chunk))?;
            Some(image)
        }
        None => None,
    };
    let mut content = picture.map(|p| painted(p, width, height)).unwrap_or_default();
    content.extend(layer::content(page, &Frame::upright(height), FONT, alphabet).unwrap_or_default());
    let content = compress_to_vec_zlib(&content, 6);
    pdf.object(contents, |chunk| {
        chunk.stream(contents, &content).filter(Filter::FlateDecode);
    })?;
    pdf.object(id, |chunk| {
        let mut object = chunk.page(id);
        object
            .parent(frame.tree)
            .media_box(Rect::new(0.0, 0.0, width, height))
            .contents(contents);
        let mut resources = object.resources();
        resources.fonts().pair(FONT, frame.font);
        if let Some(image) = image {
            resources.x_objects().pair(PICTURE, image);
        }
    })?;
    Ok(id)
}

fn size(page: &Page) -> (f32, f32) {
    let usable = |v: f32| v.is_finite() && v > 0.0;
    if usable(page.width) && usable(page.height) {
        (page.width, page.height)
    } else {
        A4
    }
}

fn painted(picture: &Picture, width: f32, height: f32) -> Vec<u8> {
    let mut content = Content::new();
    content.save_state();
    content.transform(picture.placement(width, height));
    content.x_object(PICTURE);
    content.restore_state();
    let mut bytes = content.finish().into_vec();
    bytes.push(b'\n');
    bytes
}

fn write_skeleton<W: Write>(
    pdf: &mut PdfFile<W>,
    frame: &Skeleton,
    kids: &[Ref],
    alphabet: &Alphabet,
) -> io::Result<()> {
    pdf.object(frame.catalog, |chunk| {
        chunk
            .indirect(frame.catalog)
            .start::<pdf_writer::writers::Catalog>()
            .pages(frame.tree);
    })?;
    pdf.object(frame.info, |chunk| {
        let mut info = chunk.indirect(frame.info).start::<pdf_writer::writers::DocumentInfo>();
        info.producer(TextStr("docfleet"));
    })?;
    pdf.object(frame.tree, |chunk| {
        chunk
            .pages(frame.tree)
            .kids(kids.iter().copied())
            .count(kids.len() as i32);
    })?;
    write_font(pdf, frame.font, alphabet)
}

fn write_font<W: Write>(pdf: &mut PdfFile<W>, id: Ref, alphabet: &Alphabet) -> io::Result<()> {
    let base = Name(font::BASE_FONT);
    let [descendant, descriptor, file, map, unicode] = [(); 5].map(|()| pdf.reserve());
    pdf.object(id, |chunk| {
        let mut object = chunk.type0_font(id);
        object.base_font(base).encoding_predefined(Name(b"Identity-H"));
        object.descendant_font(descendant).to_unicode(unicode);
    })?;
    pdf.object(descendant, |chunk| {
        let mut object = chunk.cid_font(descendant);
        object
            .subtype(CidFontType::Type2)
            .base_font(base)
            .system_info(font::system_info());
        object
            .font_descriptor(descriptor)
            .default_width(font::ADVANCE)
            .cid_to_gid_map_stream(map);
    })?;
    pdf.object(descriptor, |chunk| {
        let mut object = chunk.font_descriptor(descriptor);
        object
            .name(base)
            .flags(FontFlags::SYMBOLIC)
            .italic_angle(0.0)
            .stem_v(80.0);
        object.bbox(Rect::new(0.0, font::DESCENT, font::ADVANCE, font::ASCENT));
        object
            .ascent(font::ASCENT)
            .descent(font::DESCENT)
            .cap_height(font::ASCENT)
            .font_file2(file);
    })?;
    let program = font::program();
    pdf.object(file, |chunk| {
        let mut stream = chunk.stream(file, &program.zlib);
        stream
            .filter(Filter::FlateDecode)
            .pair(Name(b"Length1"), program.length);
    })?;
    for (id, bytes) in [(map, alphabet.cid_to_gid()), (unicode, alphabet.to_unicode())] {
        pdf.object(id, |chunk| {
            chunk.stream(id, &bytes).filter(Filter::FlateDecode);
        })?;
    }
    Ok(())
}
