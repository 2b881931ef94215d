//! Collects what a page's drawing instructions draw: every glyph with its place, and how much of the page is covered by images.

use hayro::hayro_interpret::font::{Glyph as FontGlyph, GlyphRun, PositionedGlyph};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::xref::XRef;
use hayro::kurbo::{Affine, BezPath, Point, Rect, Vec2};

/// Units per em in glyph space.
const UNITS_PER_EM: f64 = 1000.0;
/// A page with more glyphs than this is no page of text. Further glyphs are dropped, which bounds memory.
const MAX_GLYPHS: usize = 1_000_000;

/// One glyph as displayed: y points down, in units of 1/72 inch.
#[derive(Debug, Clone)]
pub(crate) struct Glyph {
    /// The text it stands for. `None` if the file does not say.
    pub text: Option<String>,
    /// Its origin on the baseline, and where the next glyph is expected.
    pub origin: Point,
    pub end: Point,
    /// Unit vector along the baseline.
    pub along: Vec2,
    /// From the baseline to the top of the em square. Its length is the font size.
    pub up: Vec2,
    pub hidden: bool,
}

#[derive(Debug, Default)]
pub(crate) struct PageSurvey {
    pub glyphs: Vec<Glyph>,
    /// Width and height in pixels of the image with the most pixels.
    pub largest_image: Option<(u32, u32)>,
    /// The boxes that images are drawn into.
    pub images: Vec<Rect>,
    /// Whether anything else is drawn.
    pub has_paths: bool,
}

pub(crate) fn survey<'a>(page: &'a Page<'a>, xref: &'a XRef) -> PageSurvey {
    let (width, height) = page.render_dimensions();
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let cache = InterpreterCache::new();
    let to_display = page.initial_transform(true).to_kurbo();
    let mut context = Context::new(to_display, bounds, &cache, xref, InterpreterSettings::default());
    let mut surveyor = Surveyor {
        survey: PageSurvey::default(),
        bounds,
    };
    interpret_page(page, &mut context, &mut surveyor);
    surveyor.survey
}

struct Surveyor {
    survey: PageSurvey,
    bounds: Rect,
}

impl<'a> Device<'a> for Surveyor {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let transforms: Vec<Affine> = run
            .glyphs()
            .iter()
            .map(|glyph| props.transform * glyph.transform())
            .collect();
        let aspect = median_aspect(&transforms);
        let room = MAX_GLYPHS.saturating_sub(self.survey.glyphs.len());
        for (glyph, transform) in run.glyphs().iter().zip(transforms).take(room) {
            let hidden = matches!(mode, DrawMode::Invisible);
            if let Some(glyph) = place(glyph, transform, aspect, run.writing_mode(), hidden)
                && self.bounds.contains(glyph.origin)
            {
                self.survey.glyphs.push(glyph);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let (width, height) = (image.width(), image.height());
        let pixels = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
        if self
            .survey
            .largest_image
            .is_none_or(|largest| pixels((width, height)) > pixels(largest))
        {
            self.survey.largest_image = Some((width, height));
        }
        let space = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let drawn = props.transform.transform_rect_bbox(space).intersect(self.bounds);
        self.survey.images.push(drawn);
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.survey.has_paths = true;
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// Horizontal over vertical scale of the run's glyphs.
///
/// The interpreter stretches each glyph of a substituted font to the width that the file states for it. We use the stated
/// widths ourselves, so the stretch has to be removed. The median keeps what is common to the run, which is the file's own
/// horizontal scaling.
fn median_aspect(transforms: &[Affine]) -> f64 {
    let mut aspects: Vec<f64> = transforms
        .iter()
        .map(|transform| {
            let [a, b, c, d, _, _] = transform.as_coeffs();
            Vec2::new(a, b).hypot() / Vec2::new(c, d).hypot()
        })
        .filter(|aspect| aspect.is_finite())
        .collect();
    aspects.sort_by(f64::total_cmp);
    aspects.get(aspects.len() / 2).copied().unwrap_or(1.0)
}

/// `None` for a glyph without size or place.
fn place(
    glyph: &PositionedGlyph<'_>,
    transform: Affine,
    aspect: f64,
    mode: WritingMode,
    hidden: bool,
) -> Option<Glyph> {
    let [a, b, c, d, e, f] = transform.as_coeffs();
    let up = Vec2::new(c, d) * UNITS_PER_EM;
    let across = Vec2::new(a, b);
    if !(up.hypot() > 1e-3 && across.hypot() > 0.0 && up.is_finite() && e.is_finite() && f.is_finite()) {
        return None;
    }
    let origin = Point::new(e, f);
    let (along, advance) = match mode {
        WritingMode::Horizontal => {
            let width = match &**glyph {
                FontGlyph::Outline(outline) => outline.advance_width(),
                FontGlyph::Type3(type3) => type3.advance_width(),
            };
            let width = f64::from(width.unwrap_or(0.0)) / UNITS_PER_EM;
            (across.normalize(), width * up.hypot() * aspect)
        }
        // Downwards in the column, one em per glyph.
        WritingMode::Vertical => (-up.normalize(), up.hypot()),
    };
    let text = glyph.as_unicode().map(|text| match text {
        BfString::Char(c) => c.to_string(),
        BfString::String(s) => s,
    });
    Some(Glyph {
        text,
        origin,
        end: origin + along * advance,
        along,
        up,
        hidden,
    })
}
