//! Puts pages into a PDF file.

use crate::metrics::Font;
use crate::sheet::Sheet;
use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::{Content, Filter, Name, Pdf, Rect, Ref, TextStr};

pub enum PdfPage {
    Drawn(Sheet),
    /// A picture that fills an A4 page.
    Scanned(Scan),
}

/// A gray JPEG.
pub struct Scan {
    pub jpeg: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

pub fn file(title: &str, author: &str, pages: Vec<PdfPage>) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let mut next = Ref::new(1);
    let [catalog, tree, info] = [(); 3].map(|()| next.bump());
    let fonts = Font::ALL.map(|font| (font, next.bump()));
    pdf.catalog(catalog).pages(tree);
    pdf.document_info(info).title(TextStr(title)).author(TextStr(author));
    let kids: Vec<Ref> = pages.iter().map(|_| next.bump()).collect();
    pdf.pages(tree).kids(kids.iter().copied()).count(kids.len() as i32);
    for (font, id) in fonts {
        let name = Name(font.base_name().as_bytes());
        pdf.type1_font(id)
            .base_font(name)
            .encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    for (id, page) in kids.into_iter().zip(pages) {
        let contents = next.bump();
        let image = matches!(page, PdfPage::Scanned(_)).then(|| next.bump());
        let (width, height) = page.size();
        let mut object = pdf.page(id);
        object
            .parent(tree)
            .media_box(Rect::new(0.0, 0.0, width, height))
            .contents(contents);
        let mut resources = object.resources();
        if let Some(image) = image {
            resources.x_objects().pair(Name(b"Scan"), image);
        } else {
            resources.fonts().pairs(
                fonts
                    .iter()
                    .map(|(font, id)| (Name(font.resource_name().as_bytes()), *id)),
            );
        }
        drop(resources);
        drop(object);
        if let (PdfPage::Scanned(scan), Some(image)) = (&page, image) {
            let mut object = pdf.image_xobject(image, &scan.jpeg);
            object.filter(Filter::DctDecode);
            object.width(scan.width as i32).height(scan.height as i32);
            object.bits_per_component(8).color_space().device_gray();
        }
        let content = compress_to_vec_zlib(&page.into_content(), 9);
        pdf.stream(contents, &content).filter(Filter::FlateDecode);
    }
    pdf.finish()
}

impl PdfPage {
    fn size(&self) -> (f32, f32) {
        match self {
            PdfPage::Drawn(sheet) => (sheet.width, sheet.height),
            PdfPage::Scanned(_) => crate::sheet::A4,
        }
    }

    fn into_content(self) -> Vec<u8> {
        match self {
            PdfPage::Drawn(sheet) => sheet.into_content(),
            PdfPage::Scanned(_) => {
                let (width, height) = crate::sheet::A4;
                let mut content = Content::new();
                content
                    .save_state()
                    .transform([width, 0.0, 0.0, height, 0.0, 0.0])
                    .x_object(Name(b"Scan"))
                    .restore_state();
                content.finish().into_vec()
            }
        }
    }
}
