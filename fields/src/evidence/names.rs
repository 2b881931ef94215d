//! Distinguishes a company's name from an address, a heading or a slogan.

use crate::values::text::{compact, tokens, within_one_edit};

// What makes a text an address, in shares of the likeness to one. Its typical words add their share of all words.

/// A postcode anywhere, a house number at the end, and a number at the start.
const POSTCODE: f32 = 0.5;
const HOUSE_NUMBER: f32 = 0.25;
const NUMBER_FIRST: f32 = 0.4;

// Limits of names.

/// Words at the end of a name among which a legal form counts.
const LAST_WORDS: usize = 5;
/// Letters in the shortest name, and characters in the longest.
const LEAST_LETTERS: usize = 3;
const LONGEST: usize = 80;
/// Digits in brackets that are a registration number, after a legal form and after another name.
const FORM_DIGITS: usize = 1;
const NAME_DIGITS: usize = 4;

/// Legal forms at or near the end of a company's name, folded, as separate words.
const SUFFIXES: &[&[&str]] = &[
    &["gmbh"],
    &["mbh"],
    &["ag"],
    &["kg"],
    &["kgaa"],
    &["ohg"],
    &["gbr"],
    &["ug"],
    &["se"],
    &["ev"],
    &["e", "v"],
    &["eg"],
    &["e", "k"],
    &["ltd"],
    &["limited"],
    &["llc"],
    &["llp"],
    &["lp"],
    &["plc"],
    &["inc"],
    &["incorporated"],
    &["corp"],
    &["corporation"],
    &["co"],
    &["company"],
    &["sdn", "bhd"],
    &["sdn"],
    &["bhd"],
    &["berhad"],
    &["enterprise"],
    &["enterprises"],
    &["trading"],
    &["holdings"],
    &["pte"],
    &["pty"],
    &["sarl"],
    &["sas"],
    &["sa"],
    &["eurl"],
    &["s", "a", "r", "l"],
    &["s", "a", "s"],
    &["s", "a"],
    &["bv"],
    &["b", "v"],
    &["nv"],
    &["n", "v"],
    &["vof"],
    &["spa"],
    &["s", "p", "a"],
    &["srl"],
    &["s", "r", "l"],
    &["sp", "z", "o", "o"],
    &["sl"],
    &["ab"],
];

/// Words of trades in the headings of receipts, folded.
#[rustfmt::skip]
const TRADES: &[&str] = &[
    "restaurant", "restoran", "cafe", "kopitiam", "bakery", "backerei", "apotheke", "pharmacy", "farmasi", "hotel",
    "market", "mart", "minimarket", "supermarket", "supermarkt", "markt", "store", "stores", "shop", "kedai",
    "hardware", "station", "tankstelle", "stationery", "stationers", "bistro", "bar", "house", "kitchen", "centre",
    "center", "express", "services", "machinery", "electrical", "industries", "pasaraya", "perniagaan", "syarikat",
    "books",
];

/// Words of postal addresses, folded.
#[rustfmt::skip]
const ADDRESS: &[&str] = &[
    "jalan", "jln", "jin", "lorong", "taman", "tmn", "lot", "level", "floor", "seksyen", "section", "bandar",
    "street", "road", "avenue", "lane", "drive", "suite", "strasse", "str", "weg", "platz", "allee", "gasse", "rue",
    "boulevard", "place", "ul", "ulica", "straat", "laan", "selangor", "kuala", "johor", "persiaran", "kawasan",
    "kampung", "batu", "block", "blok", "wilayah", "persekutuan", "postcode", "plz", "zip", "industrial", "germany",
    "deutschland", "france", "malaysia", "bahru",
];

/// Beginnings of lines that are never a name, compacted.
#[rustfmt::skip]
const NEVER: &[&str] = &[
    "taxinvoice", "simplifiedtaxinvoice", "invoice", "receipt", "cashbill", "rechnung", "quittung", "facture",
    "welcome", "thankyou", "tel", "phone", "fax", "gstno", "gstid", "gstreg", "gst", "regno", "companyno", "coregno",
    "rocno", "roc", "date", "datum", "time", "cashier", "table", "copy", "original", "ustid", "steuernr",
    "steuernummer", "telefon", "email", "www", "http", "page", "seite", "customer", "kunde", "salesperson", "poweredby", "brn",
    "operator", "bill", "duplicate", "reprint", "iban", "bic", "brno", "vat", "tva", "siret", "siren",
    "handelsrechnung", "gln", "total", "counter", "stylesheet", "visualisierung", "lesbarmachung", "member", "docno",
    "document", "willkommen", "kassenbon",
];

/// Whether the last words of a name, or words near its end, are a company's legal form.
pub fn has_legal_form(name: &str) -> bool {
    let words: Vec<String> = tokens(name)
        .into_iter()
        .filter(|t| !t.is_number)
        .map(|t| t.folded)
        .collect();
    (1..words.len()).any(|at| {
        let rest = &words[at..];
        // `Co` in the middle is part of other forms. Short forms only count near the end.
        rest.len() <= LAST_WORDS
            && SUFFIXES
                .iter()
                .any(|form| rest.len() >= form.len() && rest[..form.len()] == **form)
    })
}

/// Whether a text is only a legal form, which then continues the line above it.
pub fn is_legal_form(text: &str) -> bool {
    let words: Vec<String> = tokens(text).into_iter().map(|t| t.folded).collect();
    SUFFIXES.iter().any(|form| words[..] == **form)
        || words.len() == 2 && words[0] == "co" && matches!(words[1].as_str(), "kg" | "ltd" | "kgaa")
}

pub fn has_trade_word(name: &str) -> bool {
    tokens(name).iter().any(|t| TRADES.contains(&t.folded.as_str()))
}

