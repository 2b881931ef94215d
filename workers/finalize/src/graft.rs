//! Adds recognised words to the pages of an existing PDF and leaves everything else unchanged.
//!
//! The words go *before* a page's own content, as a self-contained stream. So they are not affected by the page's changes to
//! the graphics state, even if its `q` and `Q` are unbalanced. As they are invisible, they do not affect the page either.
//!
//! If the file's cross-references are sound, the result is an incremental update (ISO 32000-1, 7.5.6): the original's bytes,
//! then the changed pages. Pictures are not touched, signatures stay valid for what they signed, and encryption with an empty
//! password is kept. A damaged file is rewritten from the objects that could be recovered.

use crate::font::{self, Alphabet};
use crate::layer::{self, Frame};
use lopdf::{Dictionary, Document, IncrementalDocument, LoadOptions, Object, ObjectId, Stream, dictionary};
use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::Name;
use queue_schema::document::{Page, PageSource, Reading};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Object and cross-reference streams of a real file are far smaller. The limit stops decompression bombs.
const MAX_DECOMPRESSED: usize = 128 << 20;
const MAX_TREE_DEPTH: usize = 64;

/// Why a PDF could not be grafted. The caller rebuilds it from its pages' pictures instead.
#[derive(Debug, thiserror::Error)]
pub enum GraftError {
    #[error("the PDF's objects could not be read: {0}")]
    Unreadable(#[from] lopdf::Error),
    #[error("the PDF needs a password")]
    Encrypted,
    #[error("{found} of {read} pages were found among the PDF's objects")]
    PagesDiffer { found: usize, read: usize },
    #[error("page {0} has no usable size")]
    Unmeasured(u32),
    #[error("the PDF's objects made their parser fail")]
    Unparsable,
    #[error("the PDF could not be written: {0}")]
    Unwritable(#[from] std::io::Error),
}

/// Writes `original` to `target`, with the words of its recognised pages added.
pub fn graft(original: Vec<u8>, reading: &Reading, target: &mut impl Write) -> Result<(), GraftError> {
    // What a panic left half-done is discarded: the document here, the target by the caller.
    catch_unwind(AssertUnwindSafe(|| lay_all(original, reading, target))).unwrap_or(Err(GraftError::Unparsable))
}

fn lay_all(original: Vec<u8>, reading: &Reading, target: &mut impl Write) -> Result<(), GraftError> {
    let options = LoadOptions {
        max_decompressed_size: Some(MAX_DECOMPRESSED),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(&original, options)?;
    if document.is_encrypted() {
        return Err(GraftError::Encrypted);
    }
    let pages: Vec<ObjectId> = document.page_iter().take(reading.pages.len() + 1).collect();
    if pages.len() != reading.pages.len() {
        return Err(GraftError::PagesDiffer {
            found: pages.len(),
            read: reading.pages.len(),
        });
    }
    let changes = Changes::collect(&document, &pages, reading)?;
    if can_append(&original, &document) {
        append(original, document, changes, target)
    } else {
        rewrite(document, changes, target)
    }
}

/// Whether an incremental update may refer back to the file's own cross-references.
fn can_append(original: &[u8], document: &Document) -> bool {
    let restorable = document
        .encryption_state
        .as_ref()
        .is_none_or(|state| state.encrypt_object_id().is_some());
    original.starts_with(b"%PDF-") && document.xref_recovery.is_none() && document.xref_start != 0 && restorable
}

fn append(original: Vec<u8>, document: Document, changes: Changes, target: &mut impl Write) -> Result<(), GraftError> {
    let mut update = IncrementalDocument::create_from(original, document);
    // The old trailer may be the dictionary of a cross-reference stream. Entries that describe that stream must not be copied
    // to the new trailer.
    for key in [
        &b"XRefStm"[..],
        b"DecodeParms",
        b"Filter",
        b"Type",
        b"W",
        b"Index",
        b"Length",
    ] {
        update.new_document.trailer.remove(key);
    }
    update.new_document.max_id = changes.last_id;
    update.new_document.objects.extend(changes.objects);
    Ok(update.save_to(target)?)
}

fn rewrite(mut document: Document, changes: Changes, target: &mut impl Write) -> Result<(), GraftError> {
    document.trailer.remove(b"Prev");
    document.max_id = changes.last_id;
    document.objects.extend(changes.objects);
    Ok(document.save_to(target)?)
}

/// Objects that are new or replace one of the original.
struct Changes {
    objects: Vec<(ObjectId, Object)>,
    last_id: u32,
}

impl Changes {
    fn collect(document: &Document, pages: &[ObjectId], reading: &Reading) -> Result<Changes, GraftError> {
        let mut changes = Changes {
            objects: Vec::new(),
            last_id: document.max_id,
        };
        let mut alphabet = Alphabet::default();
        let font_id = changes.reserve();
        for (&id, page) in pages.iter().zip(&reading.pages) {
            if page.source == PageSource::Ocr {
                changes.lay(document, id, page, font_id, &mut alphabet)?;
            }
        }
        changes.embed_font(font_id, &alphabet);
        Ok(changes)
    }

    fn reserve(&mut self) -> ObjectId {
        self.last_id += 1;
        (self.last_id, 0)
    }

    fn add(&mut self, object: impl Into<Object>) -> ObjectId {
        let id = self.reserve();
        self.objects.push((id, object.into()));
        id
    }

    fn lay(
        &mut self,
        document: &Document,
        id: ObjectId,
        page: &Page,
        font_id: ObjectId,
        alphabet: &mut Alphabet,
    ) -> Result<(), GraftError> {
        let node = document.get_dictionary(id)?;
        let frame = frame(document, node, page).ok_or(GraftError::Unmeasured(page.page))?;
        let (font_name, resources) = resources_with_font(document, node, font_id);
        let Some(text) = layer::content(page, &frame, Name(&font_name), alphabet) else {
            return Ok(());
        };
        let stream = self.add(deflated(Dictionary::new(), &text));
        let mut contents = vec![Object::Reference(stream)];
        contents.extend(own_contents(document, node));
        let mut changed = node.clone();
        changed.set("Contents", contents);
        changed.set("Resources", resources);
        self.objects.push((id, changed.into()));
        Ok(())
    }

    fn embed_font(&mut self, font_id: ObjectId, alphabet: &Alphabet) {
        let program = font::program();
        let file = self.add(zlib(dictionary! { "Length1" => program.length }, program.zlib));
        let descriptor = self.add(dictionary! {
            "Type" => "FontDescriptor",
            "FontName" => Object::Name(font::BASE_FONT.to_vec()),
            "Flags" => 4,
            "FontBBox" => vec![0.into(), font::DESCENT.into(), font::ADVANCE.into(), font::ASCENT.into()],
            "ItalicAngle" => 0,
            "Ascent" => font::ASCENT,
            "Descent" => font::DESCENT,
            "CapHeight" => font::ASCENT,
            "StemV" => 80,
            "FontFile2" => file,
        });
        let cid_to_gid = self.add(zlib(Dictionary::new(), alphabet.cid_to_gid()));
        let info = font::system_info();
        let descendant = self.add(dictionary! {
            "Type" => "Font",
            "Subtype" => "CIDFontType2",
            "BaseFont" => Object::Name(font::BASE_FONT.to_vec()),
            "CIDSystemInfo" => dictionary! {
                "Registry" => Object::string_literal(info.registry.0),
                "Ordering" => Object::string_literal(info.ordering.0),
                "Supplement" => info.supplement,
            },
            "FontDescriptor" => descriptor,
            // An integer, because Poppler ignores a real number here.
            "DW" => font::ADVANCE as i64,
            "CIDToGIDMap" => cid_to_gid,
        });
        let to_unicode = self.add(zlib(Dictionary::new(), alphabet.to_unicode()));
        let font = dictionary! {
            "Type" => "Font",
            "Subtype" => "Type0",
            "BaseFont" => Object::Name(font::BASE_FONT.to_vec()),
            "Encoding" => "Identity-H",
            "DescendantFonts" => vec![descendant.into()],
            "ToUnicode" => to_unicode,
        };
        self.objects.push((font_id, font.into()));
    }
}

fn deflated(dict: Dictionary, bytes: &[u8]) -> Stream {
    zlib(dict, compress_to_vec_zlib(bytes, 6))
}

fn zlib(mut dict: Dictionary, bytes: Vec<u8>) -> Stream {
    dict.set("Filter", "FlateDecode");
    Stream::new(dict, bytes)
}

/// The page's resources with the font added, and the font's name, which none of the page's own fonts has.
///
/// The dictionary may be inherited or shared with other pages, so a copy is changed. Objects that it refers to are not copied.
fn resources_with_font(document: &Document, node: &Dictionary, font_id: ObjectId) -> (Vec<u8>, Dictionary) {
    let mut resources = resolved_dictionary(document, inherited(document, node, b"Resources"));
    let mut fonts = resolved_dictionary(document, resources.get(b"Font").ok());
    let name = (0..)
        .map(|n| format!("Words{n}").into_bytes())
        .find(|name| !fonts.has(name))
        .unwrap_or_default();
    fonts.set(name.clone(), font_id);
    resources.set("Font", fonts);
    (name, resources)
}

fn resolved_dictionary(document: &Document, object: Option<&Object>) -> Dictionary {
    object
        .and_then(|o| document.dereference(o).ok())
        .and_then(|(_, o)| o.as_dict().ok())
        .cloned()
        .unwrap_or_default()
}

/// The page's content streams as references.
fn own_contents(document: &Document, node: &Dictionary) -> Vec<Object> {
    let Ok(contents) = node.get(b"Contents") else {
        return Vec::new();
    };
    match document.dereference(contents) {
        Ok((_, Object::Array(streams))) => streams.clone(),
        Ok((Some(_), Object::Stream(_))) => vec![contents.clone()],
        _ => Vec::new(),
    }
}

/// An attribute of a page, or of the nearest node above it in the page tree that has the attribute.
fn inherited<'a>(document: &'a Document, node: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    let mut node = node;
    for _ in 0..MAX_TREE_DEPTH {
        if let Ok(value) = node.get_deref(key, document)
            && *value != Object::Null
        {
            return Some(value);
        }
        node = node.get_deref(b"Parent", document).ok()?.as_dict().ok()?;
    }
    None
}

/// Maps the page as displayed to its user space. The scale comes from the size in the reading, so it does not matter whether
/// that size includes `UserUnit`.
fn frame(document: &Document, node: &Dictionary, page: &Page) -> Option<Frame> {
    let media = rectangle(document, inherited(document, node, b"MediaBox")).unwrap_or([0.0, 0.0, 612.0, 792.0]);
    let shown = rectangle(document, inherited(document, node, b"CropBox"))
        .and_then(|crop| intersection(crop, media))
        .unwrap_or(media);
    let [x0, y0, x1, y1] = shown;
    let turned = inherited(document, node, b"Rotate")
        .and_then(|r| r.as_float().ok())
        .unwrap_or(0.0);
    let quarter = (turned / 90.0).round() as i32;
    let (width, height) = if quarter % 2 == 0 {
        (x1 - x0, y1 - y0)
    } else {
        (y1 - y0, x1 - x0)
    };
    let (sx, sy) = (width / page.width, height / page.height);
    if ![sx, sy].iter().all(|s| s.is_finite() && *s > 0.0) {
        return None;
    }
    let matrix = match quarter.rem_euclid(4) {
        0 => [sx, 0.0, 0.0, -sy, x0, y1],
        1 => [0.0, sx, sy, 0.0, x0, y0],
        2 => [-sx, 0.0, 0.0, sy, x1, y0],
        _ => [0.0, -sx, -sy, 0.0, x1, y1],
    };
    Some(Frame { matrix })
}

/// A rectangle object, its corners sorted. `None` when it is no rectangle or has no area.
fn rectangle(document: &Document, object: Option<&Object>) -> Option<[f32; 4]> {
    let corners: Vec<f32> = object?
        .as_array()
        .ok()?
        .iter()
        .filter_map(|o| document.dereference(o).ok()?.1.as_float().ok())
        .filter(|v| v.is_finite())
        .collect();
    let &[a, b, c, d] = corners.as_slice() else { return None };
    let sorted = [a.min(c), b.min(d), a.max(c), b.max(d)];
    (sorted[0] < sorted[2] && sorted[1] < sorted[3]).then_some(sorted)
}

fn intersection(a: [f32; 4], b: [f32; 4]) -> Option<[f32; 4]> {
    let both = [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])];
    (both[0] < both[2] && both[1] < both[3]).then_some(both)
}
