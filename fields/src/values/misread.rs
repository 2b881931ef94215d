//! Corrects letters that OCR read instead of digits, and spaces that it inserted into numbers.

/// Replaces letters among digits by the digits they resemble, and turns `40. 00` into `40.00 `. Offsets stay the same, because
/// every byte is replaced by one byte.
pub fn amended(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut start = 0;
    for word in text.split([' ', '\t']) {
        amend_word(&mut bytes[start..start + word.len()]);
        start += word.len() + 1;
    }
    close_up(&mut bytes);
    restore_points(&mut bytes);
    // Only ASCII bytes were replaced, and by ASCII bytes.
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn digit_for(letter: u8) -> Option<u8> {
    match letter {
        b'O' | b'o' | b'D' | b'Q' | b'@' => Some(b'0'),
        b'l' | b'I' | b'|' | b'i' => Some(b'1'),
        b'Z' => Some(b'2'),
        b'S' | b's' => Some(b'5'),
        b'G' => Some(b'6'),
        b'?' => Some(b'7'),
        b'B' => Some(b'8'),
        _ => None,
    }
}

/// Corrects a word if it is a number: digits and separators, and no more look-alikes than digits. It may start with a currency.
fn amend_word(word: &mut [u8]) {
    let lead = if word.starts_with(b"RM") || word.starts_with(b"US") {
        2
    } else {
        0
    };
    let number = &mut word[lead..];
    let digits = number.iter().filter(|b| b.is_ascii_digit()).count();
    let alike = number.iter().filter(|b| digit_for(**b).is_some()).count();
    let others = number
        .iter()
        .any(|b| b.is_ascii_alphabetic() && digit_for(*b).is_none());
    let separated = number.iter().any(|b| matches!(b, b'.' | b',' | b'/' | b'-' | b':'));
    if digits == 0 || alike == 0 || alike > digits || others || !separated {
        return;
    }
    for byte in number {
        *byte = digit_for(*byte).unwrap_or(*byte);
    }
}

/// Moves the space in `40. 00` and `40 .00` behind the number, if exactly two digits follow the separator.
fn close_up(bytes: &mut [u8]) {
    let digit = |bytes: &[u8], at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    for at in 1..bytes.len().saturating_sub(3) {
        let after = match (bytes[at], bytes[at + 1]) {
            (b'.' | b',', b' ') | (b' ', b'.' | b',') => at + 2,
            _ => continue,
        };
        if digit(bytes, at - 1)
            && digit(bytes, after)
            && digit(bytes, after + 1)
            && !bytes.get(after + 2).is_some_and(u8::is_ascii_alphanumeric)
            && !matches!(bytes.get(after + 2), Some(b'.' | b',' | b':' | b'/'))
        {
            bytes[at] = b'.';
            bytes[at + 1] = bytes[after];
            bytes[at + 2] = bytes[after + 1];
            bytes[at + 3] = b' ';
        }
    }
}

/// Inserts a point into a cell of digits, a space and two digits: `47 80` alone in its column has lost its point.
fn restore_points(bytes: &mut [u8]) {
    for cell in bytes.split_mut(|b| *b == b'\t') {
        let Some(gap) = cell.iter().position(|b| *b == b' ') else {
            continue;
        };
        let (whole, cents) = (&cell[..gap], &cell[gap + 1..]);
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        if (1..=4).contains(&whole.len()) && cents.len() == 2 && digits(whole) && digits(cents) {
            cell[gap] = b'.';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_among_digits() {
        for (text, want) in [
            ("RM1O.5O", "RM10.50"),
            ("O5-09-2018", "05-09-2018"),
            ("TOTAL 12.SO", "TOTAL 12.50"),
            ("25/10/2@17", "25/10/2017"),
            ("me@12.de", "me@12.de"),
            ("SIZE: XL BOB", "SIZE: XL BOB"),
            ("Milo. Solo", "Milo. Solo"),
            ("C1-0170778", "C1-0170778"),
            ("é 1,O0", "é 1,00"),
        ] {
            assert_eq!(amended(text), want);
        }
    }

    #[test]
    fn spaces_in_numbers() {
        for (text, want) in [
            ("40. 00 SR", "40.00  SR"),
            ("40 .00", "40.00 "),
            ("CASH\t:\t200. 00", "CASH\t:\t200.00 "),
            ("Gross\t47 80", "Gross\t47.80"),
            ("Table 12 34", "Table 12 34"),
            ("No. 12 34", "No. 12 34"),
            ("1. 500", "1. 500"),
            ("at 10. 30:15", "at 10. 30:15"),
            ("9. 5", "9. 5"),
        ] {
            assert_eq!(amended(text), want);
        }
    }
}
