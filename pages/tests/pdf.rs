//! PDFs made on the spot: shapes, text with boxes, limits.

use pages::{Document, Limits};
use pdf_writer::types::TextRenderingMode;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};
use queue_schema::document::{DocumentError, ErrorCode, Word};
use std::path::PathBuf;
use tempfile::TempDir;

struct PageSpec {
    media: Rect,
    crop: Option<Rect>,
    rotate: i32,
    content: Vec<u8>,
    deflated: bool,
}

impl PageSpec {
    fn a4(content: Content) -> PageSpec {
        let media = Rect::new(0.0, 0.0, 595.0, 842.0);
        PageSpec {
            media,
            crop: None,
            rotate: 0,
            content: content.finish().into_vec(),
            deflated: false,
        }
    }
}

fn pdf(pages: &[PageSpec]) -> Vec<u8> {
    let (catalog, tree, font) = (Ref::new(1), Ref::new(2), Ref::new(3));
    let page_id = |i: usize| Ref::new(10 + 2 * i as i32);
    let content_id = |i: usize| Ref::new(11 + 2 * i as i32);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree)
        .kids((0..pages.len()).map(page_id))
        .count(pages.len() as i32);
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    for (i, spec) in pages.iter().enumerate() {
        let mut page = pdf.page(page_id(i));
        page.parent(tree)
            .media_box(spec.media)
            .rotate(spec.rotate)
            .contents(content_id(i));
        if let Some(crop) = spec.crop {
            page.crop_box(crop);
        }
        page.resources().fonts().pair(Name(b"F1"), font);
        page.finish();
        let mut stream = pdf.stream(content_id(i), &spec.content);
        if spec.deflated {
            stream.filter(Filter::FlateDecode);
        }
    }
    pdf.finish()
}

fn text(content: &mut Content, size: f32, matrix: [f32; 6], text: &str) {
    content
        .begin_text()
        .set_font(Name(b"F1"), size)
        .set_text_matrix(matrix)
        .show(Str(text.as_bytes()))
        .end_text();
}

fn open(bytes: &[u8], limits: &Limits) -> Result<(Document, TempDir), DocumentError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path: PathBuf = folder.path().join("upload");
    std::fs::write(&path, bytes).expect("written");
    Ok((Document::open(&path, limits)?, folder))
}

fn words(spec: PageSpec) -> Vec<Word> {
    let (document, _folder) = open(&pdf(&[spec]), &Limits::default()).expect("opens");
    document.text_layer(0).expect("readable").expect("a layer").words
}

fn texts(words: &[Word]) -> Vec<&str> {
    words.iter().map(|word| word.text.as_str()).collect()
}

/// Upright text whose baseline starts at `x`, `y` from the lower left.
fn at(x: f32, y: f32) -> [f32; 6] {
    [1.0, 0.0, 0.0, 1.0, x, y]
}

fn assert_near(word: &Word, x0: f32, baseline: f32) {
    let rect = word.rect;
    let is_near = (rect.x0 - x0).abs() < 1.0 && rect.y0 < baseline - 5.0 && (rect.y1 - baseline).abs() < 5.0;
    assert!(is_near && rect.width() > 0.0, "{word:?} is not at {x0}, {baseline}");
}

#[test]
fn text_is_read_with_boxes_and_lines() {
    let mut content = Content::new();
    text(&mut content, 12.0, at(400.0, 700.0), "104.90");
    text(&mut content, 12.0, at(72.0, 700.0), "Total amount");
    text(&mut content, 12.0, at(72.0, 742.0), "Invoice");
    let words = words(PageSpec::a4(content));
    assert_eq!(texts(&words), ["Invoice", "Total", "amount", "104.90"]);
    assert_eq!(words.iter().map(|word| word.line).collect::<Vec<_>>(), [0, 1, 1, 1]);
    assert_near(&words[0], 72.0, 100.0);
    assert_near(&words[3], 400.0, 142.0);
    // Helvetica's widths: "Total" is 2.223 em.
    assert!((words[1].rect.width() - 26.7).abs() < 0.5, "{:?}", words[1]);
}

