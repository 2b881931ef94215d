//! Amounts in cents, and how people of two countries write them.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cents(pub i64);

impl Cents {
    /// `1.234,56`
    pub fn german(self) -> String {
        self.written('.', ',')
    }

    /// `1,234.56`
    pub fn english(self) -> String {
        self.written(',', '.')
    }

    /// `1234.56`, as results have it.
    pub fn plain(self) -> String {
        format!("{}.{:02}", self.0 / 100, self.0 % 100)
    }

    /// The share of `percent`, rounded half up.
    pub fn percent(self, percent: i64) -> Cents {
        Cents((self.0 * percent + 50) / 100)
    }

    fn written(self, thousands: char, point: char) -> String {
        let whole = (self.0 / 100).to_string();
        let mut grouped = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                grouped.push(thousands);
            }
            grouped.push(digit);
        }
        format!("{grouped}{point}{:02}", self.0 % 100)
    }
}

/// One position of an invoice.
pub struct Item {
    pub text: &'static str,
    pub detail: &'static str,
    pub quantity: i64,
    pub unit: &'static str,
    pub price: Cents,
}

impl Item {
    pub fn amount(&self) -> Cents {
        Cents(self.quantity * self.price.0)
    }
}

/// Net, tax and gross of the items at one rate.
pub struct Totals {
    pub net: Cents,
    pub tax: Cents,
    pub gross: Cents,
}

impl Totals {
    pub fn of(items: &[Item], percent: i64) -> Totals {
        let net = Cents(items.iter().map(|item| item.amount().0).sum());
        let tax = net.percent(percent);
        Totals {
            net,
            tax,
            gross: Cents(net.0 + tax.0),
        }
    }
}
