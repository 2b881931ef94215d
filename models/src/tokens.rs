//! Splits a word on a page into the tokens that features are made of.
//!
//! Words are lower-cased and split at everything that is neither letter nor digit. Values are folded to their type, because a
//! model should learn that there is an amount, not which one. Marks that distinguish kinds of documents (a currency sign, a
//! tick box, a line to write on) are tokens of their own.

/// Folded values begin with `#`, which no word can.
pub const AMOUNT: &str = "#amount";
pub const DATE: &str = "#date";
pub const PERCENT: &str = "#percent";
pub const BLANK: &str = "#blank";
pub const TICK_BOX: &str = "#box";
pub const ADDRESS: &str = "#address";

/// A longer word is scan noise or an attack. Its beginning is enough.
const MAX_WORD_CHARS: usize = 64;

/// Calls `emit` with each token of a whitespace-separated word, in order.
pub fn tokens_of(word: &str, mut emit: impl FnMut(&str)) {
    let word = clipped(word);
    if let Some(folded) = folded_value(word) {
        emit(folded);
        return;
    }
    let mut token = String::new();
    for c in word.chars() {
        if c.is_alphanumeric() {
            push_folded(&mut token, c);
            continue;
        }
        flush(&mut token, &mut emit);
        if let Some(mark) = mark(c) {
            emit(mark);
        }
    }
    flush(&mut token, &mut emit);
}

/// Whether the word is a sum of money: digits with exactly two decimals, possibly grouped, signed or with a currency.
pub fn is_amount(word: &str) -> bool {
    let number = word
        .trim_start_matches(|c: char| c.is_alphabetic() || is_currency(c) || "-+(*".contains(c))
        .trim_end_matches(|c: char| c.is_alphabetic() || is_currency(c) || "-)*".contains(c));
    if number.len() > 20 || !number.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let Some(point) = number.rfind(['.', ',']) else {
        return false;
    };
    let (whole, decimals) = (&number[..point], &number[point + 1..]);
    decimals.len() == 2
        && decimals.bytes().all(|b| b.is_ascii_digit())
        && whole.chars().all(|c| c.is_ascii_digit() || ".,'’".contains(c))
        && is_grouped(whole)
}

/// Digits in one run, or in groups of three after the first: `1`, `1234`, `1.234`, `12'345`.
fn is_grouped(whole: &str) -> bool {
    let mut groups = whole.split(['.', ',', '\'', '’']);
    let first = groups.next().map_or(0, str::len);
    let mut rest = groups.peekable();
    rest.peek().is_none() || (first <= 3 && rest.all(|g| g.len() == 3))
}

/// Whether the word is a date in digits: three groups with one kind of separator, such as 31.12.2024 or 2024-12-31.
pub fn is_date(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    ['.', '/', '-'].iter().any(|&separator| {
        let mut lengths = [0usize; 3];
        let mut parts = 0;
        for part in word.split(separator) {
            if parts == 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
                return false;
            }
            lengths[parts] = part.len();
            parts += 1;
        }
        parts == 3 && matches!(lengths, [1 | 2, 1 | 2, 2 | 4] | [4, 1 | 2, 1 | 2])
    })
}

fn clipped(word: &str) -> &str {
    match word.char_indices().nth(MAX_WORD_CHARS) {
        Some((end, _)) => &word[..end],
        None => word,
    }
}

fn folded_value(word: &str) -> Option<&'static str> {
    let has_digit = word.bytes().any(|b| b.is_ascii_digit());
    if has_digit && is_amount(word) {
        Some(AMOUNT)
    } else if has_digit && is_date(word) {
        Some(DATE)
    } else if has_digit && is_percent(word) {
        Some(PERCENT)
    } else if is_blank(word) {
        Some(BLANK)
    } else if is_address(word) {
        Some(ADDRESS)
    } else {
        None
    }
}

fn is_percent(word: &str) -> bool {
    word.trim_end_matches([')', ',', ':', '.'])
        .trim_start_matches('(')
        .strip_suffix('%')
        .is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ','))
}

/// A space to write on: a run of underscores or dots, also after a label (`Name:____`).
fn is_blank(word: &str) -> bool {
    ["___", ".....", "……", "-----", "_____"]
        .iter()
        .any(|run| word.contains(run))
}

fn is_address(word: &str) -> bool {
    word.contains("://") || word.starts_with("www.") || word.find('@').is_some_and(|at| word[at..].contains('.'))
}

fn is_currency(c: char) -> bool {
    matches!(c, '€' | '$' | '£' | '¥' | '₹')
}

fn mark(c: char) -> Option<&'static str> {
    match c {
        '€' => Some("€"),
        '$' => Some("$"),
        '£' => Some("£"),
        '§' => Some("§"),
        '©' => Some("©"),
        '☐' | '☑' | '☒' | '□' | '❑' | '❏' | '▢' | '◻' | '○' => Some(TICK_BOX),
        _ => None,
    }
}

/// Replaces digits by 0 and folds case. Ligatures are expanded if Unicode lower-casing does so.
fn push_folded(token: &mut String, c: char) {
    if c.is_numeric() {
        token.push('0');
    } else {
        token.extend(c.to_lowercase());
    }
}

fn flush(token: &mut String, emit: &mut impl FnMut(&str)) {
    if !token.is_empty() {
        emit(token);
        token.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(word: &str) -> Vec<String> {
        let mut all = Vec::new();
        tokens_of(word, |t| all.push(t.to_owned()));
        all
    }

    #[test]
    fn words_are_lower_cased_and_cut() {
        assert_eq!(tokens("Rechnungs-Nr.:"), ["rechnungs", "nr"]);
        assert_eq!(tokens("ÜBERWEISUNG"), ["überweisung"]);
        assert_eq!(tokens("A4711"), ["a0000"]);
        assert_eq!(tokens("§12"), ["§", "00"]);
        assert!(tokens("--").is_empty());
    }

    #[test]
    fn values_are_folded_to_their_shape() {
        for amount in [
            "12,50",
            "1.234,56",
            "$1,234.56",
            "12.50€",
            "RM9.00",
            "(3.10)",
            "1234.00",
            "-4,99",
            "12'345.60",
        ] {
            assert_eq!(tokens(amount), [AMOUNT], "{amount}");
        }
        for date in ["31.12.2024", "2024-12-31", "1/2/99", "03/04/2020,"] {
            assert_eq!(tokens(date), [DATE], "{date}");
        }
        assert_eq!(tokens("19%"), [PERCENT]);
        assert_eq!(tokens("Name:________"), [BLANK]);
        assert_eq!(tokens("☐"), [TICK_BOX]);
        assert_eq!(tokens("jo@example.org"), [ADDRESS]);
        for other in ["12.5", "1.2.3.4", "12,345", "1234,567.00", "12:30", "4.1"] {
            assert!(!tokens(other)[0].starts_with('#'), "{other}");
        }
    }

    #[test]
    fn a_giant_word_is_clipped() {
        assert_eq!(tokens(&"ä".repeat(100_000)), ["ä".repeat(MAX_WORD_CHARS)]);
    }
}
