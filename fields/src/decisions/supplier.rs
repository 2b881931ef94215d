//! The seller's name on an invoice: letterhead, sender's line, footer or a labelled block, but not the addressee.

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
    let mut best: Option<(&Name, f32)> = None;
    for name in &names {
        // A seller's name is in the letterhead, the sender's line, the bank details and the footer. Each repetition adds
        // evidence.
        let again = stated.get(name.folded.as_str()).map_or(0, |n| (n - 1).min(3));
        let score = name.score + 0.35 * again as f32;
        if best.is_none_or(|(_, s)| score > s + 1e-4) {
            best = Some((name, score));
        }
    }
    let (name, score) = best.filter(|(_, score)| *score > 0.6)?;
    let confidence = 1.0 / (1.0 + (1.8 - score).exp());
    Some(layout.field("supplier", name.text.clone(), &name.place, confidence))
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
            height: heights.get(heights.len() / 2).copied().unwrap_or(10.0),
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
                // A sender's line begins with the name.
                let score = weigh(layout, facts, text, &place) - if position == 0 { 0.0 } else { 0.4 };
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
        score += 1.5;
    } else if names::has_trade_word(text) {
        score += 0.4;
    }
    let label = label_before(&row.text, place.range.start);
    let party = party_of(layout, place);
    score += match (party, &label) {
        (_, Labelled::AccountHolder) => 1.8,
        (Some(p), Labelled::Name) if p.label == Label::Seller => 2.6,
        (Some(p), Labelled::No) if p.label == Label::Seller && p.distance < 1.6 * row.height() => 2.2,
        (Some(p), _) if p.label == Label::Seller && p.distance < 2.0 => 2.2,
        (Some(p), _) if p.label == Label::Seller => 0.6,
        (Some(p), _) if p.label == Label::Buyer && p.distance < 60.0 => -2.5,
        (Some(_), _) => -1.0,
        (None, _) => 0.0,
    };
    let about_seller = party.is_some_and(|p| p.label == Label::Seller && p.distance < 2.0);
    if matches!(label, Labelled::Otherwise) && !about_seller {
        score -= 1.5;
    }
    let depth = place.rect.y0 / row.page_height.max(1.0);
    if row.page == layout.rows[0].page {
        score += if depth < 0.12 {
            0.8
        } else if depth < 0.3 {
            0.4
        } else {
            0.0
        };
        score += if place.row == 0 { 0.3 } else { 0.0 };
    } else {
        score -= 0.3;
    }
    if place.rect.height() > 1.3 * facts.height {
        score += 0.5;
    }
    if facts
        .domains
        .iter()
        .any(|d| folded.contains(d.as_str()) || d.contains(folded.as_str()) && folded.len() > 4)
    {
        score += 1.6;
    }
    if facts.registrations.iter().any(|r| r.abs_diff(place.row) <= 4) {
        score += 0.4;
    }
    score -= 2.0 * names::address_likeness(text);
    let words = text.split_whitespace().count();
    if words > 6 {
        score -= 0.4 * (words - 6) as f32;
    }
    if layout
        .anchors_of(place.row)
        .iter()
        .any(|a| a.range.start < place.range.end && place.range.start < a.range.end)
    {
        score -= 1.2;
    }
    if text.chars().next().is_some_and(char::is_lowercase)
        || row.text[place.range.end..].starts_with(':')
        || text.ends_with(':')
    {
        score -= 1.2;
    }
    score -= 0.15 * text.chars().filter(char::is_ascii_digit).count().min(8) as f32;
    score
}