#[test]
fn boxes_are_of_the_page_as_displayed() {
    for (rotate, shape, x0, baseline_in_y) in [
        (0, (400.0, 200.0), 30.0, Some(150.0)),
        (90, (200.0, 400.0), 0.0, None),
        (180, (400.0, 200.0), 0.0, None),
    ] {
        let mut content = Content::new();
        text(&mut content, 10.0, at(130.0, 150.0), "Word");
        let mut spec = PageSpec::a4(content);
        // Of a larger sheet, what is shown starts at 100, 100.
        spec.crop = Some(Rect::new(100.0, 100.0, 500.0, 300.0));
        spec.rotate = rotate;
        let (document, _folder) = open(&pdf(&[spec]), &Limits::default()).expect("opens");
        let displayed = document.shape(0).expect("a shape");
        assert_eq!((displayed.width, displayed.height), shape);
        let layer = document.text_layer(0).expect("readable").expect("a layer");
        assert_eq!(texts(&layer.words), ["Word"]);
        let rect = layer.words[0].rect;
        match (rotate, baseline_in_y) {
            (_, Some(baseline)) => assert_near(&layer.words[0], x0, baseline),
            // Turned clockwise: what was 50 above the lower edge is now 50 from the left.
            (90, _) => assert!((rect.x0 - 48.0).abs() < 1.0 && (rect.y0 - 30.0).abs() < 1.0, "{rect:?}"),
            _ => assert!(
                (rect.x1 - 370.0).abs() < 1.0 && (rect.y0 - 48.0).abs() < 1.0,
                "{rect:?}"
            ),
        }
    }
}

#[test]
fn hidden_text_counts_and_pixels_show_what_is_drawn() {
    let mut content = Content::new();
    content.set_text_rendering_mode(TextRenderingMode::Invisible);
    text(&mut content, 12.0, at(72.0, 700.0), "hidden");
    content
        .set_fill_rgb(1.0, 0.0, 0.0)
        .rect(0.0, 742.0, 100.0, 100.0)
        .fill_nonzero();
    let (document, _folder) = open(&pdf(&[PageSpec::a4(content)]), &Limits::default()).expect("opens");
    let layer = document.text_layer(0).expect("readable").expect("a layer");
    assert_eq!(texts(&layer.words), ["hidden"]);
    assert_eq!(layer.hidden, 1.0);
    let pixels = document.render(0, 72.0).expect("renders").into_rgb();
    assert_eq!(pixels.dimensions(), (595, 842));
    assert_eq!(pixels.get_pixel(50, 50).0, [255, 0, 0]);
    assert_eq!(pixels.get_pixel(300, 400).0, [255, 255, 255]);
}

#[test]
fn an_empty_page_is_blank() {
    let (document, _folder) = open(&pdf(&[PageSpec::a4(Content::new())]), &Limits::default()).expect("opens");
    let layer = document.text_layer(0).expect("readable").expect("a layer");
    assert!(layer.is_blank && !layer.is_good());
}

#[test]
fn limits_hold() {
    let code = |bytes: &[u8], limits: &Limits| open(bytes, limits).map(|_| ()).expect_err("refused").code;
    let page = || PageSpec::a4(Content::new());
    assert_eq!(code(&pdf(&[]), &Limits::default()), ErrorCode::NoPages);
    let two = Limits {
        max_pages: 2,
        ..Limits::default()
    };
    assert_eq!(code(&pdf(&[page(), page(), page()]), &two), ErrorCode::TooManyPages);
    assert_eq!(code(b"", &two), ErrorCode::EmptyFile);
    assert_eq!(code(b"hello", &two), ErrorCode::UnsupportedType);
    assert_eq!(code(b"%PDF-1.7\nnot one at all", &two), ErrorCode::CorruptFile);
}

#[test]
fn a_bad_page_fails_alone() {
    let mut huge = PageSpec::a4(Content::new());
    huge.media = Rect::new(0.0, 0.0, 1_440_000.0, 1_440_000.0);
    let mut bomb = PageSpec::a4(Content::new());
    bomb.content = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b' '; 4 << 20], 6);
    bomb.deflated = true;
    let mut content = Content::new();
    text(&mut content, 12.0, at(72.0, 700.0), "fine");
    let limits = Limits {
        max_content_bytes: 1 << 20,
        ..Limits::default()
    };
    let (document, _folder) = open(&pdf(&[huge, bomb, PageSpec::a4(content)]), &limits).expect("opens");
    for n in [0, 1] {
        let error = document.render(n, 72.0).expect_err("refused");
        assert_eq!((error.code, error.page), (ErrorCode::PageTooLarge, Some(n as u32 + 1)));
        assert!(document.text_layer(n).is_err());
    }
    assert_eq!(
        texts(&document.text_layer(2).expect("readable").expect("a layer").words),
        ["fine"]
    );
    assert_eq!(
        document.render(3, 72.0).expect_err("no such page").code,
        ErrorCode::Internal
    );
}
