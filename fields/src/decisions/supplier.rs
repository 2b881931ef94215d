//! The seller's name on an invoice: letterhead, sender's line, footer or a labelled block, but not the addressee.

use crate::confidence::{first_best, logistic};
use crate::evidence::anchors::Label;
use crate::evidence::layout::{Layout, Place};
use crate::evidence::names;
use crate::evidence::parties::party_of;
use crate::values::iban;
use crate::values::text::compact;
use crate::values::vat;
use queue_schema::document::Field;
use std::collections::HashMap;
use std::ops::Range;

// What is added for a name and taken off it: steps of a score without bounds, where `LEAST` is too little and `EVEN` means a
// confidence of one half.

/// The score that a name needs.
const LEAST: f32 = 0.6;
const EVEN: f32 = 1.8;
/// A legal form in the name, or else the word of a trade.
const LEGAL_FORM: f32 = 1.5;
const TRADE_WORD: f32 = 0.4;
/// A label of the name: as the holder of the account, and as a name in the seller's block.
const ACCOUNT_HOLDER: f32 = 1.8;
const SELLERS_NAME: f32 = 2.6;
/// Right at the seller's label, and farther down in the seller's block.
const AT_SELLER: f32 = 2.2;
const IN_SELLERS_BLOCK: f32 = 0.6;
/// In the buyer's block, and in another party's or farther below the buyer's label.
const IN_BUYERS_BLOCK: f32 = -2.5;
const IN_OTHER_BLOCK: f32 = -1.0;
/// Taken off for a label of something else.
const OTHER_LABEL: f32 = 1.5;
/// At the top of the first page, and in its upper part.
const AT_TOP: f32 = 0.8;
const UPPER: f32 = 0.4;
/// In the document's first row.
const FIRST_ROW: f32 = 0.3;
/// Taken off on a later page.
const LATER_PAGE: f32 = 0.3;
/// Larger than the other text.
const LARGE: f32 = 0.5;
/// Named like a domain of the document.
const DOMAIN: f32 = 1.6;
/// Near the seller's registrations.
const REGISTERED: f32 = 0.4;
/// Each repetition, up to `MOST_REPEATS`. A seller's name is in the letterhead, the sender's line, the bank details and the
/// footer.
const REPEAT: f32 = 0.35;
const MOST_REPEATS: usize = 3;
/// Taken off for an address, times the likeness to one.
const ADDRESS: f32 = 2.0;
/// Taken off for each word after the first `MOST_WORDS`.
const WORD: f32 = 0.4;
const MOST_WORDS: usize = 6;
/// Taken off for a text that contains a label, and for one that begins with a small letter or ends with a colon.
const LABEL: f32 = 1.2;
const NO_HEADING: f32 = 1.2;
/// Taken off for each digit, up to `MOST_DIGITS`.
const DIGIT: f32 = 0.15;
const MOST_DIGITS: usize = 8;
/// Taken off for the later parts of a sender's line, which begins with the name.
const LATER_PART: f32 = 0.4;

// Distances that decide which of these count.

/// From the seller's label to a name below it, in heights of the name's row.
const SELLER_BELOW: f32 = 1.6;
/// From the seller's label to a name beside it, in points as `parties` counts them.
const SELLER_BESIDE: f32 = 2.0;
/// From the buyer's label to the end of the buyer's block, in points.
const BUYERS_BLOCK: f32 = 60.0;
/// The top of a page, and its upper part, as shares of its height.
const TOP: f32 = 0.12;
const UPPER_PART: f32 = 0.3;
/// How much larger large text is than the usual row.
const LARGER: f32 = 1.3;
/// From a registration to a name, in rows.
const REGISTRATION_ROWS: usize = 4;
/// A name that is only a part of a domain has more bytes than this.
const SHORT_NAME: usize = 4;
/// The height of a row on a document without rows, in points.
const USUAL_HEIGHT: f32 = 10.0;

struct Name {
    text: String,
    folded: String,
    place: Place,
    score: f32,
}

