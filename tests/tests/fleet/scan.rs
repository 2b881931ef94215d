//! A scanned PDF of any length, made from one page's picture.

use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};
use std::path::Path;

/// Writes a PDF whose every page shows this JPEG on A4.
pub fn write(jpeg: &Path, pages: i32, target: &Path) {
    let (catalog, tree, picture, content) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4));
    let bytes = std::fs::read(jpeg).expect("the sample's picture");
    let (width, height) = jpeg_size(&bytes);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    let kids = (0..pages).map(|n| Ref::new(10 + n));
    pdf.pages(tree).kids(kids.clone()).count(pages);
    for page in kids {
        let mut page = pdf.page(page);
        page.media_box(Rect::new(0.0, 0.0, 595.0, 842.0))
            .parent(tree)
            .contents(content);
        page.resources().x_objects().pair(Name(b"Im"), picture);
        page.finish();
    }
    let mut image = pdf.image_xobject(picture, &bytes);
    image.width(width).height(height).bits_per_component(8);
    image.color_space().device_rgb();
    image.filter(Filter::DctDecode);
    image.finish();
    let mut show = Content::new();
    show.transform([595.0, 0.0, 0.0, 842.0, 0.0, 0.0]).x_object(Name(b"Im"));
    pdf.stream(content, &show.finish());
    std::fs::write(target, pdf.finish()).expect("the target can be written");
}

/// Reads the size from the frame header of a baseline or progressive JPEG.
fn jpeg_size(bytes: &[u8]) -> (i32, i32) {
    let frame = bytes
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0] || pair == [0xff, 0xc2])
        .expect("a frame header");
    let number = |at: usize| i32::from(bytes[frame + at]) << 8 | i32::from(bytes[frame + at + 1]);
    (number(7), number(5))
}
