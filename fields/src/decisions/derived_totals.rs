//! Derives totals that OCR misread or lost from the other amounts: cash less change, or net plus tax.

use crate::decisions::money::Weighed;
use crate::decisions::sums::Chosen;
use crate::values::text::within_one_edit;

// Confidence, as shares, and the evidence that it needs.

/// A total of cash less change, of net plus tax, and one that the document restates.
const PAID: f32 = 0.6;
const TAXED: f32 = 0.45;
const RESTATED: f32 = 0.55;
/// Taken off where no total was read.
const UNREAD: f32 = 0.1;
/// A total with less confidence is a stand-in, which yields to cash less change, or to net plus tax.
const YIELDS_TO_PAID: f32 = 0.5;
const YIELDS_TO_TAXED: f32 = 0.45;
/// The evidence for a role that an amount needs to be reckoned with.
const STRONG: f32 = 0.45;
/// The evidence, as a total or as paid, that a restated amount needs.
const LIKELY: f32 = 0.4;

// Limits of the arithmetic.

/// Cash is rounded to five cents. A difference up to this is no misreading. In cents.
const CASH_ROUNDING: i64 = 4;
/// The most that a document rounds its total by, in cents.
const ROUNDING: i64 = 9;
/// Rows from cash to change, and from net to tax.
const PAID_ROWS: usize = 4;
const TAXED_ROWS: usize = 6;
/// A tax is less than the net divided by this.
const NET_PER_TAX: i64 = 4;

/// An amount that the document implies.
#[derive(Clone)]
struct Derived {
    cents: i64,
    confidence: f32,
    /// The amount on the page that it is shown at.
    from: Weighed,
}

/// Sets a total where none was read, or where the one read contradicts the other amounts and differs from the implied total
/// like a misread digit. Only amounts read by OCR are doubted, and none that is stated twice.
pub fn correct(chosen: &mut Chosen, weighed: &[Weighed]) {
    let implied = [paid(weighed), taxed(weighed)];
    let mut implied = implied.iter().flatten();
    match &chosen.total {
        Some((total, _)) if !total.recognised || stated(weighed, total.cents) > 1 => {}
        Some((total, confidence)) => {
            if implied.clone().any(|i| (i.cents - total.cents).abs() <= CASH_ROUNDING) {
                return;
            }
            let meant = implied
                .chain(restated(weighed, total).iter())
                .find(|i| misread(total.cents, i.cents))
                .cloned();
            let meant = meant.or_else(|| paid(weighed).filter(|_| *confidence < YIELDS_TO_PAID));
            let meant = meant.or_else(|| taxed(weighed).filter(|_| *confidence < YIELDS_TO_TAXED));
            if let Some(Derived {
                cents,
                confidence,
                from,
            }) = meant
            {
                let place = total.place.clone();
                chosen.total = Some((Weighed { cents, place, ..from }, confidence));
            }
        }
        None => {
            let found = implied.find(|i| i.from.recognised).cloned();
            chosen.total = found.map(
                |Derived {
                     cents,
                     confidence,
                     from,
                 }| (Weighed { cents, ..from }, confidence - UNREAD),
            );
        }
    }
}

fn stated(weighed: &[Weighed], cents: i64) -> usize {
    weighed.iter().filter(|w| w.cents == cents).count()
}

/// An amount that is stated twice, at least once as a total or as paid.
fn restated(weighed: &[Weighed], total: &Weighed) -> Option<Derived> {
    let likely = weighed
        .iter()
        .filter(|w| w.total.max(w.cash) > LIKELY && misread(total.cents, w.cents));
    let from = likely
        .max_by_key(|w| stated(weighed, w.cents))
        .filter(|w| stated(weighed, w.cents) > 1)?;
    Some(Derived {
        cents: from.cents,
        confidence: RESTATED,
        from: from.clone(),
    })
}

/// Cash less change.
fn paid(weighed: &[Weighed]) -> Option<Derived> {
    let change = strongest(weighed, |w| w.change)?;
    let cash = strongest(weighed, |w| if w.place == change.place { 0.0 } else { w.cash })?;
    let cents = cash.cents.abs() - change.cents;
    let plausible = change.cents >= 0 && cents > 0 && cash.place.row.abs_diff(change.place.row) <= PAID_ROWS;
    plausible.then(|| Derived {
        cents,
        confidence: PAID,
        from: cash.clone(),
    })
}

/// Net plus tax plus rounding.
fn taxed(weighed: &[Weighed]) -> Option<Derived> {
    let net = strongest(weighed, |w| w.net)?;
    let tax = strongest(weighed, |w| if w.place == net.place { 0.0 } else { w.tax })?;
    let rounding = strongest(weighed, |w| w.rounding)
        .map_or(0, |w| w.cents)
        .clamp(-ROUNDING, ROUNDING);
    let plausible =
        tax.cents > 0 && tax.cents * NET_PER_TAX < net.cents && net.place.row.abs_diff(tax.place.row) <= TAXED_ROWS;
    plausible.then(|| Derived {
        cents: net.cents + tax.cents + rounding,
        confidence: TAXED,
        from: net.clone(),
    })
}

/// The amount with the strongest evidence for a role, if that is strong enough. Of equals the last.
fn strongest(weighed: &[Weighed], role: impl Fn(&Weighed) -> f32) -> Option<&Weighed> {
    weighed
        .iter()
        .filter(|w| role(w) > STRONG)
        .max_by(|a, b| role(a).total_cmp(&role(b)).then(a.place.row.cmp(&b.place.row)))
}

/// Whether two amounts differ in one digit, or one has an extra digit (a currency sign read as a digit).
fn misread(read: i64, meant: i64) -> bool {
    within_one_edit(&read.to_string(), &meant.to_string())
}

#[cfg(test)]
mod tests {
    use crate::sample::lines;
    use crate::starter;
    use queue_schema::document::PageSource;

    fn total(text: &str) -> Option<String> {
        let mut page = lines(text);
        page.source = PageSource::Ocr;
        starter("receipt")
            .extract(&[page])
            .into_iter()
            .find(|f| f.label == "total")
            .map(|f| f.value)
    }

    #[test]
    fn a_lost_or_misread_total() {
        assert_eq!(
            total("TOTAL: @\nCASH\t200. 00\nCHANGE\t10. 00").as_deref(),
            Some("190.00")
        );
        assert_eq!(
            total("TOTAL\t400.90\nCASH\t101.00\nCHANGE\t0.10").as_deref(),
            Some("100.90")
        );
        assert_eq!(
            total("TOTAL\t12.37\nCASH\t20.00\nCHANGE\t7.65").as_deref(),
            Some("12.37")
        );
    }

    #[test]
    fn one_digit() {
        for (read, meant, near) in [
            (40_090, 10_090, true),
            (9820, 820, true),
            (4198, 4195, true),
            (1225, 2251, false),
            (5, 500, false),
        ] {
            assert_eq!(super::misread(read, meant), near, "{read} {meant}");
        }
    }
}