/// The name of the company that sent the invoice.
pub fn supplier(layout: &Layout) -> Option<Field> {
    let facts = Facts::of(layout);
    let names = candidates(layout, &facts);
    let mut stated: HashMap<&str, usize> = HashMap::new();
    for name in &names {
        *stated.entry(&name.folded).or_default() += 1;
    }
    let scored = names.iter().map(|name| {
        let again = stated
            .get(name.folded.as_str())
            .map_or(0, |n| (n - 1).min(MOST_REPEATS));
        (name, name.score + REPEAT * again as f32)
    });
    let (name, score) = first_best(scored, LEAST)?;
    Some(layout.field("supplier", name.text.clone(), &name.place, logistic(score, EVEN)))
}

/// Most domains and registrations to look at.
const MOST_FACTS: usize = 64;

/// Evidence about names from the whole document.
struct Facts {
    /// The usual height of a row.
    height: f32,
    /// Domains of web and mail addresses, without separators.
    domains: Vec<String>,
    /// Rows with the seller's registrations: VAT ids, bank accounts, courts.
    registrations: Vec<usize>,
}

impl Facts {
    fn of(layout: &Layout) -> Facts {
        let mut heights: Vec<f32> = layout.rows.iter().map(|r| r.height()).collect();
        heights.sort_by(f32::total_cmp);
        let registered = |text: &str| {
            let folded = compact(text);
            !iban::find(text).is_empty()
                || !vat::find(text).is_empty()
                || [
                    "geschaftsfuhrer",
                    "handelsregister",
                    "amtsgericht",
                    "siret",
                    "companyreg",
                    "registeredoffice",
                    "gstid",
                    "gstno",
                ]
                .iter()
                .any(|w| folded.contains(w))
        };
        let rows = layout.rows.iter().enumerate();
        Facts {
            height: heights.get(heights.len() / 2).copied().unwrap_or(USUAL_HEIGHT),
            domains: layout
                .rows
                .iter()
                .flat_map(|r| r.text.split_whitespace())
                .filter_map(domain)
                .collect(),
            registrations: rows
                .filter(|(_, r)| registered(&r.text))
                .map(|(i, _)| i)
                .take(MOST_FACTS)
                .collect(),
        }
    }
}

/// The company name in a web or mail address: `alpha-gmbh` of `info@alpha-gmbh.de`. Domains of mail providers name no company.
fn domain(word: &str) -> Option<String> {
    const PROVIDERS: [&str; 8] = [
        "gmail", "yahoo", "hotmail", "outlook", "gmx", "web", "example", "tonline",
    ];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let host = match word.split_once('@') {
        Some((_, host)) => host,
        None => word.split_once("www.")?.1,
    };
    let name = compact(host.split(['/', '?']).next()?.rsplit('.').nth(1)?);
    (name.len() >= 3 && !PROVIDERS.contains(&name.as_str())).then_some(name)
}

fn candidates(layout: &Layout, facts: &Facts) -> Vec<Name> {
    let mut names = Vec::new();
    for (index, row) in layout.rows.iter().enumerate() {
        for cell in row.cells() {
            for (position, part) in name_parts(&row.text, cell).into_iter().enumerate() {
                let text = names::clean(&row.text[part.clone()]);
                if is_label(&row.text, &part) || names::is_never_a_name(text) {
                    continue;
                }
                let place = layout.place(index, part);
                let score = weigh(layout, facts, text, &place) - if position == 0 { 0.0 } else { LATER_PART };
                names.push(Name {
                    text: text.to_owned(),
                    folded: compact(text),
                    place,
                    score,
                });
            }
        }
    }
    names
}

/// What separates the parts of a sender's line.
const SEPARATORS: [&str; 8] = [" · ", " • ", " | ", " – ", " - ", ", ", " * ", " — "];

/// The parts of a cell (`Alpha GmbH · Weg 1 · 12345 Ort`), each without a label before a colon.
fn name_parts(text: &str, cell: Range<usize>) -> Vec<Range<usize>> {
    const MOST: usize = 6;
    let mut parts = Vec::new();
    let mut start = cell.start;
    while start < cell.end && parts.len() < MOST {
        let rest = &text[start..cell.end];
        let separator = SEPARATORS
            .iter()
            .filter_map(|s| rest.find(s).map(|at| (at, s.len())))
            .min();
        let (end, next) = separator.map_or((cell.end, cell.end), |(at, len)| (start + at, start + at + len));
        let value = text[start..end].rfind(": ").map_or(start, |at| start + at + 2);
        parts.push(value..end);
        start = next;
    }
    parts
}

