//! Names of months.

use crate::values::text::compact;

/// The number of a month named in English, German, French, Dutch, Polish, Spanish, Italian or Malay, or abbreviated.
pub fn month(word: &str) -> Option<u32> {
    /// Beginnings that identify a month. A word matches if it begins so and is not longer than a month's name.
    const NAMES: [&[&str]; 12] = [
        &["jan", "jaen", "sty", "ene", "gen", "janv"],
        &["feb", "fev", "lut", "fevr"],
        &["mar", "maer", "mrz", "mae", "maa", "mrt", "mars", "mac"],
        &["apr", "avr", "kwi", "abr"],
        &["may", "mai", "mei", "maj", "mag"],
        &["jun", "juin", "cze", "giu"],
        &["jul", "juil", "lip", "lug"],
        &["aug", "aou", "sie", "ago", "ogo", "og"],
        &["sep", "sept", "wrz", "set"],
        &["oct", "okt", "paz", "ott", "out"],
        &["nov", "lis"],
        &["dec", "dez", "des", "gru", "dic", "dis"],
    ];
    const FULL: [&[&str]; 12] = [
        &[
            "january", "januar", "janner", "janvier", "januari", "stycznia", "styczen", "enero", "gennaio",
        ],
        &[
            "february", "februar", "feber", "fevrier", "februari", "lutego", "luty", "febrero", "febbraio",
        ],
        &["march", "marz", "maerz", "mars", "maart", "marca", "marzec", "marzo"],
        &["april", "avril", "kwietnia", "kwiecien", "abril", "aprile"],
        &["may", "mai", "mei", "maja", "mayo", "maggio"],
        &["june", "juni", "juin", "czerwca", "czerwiec", "junio", "giugno"],
        &["july", "juli", "juillet", "lipca", "lipiec", "julio", "luglio"],
        &["august", "aout", "augustus", "sierpnia", "sierpien", "agosto", "ogos"],
        &[
            "september",
            "septembre",
            "wrzesnia",
            "wrzesien",
            "septiembre",
            "settembre",
        ],
        &[
            "october",
            "oktober",
            "octobre",
            "pazdziernika",
            "pazdziernik",
            "octubre",
            "ottobre",
        ],
        &["november", "novembre", "listopada", "listopad", "noviembre"],
        &[
            "december",
            "dezember",
            "decembre",
            "grudnia",
            "grudzien",
            "diciembre",
            "dicembre",
        ],
    ];
    let word = compact(word);
    let named = |table: &[&[&str]; 12]| table.iter().position(|names| names.contains(&word.as_str()));
    named(&NAMES).or_else(|| named(&FULL)).map(|index| index as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_abbreviations() {
        for (name, number) in [
            ("Jan", 1),
            ("MÄRZ", 3),
            ("août", 8),
            ("października", 10),
            ("Dez", 12),
            ("Mrt", 3),
        ] {
            assert_eq!(month(name), Some(number), "{name}");
        }
        for word in ["", "mark", "decade", "x", "janitor"] {
            assert_eq!(month(word), None, "{word}");
        }
    }
}