/// Evidence that a text is part of a postal address, 0 to 1.
pub fn address_likeness(text: &str) -> f32 {
    let tokens = tokens(text);
    let words = tokens.iter().filter(|t| !t.is_number).count().max(1) as f32;
    let typical = tokens
        .iter()
        .filter(|t| ADDRESS.contains(&t.folded.as_str()) || is_street(&t.folded))
        .count() as f32;
    let postcode = tokens.iter().any(|t| t.is_number && (4..=6).contains(&t.folded.len()));
    let house_number = tokens.last().is_some_and(|t| t.is_number && t.folded.len() <= 4);
    let starts_with_number = tokens
        .first()
        .is_some_and(|t| t.is_number || t.folded == "no" || t.folded == "lot");
    (typical / words
        + if postcode { POSTCODE } else { 0.0 }
        + if house_number { HOUSE_NUMBER } else { 0.0 }
        + if starts_with_number { NUMBER_FIRST } else { 0.0 })
    .min(1.0)
}

fn is_street(word: &str) -> bool {
    word.len() > 5
        && ["strasse", "str", "weg", "platz", "allee", "gasse", "straat", "laan"]
            .iter()
            .any(|end| word.ends_with(end))
}

/// Whether a text cannot be a name: a heading, a number, a contact, a sentence.
pub fn is_never_a_name(text: &str) -> bool {
    let folded = compact(text);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    letters < LEAST_LETTERS
        || digits > letters
        || text.contains('@')
        || text.chars().count() > LONGEST
        || NEVER.iter().any(|never| {
            folded == *never || (never.len() >= 3 && folded.starts_with(never) && labelled(text, &folded, never))
        })
}

/// Whether a beginning is a label or heading of its own, and not part of a longer word (`Bill` of `Billings`).
fn labelled(text: &str, folded: &str, never: &str) -> bool {
    let first = tokens(text);
    let mut joined = String::new();
    for token in &first {
        joined.push_str(&token.folded);
        if joined.len() >= never.len() {
            break;
        }
    }
    joined == never && folded.starts_with(never)
}

/// Corrects a legal form that OCR misspelt: `SON BHD` can only be `SDN BHD`.
pub fn repaired(name: &str) -> String {
    let Some((head, last)) = name.rsplit_once(' ') else {
        return name.to_owned();
    };
    let (lead, first) = head.rsplit_once(' ').unwrap_or(("", head));
    let near = |word: &str, form: &str| within_one_edit(&compact(word), form);
    let exact = compact(first) == "sdn" && compact(last) == "bhd";
    if lead.is_empty() || exact || !near(first, "sdn") || !near(last, "bhd") {
        return name.to_owned();
    }
    let form = if last.chars().all(|c| !c.is_lowercase()) {
        "SDN BHD"
    } else {
        "Sdn Bhd"
    };
    format!("{lead} {form}")
}

/// Whether a text consists only of legal forms and words of trades, so that it continues the name above it.
pub fn is_generic(text: &str) -> bool {
    let words = tokens(text);
    let rest = words.iter().filter(|t| !TRADES.contains(&t.folded.as_str())).count();
    let form: Vec<&str> = words
        .iter()
        .map(|t| t.folded.as_str())
        .filter(|t| !TRADES.contains(t))
        .collect();
    rest < words.len() && rest > 0 && SUFFIXES.iter().any(|suffix| form == *suffix)
}

/// Removes a registration number in brackets, and signs around a name: `ABC SDN BHD (123456-A)`.
pub fn clean(text: &str) -> &str {
    let mut name = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')' | '.' | '&'));
    if let Some(open) = name.rfind('(')
        && open > 3
        && name[open..].chars().filter(char::is_ascii_digit).count()
            >= if has_legal_form(&name[..open]) {
                FORM_DIGITS
            } else {
                NAME_DIGITS
            }
    {
        name = name[..open].trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '.'));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_forms() {
        for name in [
            "Lieferant GmbH",
            "ABC SDN BHD",
            "Muster & Co. KG",
            "Acme Inc.",
            "Dupont S.A.R.L.",
            "XYZ TRADING (M) SDN. BHD.",
            "Firma Sp. z o.o.",
        ] {
            assert!(has_legal_form(name), "{name}");
        }
        for name in ["GmbH", "Bahnhofstrasse 99", "Thank you", "Agency"] {
            assert!(!has_legal_form(name), "{name}");
        }
        assert!(is_legal_form("SDN. BHD."));
        assert!(!is_legal_form("ABC SDN BHD"));
    }

    #[test]
    fn names_and_others() {
        for text in [
            "TAX INVOICE",
            "Tel: 03-3279 1851",
            "25.01.2026",
            "info@example.org",
            "GST ID: 000",
            "**",
        ] {
            assert!(is_never_a_name(text), "{text}");
        }
        for text in ["FUYI MINI MARKET", "Telekom", "99 SPEED MART"] {
            assert!(!is_never_a_name(text), "{text}");
        }
        assert!(address_likeness("NO 43, JALAN SAGU 18") > 0.4);
        assert!(address_likeness("Lieferantenstraße 20") > 0.4);
        assert!(address_likeness("FUYI MINI MARKET") < 0.1);
        assert_eq!(clean("*ABC SDN BHD (123456-A)*"), "ABC SDN BHD");
        assert_eq!(repaired("SUN VICTORY SON BHD"), "SUN VICTORY SDN BHD");
        assert_eq!(repaired("Father and Son Ltd"), "Father and Son Ltd");
        assert!(is_generic("RESTAURANT SDN BHD") && !is_generic("SUN RESTAURANT SDN BHD") && !is_generic("SDN BHD"));
    }
}