/// Whether a colon follows, which makes the text a label and not a value.
fn is_label(text: &str, part: &Range<usize>) -> bool {
    text[part.clone()].trim_end().ends_with(':') || text[part.end..].trim_start().starts_with(':')
}

/// What kind of label, followed by a colon, precedes the value.
enum Labelled {
    No,
    Name,
    AccountHolder,
    Otherwise,
}

fn label_before(text: &str, start: usize) -> Labelled {
    const NAMES: [&str; 8] = [
        "name",
        "nom",
        "firma",
        "firmenname",
        "company",
        "nazwa",
        "naam",
        "companyname",
    ];
    const HOLDERS: [&str; 8] = [
        "kontoinhaber",
        "kontoname",
        "accountholder",
        "accountname",
        "titulaireducompte",
        "titulaire",
        "beneficiary",
        "beneficiaire",
    ];
    let Some(label) = text[..start].trim_end().strip_suffix(':') else {
        return Labelled::No;
    };
    let word = compact(
        label
            .rsplit(['\t', ':', '–', '—', '·', '|', ','])
            .next()
            .unwrap_or_default(),
    );
    match word.as_str() {
        name if NAMES.contains(&name) => Labelled::Name,
        holder if HOLDERS.contains(&holder) => Labelled::AccountHolder,
        _ => Labelled::Otherwise,
    }
}

fn weigh(layout: &Layout, facts: &Facts, text: &str, place: &Place) -> f32 {
    let row = &layout.rows[place.row];
    let folded = compact(text);
    let mut score = 0.0;
    if names::has_legal_form(text) {
        score += LEGAL_FORM;
    } else if names::has_trade_word(text) {
        score += TRADE_WORD;
    }
    let label = label_before(&row.text, place.range.start);
    let party = party_of(layout, place);
    score += match (party, &label) {
        (_, Labelled::AccountHolder) => ACCOUNT_HOLDER,
        (Some(p), Labelled::Name) if p.label == Label::Seller => SELLERS_NAME,
        (Some(p), Labelled::No) if p.label == Label::Seller && p.distance < SELLER_BELOW * row.height() => AT_SELLER,
        (Some(p), _) if p.label == Label::Seller && p.distance < SELLER_BESIDE => AT_SELLER,
        (Some(p), _) if p.label == Label::Seller => IN_SELLERS_BLOCK,
        (Some(p), _) if p.label == Label::Buyer && p.distance < BUYERS_BLOCK => IN_BUYERS_BLOCK,
        (Some(_), _) => IN_OTHER_BLOCK,
        (None, _) => 0.0,
    };
    let about_seller = party.is_some_and(|p| p.label == Label::Seller && p.distance < SELLER_BESIDE);
    if matches!(label, Labelled::Otherwise) && !about_seller {
        score -= OTHER_LABEL;
    }
    let depth = place.rect.y0 / row.page_height.max(1.0);
    if row.page == layout.rows[0].page {
        score += if depth < TOP {
            AT_TOP
        } else if depth < UPPER_PART {
            UPPER
        } else {
            0.0
        };
        score += if place.row == 0 { FIRST_ROW } else { 0.0 };
    } else {
        score -= LATER_PAGE;
    }
    if place.rect.height() > LARGER * facts.height {
        score += LARGE;
    }
    if facts
        .domains
        .iter()
        .any(|d| folded.contains(d.as_str()) || d.contains(folded.as_str()) && folded.len() > SHORT_NAME)
    {
        score += DOMAIN;
    }
    if facts
        .registrations
        .iter()
        .any(|r| r.abs_diff(place.row) <= REGISTRATION_ROWS)
    {
        score += REGISTERED;
    }
    score -= ADDRESS * names::address_likeness(text);
    let words = text.split_whitespace().count();
    if words > MOST_WORDS {
        score -= WORD * (words - MOST_WORDS) as f32;
    }
    if layout
        .anchors_of(place.row)
        .iter()
        .any(|a| a.range.start < place.range.end && place.range.start < a.range.end)
    {
        score -= LABEL;
    }
    if text.chars().next().is_some_and(char::is_lowercase)
        || row.text[place.range.end..].starts_with(':')
        || text.ends_with(':')
    {
        score -= NO_HEADING;
    }
    score -= DIGIT * text.chars().filter(char::is_ascii_digit).count().min(MOST_DIGITS) as f32;
    score
}
