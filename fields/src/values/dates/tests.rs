use super::*;

fn read(text: &str) -> Vec<String> {
    find(text)
        .iter()
        .map(|f| f.value.read(Order::DayFirst).to_string())
        .collect()
}

#[test]
fn one_date_in_many_clothes() {
    for text in [
        "25.01.2026",
        "25.1.26",
        "2026-01-25",
        "2026/01/25",
        "25 Jan 2026",
        "25-JAN-26",
        "25JAN2026",
        "25. Januar 2026",
        "25 janvier 2026",
        "25 stycznia 2026",
        "25 de enero de 2026",
        "January 25, 2026",
        "Jan 25th, 2026",
        "25th of January 2026",
        "25th day of January, 2026",
        "25/01/26",
        "25 / 01 / 2026",
        "25-01-2026",
        "Date:25/01/2026 10:17:32 PM",
        "20260125",
        "2026-01-25T10:11:12Z",
        "vom 25.01.2026.",
        "DATE25/01/2026",
        "25. 1. 2026",
        "25/01, 2026",
    ] {
        assert_eq!(read(text), ["2026-01-25"], "{text}");
    }
}

#[test]
fn what_is_no_date() {
    for text in [
        "",
        "12.34",
        "25.01.1949",
        "25.01.2100",
        "1.2.3.2026",
        "31.02.2026",
        "29.02.2023",
        "00/01/2026",
        "25/13/2026",
        "1.234.567",
        "25\t01\t2026",
        "99999999999999",
        "20261301",
        "12 30 45",
        "03-3279 1851",
        "5 mai",
        "A12/01/2026x",
    ] {
        assert_eq!(read(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn leap_years_have_a_29th_of_february() {
    assert_eq!(read("29.02.2024"), ["2024-02-29"]);
}

#[test]
fn order_is_decided_by_the_other_dates() {
    let found = find("12/28/2017 and 03/04/2018");
    let order = shown_order(found.iter().map(|f| f.value));
    assert_eq!(order, Some(Order::MonthFirst));
    assert_eq!(found[1].value.read(Order::MonthFirst).to_string(), "2018-03-04");
    assert_eq!(found[1].value.read(Order::DayFirst).to_string(), "2018-04-03");
    assert_eq!(shown_order(find("03.04.2018").iter().map(|f| f.value)), None);
}

#[test]
fn ranges_cover_the_date_alone() {
    let text = "vom 5. März 2018 bis 04.04.2018";
    let raw: Vec<_> = find(text).into_iter().map(|f| &text[f.range]).collect();
    assert_eq!(raw, ["5. März 2018", "04.04.2018"]);
}
