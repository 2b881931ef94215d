//! Values as they are compared: amounts as cents, dates as dates, everything else by its letters and digits.

use chrono::NaiveDate;

/// Letters and digits in lower case.
pub fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// An amount in hundredths: the last of point and comma is the decimal separator.
pub fn amount(text: &str) -> Option<i64> {
    let mut digits: String = text
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))
        .collect();
    let decimal_comma = digits.matches(',').count() == 1 && digits.rfind(',') > digits.rfind('.');
    digits = if decimal_comma {
        digits.replace('.', "").replace(',', ".")
    } else {
        digits.replace(',', "")
    };
    digits.parse::<f64>().ok().map(|amount| (amount * 100.0).round() as i64)
}

/// ISO dates, day-first dates, and dates with an English month's name.
pub fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim().replace([',', '/', '-', '.'], " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    const FORMATS: &[&str] = &["%Y %m %d", "%d %m %Y", "%d %b %Y", "%d %B %Y", "%d %m %y", "%d %b %y"];
    // chrono takes "18" as the year 18 where the format says %Y.
    let fits = |date: &NaiveDate| date.format("%Y").to_string().len() == 4 && date > &NaiveDate::default();
    FORMATS
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(&text, format).ok().filter(fits))
}

/// Whether two values of a field mean the same.
pub fn same(label: &str, one: &str, other: &str) -> bool {
    match label {
        "total" | "net" | "tax" => amount(one).is_some() && amount(one) == amount(other),
        "date" | "due_date" => match (date(one), date(other)) {
            (Some(one), Some(other)) => one == other,
            _ => plain(one) == plain(other),
        },
        _ => plain(one) == plain(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conventions_meet() {
        assert!(same("total", "1.234,50 €", "1234.50"));
        assert!(same("date", "25/12/2018", "2018-12-25"));
        assert!(same("date", "25/12/18", "2018-12-25"));
        assert!(same("iban", "DE12 3456", "de123456"));
        assert!(!same("total", "", ""));
    }
}
