//! Text in the form used to compare labels and names: lower case, no diacritics, no punctuation.

use std::ops::Range;

/// A value, and the byte range of the text that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    pub value: T,
    pub range: Range<usize>,
}

/// A run of letters or a run of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Lower case, without diacritics.
    pub folded: String,
    pub range: Range<usize>,
    pub is_number: bool,
}

/// Lower-cases a letter and strips its diacritics, which OCR often loses. Other characters become nothing.
pub fn fold(c: char) -> &'static str {
    const LOWER: [&str; 26] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v",
        "w", "x", "y", "z",
    ];
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    if c.is_ascii_alphabetic() {
        return LOWER[(c.to_ascii_lowercase() as u8 - b'a') as usize];
    }
    if c.is_ascii_digit() {
        return DIGITS[(c as u8 - b'0') as usize];
    }
    match c.to_lowercase().next().unwrap_or(c) {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' | 'º' | '°' => "o",
        'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' => "s",
        'ß' => "ss",
        'ť' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '№' => "no",
        _ => "",
    }
}

/// All letters and digits of a text, folded and joined.
pub fn compact(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// The runs of letters and the runs of digits of a text, in order.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    for (at, c) in text.char_indices() {
        let folded = fold(c);
        if folded.is_empty() {
            continue;
        }
        let is_number = c.is_ascii_digit();
        match tokens.last_mut() {
            Some(last) if last.range.end == at && last.is_number == is_number => {
                last.folded.push_str(folded);
                last.range.end = at + c.len_utf8();
            }
            _ => tokens.push(Token {
                folded: folded.to_owned(),
                range: at..at + c.len_utf8(),
                is_number,
            }),
        }
    }
    tokens
}

/// Whether two texts differ by at most one letter replaced, added or missing.
pub fn within_one_edit(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() {
        (a.as_bytes(), b.as_bytes())
    } else {
        (b.as_bytes(), a.as_bytes())
    };
    if long.len() - short.len() > 1 {
        return false;
    }
    let prefix = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    if short.len() == long.len() {
        prefix == short.len() || short[prefix + 1..] == long[prefix + 1..]
    } else {
        short[prefix..] == long[prefix + 1..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_forgets_case_accents_and_punctuation() {
        assert_eq!(compact("Sub-Total (RM):"), "subtotalrm");
        assert_eq!(compact("Fälligkeit  N° Straße ŁÓDŹ"), "falligkeitnostrasselodz");
    }

    #[test]
    fn tokens_split_letters_from_digits() {
        let text = "RM9.00 ÄB";
        let got: Vec<_> = tokens(text).into_iter().map(|t| (t.folded, &text[t.range])).collect();
        let want = [("rm", "RM"), ("9", "9"), ("00", "00"), ("ab", "ÄB")];
        assert_eq!(got, want.map(|(a, b)| (a.to_owned(), b)));
    }

    #[test]
    fn one_edit() {
        for (a, b, near) in [
            ("total", "total", true),
            ("total", "tota", true),
            ("tota1", "total", true),
            ("ttal", "total", true),
            ("total", "ttl", false),
            ("", "a", true),
            ("ab", "ba", false),
        ] {
            assert_eq!(within_one_edit(a, b), near, "{a} {b}");
            assert_eq!(within_one_edit(b, a), near, "{b} {a}");
        }
    }
}
