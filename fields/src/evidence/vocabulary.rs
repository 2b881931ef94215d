//! The words that label values in documents, in one table for all languages.

use crate::evidence::anchors::Label;
use crate::values::text::{compact, within_one_edit};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The longest phrase's length, compacted.
pub const MAX_PHRASE: usize = 33;

/// Words after `total` (or the like) that state what it is the total of.
pub struct Qualifier {
    pub words: &'static [&'static str],
    /// The label's new kind. `None`: it stays a total.
    pub becomes: Option<Label>,
    /// Change of the label's strength.
    pub by: f32,
    /// Of several qualifiers, the one with the highest rank decides; of equals, the first.
    pub rank: u8,
}

impl Qualifier {
    /// The qualifier that a folded word is, or nearly is. A long one may be joined to the next word.
    pub fn of(word: &str) -> Option<&'static Qualifier> {
        const LONG: usize = 7;
        let fits = |w: &&&str| **w == word || w.len() >= LONG && (word.starts_with(**w) || within_one_edit(word, w));
        QUALIFIERS.iter().find(|q| q.words.iter().any(|w| fits(&w)))
    }
}

#[rustfmt::skip]
const QUALIFIERS: &[Qualifier] = &[
    Qualifier {
        words: &[
            "incl", "inclusive", "including", "inc", "inkl", "inklusive", "ttc", "brutto", "gross",
            "tvac",
        ],
        becomes: None,
        by: 0.25,
        rank: 3,
    },
    Qualifier {
        words: &[
            "excl", "exclusive", "excluding", "excludes", "exc", "exkl", "ohne", "before", "ht", "hors", "htva",
            "netto", "net",
        ],
        becomes: Some(Label::Net),
        by: 0.0,
        rank: 4,
    },
    Qualifier {
        words: &[
            "tax", "taxes", "gst", "sst", "vat", "mwst", "ust", "tva", "btw", "steuer", "iva",
        ],
        becomes: Some(Label::Tax),
        by: 0.0,
        rank: 2,
    },
    Qualifier {
        words: &[
            "qty", "quantity", "item", "items", "discount", "disc", "saving", "savings", "saved", "points", "pcs",
            "point", "article", "articles", "artikel", "menge", "zuschlage", "abschlage", "rabatt", "qnty", "qtys",
            "unit", "units", "paid", "tendered", "tender", "pages", "seiten", "weight", "no", "line", "lines", "der",
            "tem", "tems",
        ],
        becomes: Some(Label::OtherAmount),
        by: 0.0,
        rank: 2,
    },
    Qualifier {
        words: &[
            "includes", "supply", "supplies", "leistungen",
        ],
        becomes: None,
        by: -0.2,
        rank: 2,
    },
    Qualifier {
        words: &[
            "payable", "due", "rounded", "round", "rounding", "after", "zahlen", "payer", "rounds", "rnd",
        ],
        becomes: None,
        by: 0.2,
        rank: 1,
    },
];

/// Label, strength, phrases. Phrases are compared without case, accents, spaces and punctuation.
#[rustfmt::skip]
const TABLE: &[(Label, f32, &[&str])] = &[
    // Amounts.
    (Label::Total, 1.0, &[
        "grand total", "betrag brutto", "montant total", "totaalbedrag", "totaal bedrag", "total a pagar",
        "totale documento", "totale da pagare", "importo totale", "gesamtrechnungsbetrag", "total amount",
        "invoice total", "total invoice amount", "total ttc", "montant ttc", "montant total ttc",
        "net amount payable", "rounded total", "total rounded", "total after rounding", "rechnungsbetrag",
        "gesamtbetrag", "gesamtbetrag brutto", "bruttobetrag", "bruttosumme", "brutto gesamt", "gesamt brutto",
        "gesamtsumme", "endbetrag", "endsumme", "rechnungssumme", "rechnungsendbetrag", "summe brutto",
        "rechnungsbetrag brutto", "gesamtpreis brutto", "rechnungsgesamtbetrag", "total general", "totaal",
        "totaal te betalen", "razem brutto", "wartosc brutto", "kwota brutto", "suma brutto", "totale fattura",
        "importe total", "total factura", "total amt payable", "total payable", "bill total", "total bill",
        "order total", "total price", "nett total", "total brutto", "total rm", "total myr", "amount total",
        "total gross", "gross total", "bruttowert", "bruttogesamtbetrag", "rounding total", "total round",
        "round total", "total montant ttc", "total a payer", "gesamt eur", "summe eur", "total eur",
        "gesamtbetrag eur", "zu zahlen eur", "rechnungsbetrag eur",
    ]),
    (Label::Total, 0.75, &[
        "total", "summe", "gesamt", "razem", "totale", "totaux", "ttc", "tota1", "t0tal", "gesamtpreis",
    ]),
    (Label::Total, 0.6, &[
        "gross amount", "betrag eur", "total sales", "total sale", "brutto", "jumlah", "suma", "ogolem", "bar total",
        "nett",
    ]),
    (Label::AmountDue, 0.8, &[
        "zahlbetrag", "montant du", "net a payer ttc", "totaal te voldoen", "te voldoen", "razem do zaplaty",
        "kwota do zaplaty", "summe zu zahlen", "zu uberweisen", "noch offen", "zu zahlen", "zu zahlender betrag",
        "zahlungsbetrag", "falliger betrag", "offener betrag", "amount due", "balance due", "total due",
        "amount payable", "net a payer", "reste a payer", "a payer", "restbetrag", "te betalen", "do zaplaty",
        "pozostaje do zaplaty", "amount to pay", "uberweisungsbetrag", "total amount due", "montant a payer",
        "total net a payer", "solde a payer", "noch zu zahlen",
    ]),
    (Label::Net, 0.9, &[
        "exclusief btw", "excl btw", "exkl mwst", "excl vat", "grondslag", "nettobetrag", "betrag netto",
        "totale imponibile", "total neto", "subtotal ht", "summe nettobetrage", "bedrag excl btw", "montant net ht",
        "nettosumme", "netto gesamt", "summe netto", "gesamt netto", "gesamtbetrag netto", "total ht", "montant ht",
        "montant total ht", "total hors taxe", "total hors tva", "total excl vat", "untaxed amount",
        "amount excl vat", "taxable amount", "total excl tax", "rechnungssumme ohne ust", "rechnungsbetrag netto",
        "gesamtnetto", "razem netto", "wartosc netto", "totaal excl btw", "subtotal excl vat", "total excluding gst",
        "base imponible", "imponibile", "netto", "netto warenwert", "nettowarenwert", "gesamtpreis netto",
        "nettowert", "total netto", "netto summe", "steuerbasisbetrag", "base ht", "base tva", "basisbetrag",
        "steuerbasis", "bemessungsgrundlage", "warenwert netto", "total before tax", "amount before tax",
        "nettogesamtbetrag", "net amount", "summe ohne mwst", "totaal exclusief btw", "taxable",
        "net invoice amount", "entgelt gesamt",
    ]),
    (Label::NetTotal, 0.8, &[
        "net total", "total net", "nett amount", "net amt", "nett amt",
    ]),
    (Label::Subtotal, 0.7, &[
        "sub total", "subtotaal", "sous total", "zwischensumme", "positionssumme", "subtotal", "warenwert",
        "suma czesciowa", "summe positionen", "sub tot", "total lines", "sub totai", "item total", "warensumme",
        "zwischentotal",
    ]),
    (Label::Tax, 0.9, &[
        "mwst betrag", "imposta", "totale iva", "importe iva", "cuota iva", "bedrag btw", "montant taxe",
        "enthaltene umsatzsteuer", "enthaltene mehrwertsteuer", "mwst", "mehrwertsteuer", "umsatzsteuer",
        "ust betrag", "steuerbetrag", "steuerbetrag in", "montant tva", "montant de la tva", "tva", "vat",
        "vat amount", "tax", "tax amount", "sales tax", "gst", "gst amount", "btw", "btw bedrag", "podatek vat",
        "kwota vat", "kwota podatku", "zzgl mwst", "inkl mwst", "enthaltene mwst", "iva", "service tax", "sst",
        "tax total", "gst payable", "gst amt", "tax amt", "tax rm", "gst rm", "gst tax", "summe mwst",
        "summe steuern", "gesamtbetrag mwst", "gesamtbetrag der umsatzsteuer", "ust", "mwst gesamt", "steuersumme",
        "taxes", "montant des taxes", "steuer", "summe umsatzsteuer", "zzgl ust", "zzgl umsatzsteuer",
        "zzgl mehrwertsteuer", "darin enthaltene mwst", "plus vat",
    ]),
    (Label::Prepaid, 0.8, &[
        "anzahlung", "erhaltene anzahlungen", "acompte", "deposit", "advance payment", "abschlagszahlung",
        "bereits gezahlt", "prepaid", "already paid", "geleistete anzahlungen", "zaplacono", "montant paye",
        "amount paid", "paid amount", "vorauszahlung", "total prepaid", "deja paye",
    ]),
    (Label::Cash, 0.8, &[
        "cash", "bar", "gegeben", "bargeld", "tunai", "cash paid", "amount tendered", "tendered", "tender",
        "payment", "paid", "visa", "master", "mastercard", "credit card", "card", "kartenzahlung", "ec karte",
        "girocard", "customers payment", "cash tendered", "cash received", "amount received", "bezahlt", "pay",
        "ec cash", "gotowka", "contant", "especes", "espece", "regle par espece", "regle par especes",
        "carte bancaire", "gegeben kreditkarte", "gegeben mastercard", "gegeben visa", "gegeben bar", "gegeben ec",
        "gegeben girocard", "elec cash", "edc master", "edc visa", "edc", "bayar", "received", "cash rm", "maestro",
        "debit", "kreditkarte", "visa card", "master card", "cash amount",
    ]),
    (Label::Change, 0.9, &[
        "change", "ruckgeld", "wechselgeld", "baki", "zuruck", "change due", "cash change", "balance", "reszta",
        "wisselgeld", "rendu monnaie", "total change", "change rm", "change amount", "gegeben zuruck", "ruckgabe",
    ]),
    (Label::OtherAmount, 0.9, &[
        "discount", "rabatt", "skonto", "remise", "qty", "quantity", "menge", "anzahl", "unit price", "einzelpreis",
        "stuckpreis", "preis pro einheit", "savings", "you saved", "points", "punkte", "service charge",
        "service charges", "svc chg", "gesamtbetrag der zuschlage", "korting", "gesamtbetrag der abschlage",
        "zuschlag", "abschlag", "versandkosten", "shipping", "fracht", "porto", "nettopreis", "bruttopreis", "ilosc",
        "cena", "p u ht", "prix unitaire", "disc", "tare", "capital de", "au capital de", "stammkapital",
        "indemnite forfaitaire", "summe zuschlage", "summe abschlage", "total discount", "total qty", "total items",
        "total item", "total quantity", "item count", "no of items", "number of items", "credit limit", "ust satz",
        "mwst satz", "steuersatz", "tva taux", "tax rate", "vat rate", "rate", "taux", "mwst prozent", "ust prozent",
        "stawka vat", "exchange rate", "wechselkurs", "artikelrabatt", "monthly", "minimum payment",
        "previous balance", "opening balance", "gst summary", "tax summary", "total saving", "total savings",
        "total paid", "total payment", "total received", "artikel", "pfand",
    ]),
    (Label::Rounding, 0.9, &[
        "rounding", "rounding adj", "rounding adjustment", "rundung", "round adj", "round off", "rounding diff",
        "rounding amount", "rouding adj", "rounding adjustments", "rundungsdifferenz", "arrondi", "afronding",
    ]),
    // Numbers.
    (Label::DocumentNumber, 1.0, &[
        "invoice no", "numero documento", "numero de documento", "n documento", "rechnungs id", "rechnungskennung",
        "nota nr", "notanummer", "faktura n", "facture numero", "invoice number", "invoice nr", "invoice num",
        "invoice id", "inv no", "tax invoice no", "rechnungsnummer", "rechnungs nr", "rechnung nr",
        "rechnung nummer", "rechnungsnr", "re nr", "rg nr", "belegnummer", "beleg nr", "belegnr", "rechnung no",
        "gutschrift nr", "gutschriftsnummer", "facture n", "facture no", "n facture", "no facture", "no de facture",
        "numero de facture", "numero facture", "n de facture", "avoir n", "avoir no", "n avoir", "factuurnummer",
        "factuur nr", "factuurnr", "faktura nr", "faktura vat nr", "numer faktury", "nr faktury", "faktura numer",
        "fattura n", "numero fattura", "fattura nr", "factura no", "factura n", "n factura", "numero de factura",
        "credit note no", "credit note number", "invoice ref", "handelsrechnung nr", "document number",
        "document no", "doc no", "doc number", "receipt no", "receipt number", "bill no", "bill number",
        "rechnungskorrektur nr", "korrekturrechnung nr", "handelsrechnung 380 nr", "teilrechnung nr",
        "schlussrechnung nr", "abschlagsrechnung nr", "stornorechnung nr", "bon nr", "bonnr", "dokument nr",
        "dokumentnummer", "quittung nr", "slip no", "trans no", "check no", "rcpt no", "cash bill no",
        "invoice reference",
    ]),
    (Label::DocumentNumber, 0.55, &[
        "invoice", "rechnung", "facture", "faktura", "faktura vat", "receipt", "beleg", "inv", "credit note",
        "gutschrift", "avoir", "factuur", "handelsrechnung", "fattura", "factura", "bill", "booking id",
        "booking no", "buchungsnummer", "rechnungskorrektur", "teilrechnung",
    ]),
    (Label::OtherNumber, 1.0, &[
        "kundennummer", "kunden nr", "kundennr", "customer no", "customer number", "customer id", "client no",
        "n client", "n de client", "order no", "order number", "bestellnummer", "bestell nr", "bestellung nr",
        "auftragsnummer", "auftrags nr", "auftrag nr", "po no", "po number", "purchase order", "lieferschein nr",
        "lieferscheinnummer", "lieferschein", "delivery note", "vertragsnummer", "vertrags nr", "contract no",
        "steuernummer", "steuer nr", "tax number", "tax no", "gst no", "gst id", "gst reg no", "reg no",
        "company no", "co reg no", "co no", "roc no", "tel", "telefon", "phone", "fax", "telefax", "mobil", "siret",
        "siren", "siren siret", "gln", "gtin", "ean", "hrb", "handelsregister", "blz", "konto nr", "kontonummer",
        "account no", "account number", "bic", "swift", "nip", "regon", "kvk", "kvk nr", "klantnummer", "nr klienta",
        "n bon de commande", "n de commande", "commande n", "facture associee", "n de facture associee",
        "no de facture associee", "reference", "referenz", "nr zamowienia", "zamowienie nr", "table no", "cashier",
        "terminal", "member no", "card no", "globale nummer", "artikel nr", "art nr", "item no", "projekt nr",
        "your reference", "ihre referenz", "po box", "postfach", "lieferanten nr", "lieferantennummer", "lief nr",
        "zahler nr", "zahlpunkt", "debitor nr", "mandatsreferenz", "page", "seite", "approval code", "batch no",
        "trace no", "kassen nr", "kasse", "bediener", "ta nr", "tse", "customer", "order", "n contrat",
        "n bon de livraison", "bon de livraison n", "n bon de vente", "n bon de reception", "n tva", "n siret",
        "mandats nr", "objekt nr", "glaubiger id", "glaubiger identifikationsnummer", "customer reference",
        "zur rechnung", "vorausgegangene rechnung", "ursprungsrechnung", "original invoice", "original invoice no",
        "invoice period", "invoice line", "stylesheet version", "version", "zugferd version", "codelisten version",
        "gst tax invoice", "handelsregisternummer", "registernummer", "bestellung", "auftrag", "vorgangsnummer",
        "vorgang", "uid nr", "rechnungsposition",
    ]),
    // Dates.
    (Label::DocumentDate, 1.0, &[
        "invoice date", "data documento", "date facturation", "date de facturation", "data faktury", "factuur datum",
        "fakturadatum", "rechnungsdatum und leistungsdatum", "date of invoice", "rechnungsdatum", "belegdatum",
        "beleg datum", "rechnung datum", "date de facture", "date facture", "date de la facture", "date d emission",
        "issue date", "date of issue", "date issued", "issued on", "ausstellungsdatum", "factuurdatum",
        "data wystawienia", "data fattura", "fecha factura", "fecha de factura", "bill date", "receipt date",
        "document date", "doc date", "invoice date and time", "inv date", "date of receipt", "rechnung vom",
        "tax point", "facture du", "fecha de emision", "gutschriftdatum", "credit note date", "invoiced on",
        "billing date", "dated", "kaufdatum", "rechnungsdat", "trans date", "transaction date", "date time",
        "tarikh", "date and time",
    ]),
    (Label::DocumentDate, 0.75, &[
        "date", "datum", "data", "fecha", "vom", "den", "le", "date du document", "dato", "bill dt", "dt",
    ]),
    (Label::DueDate, 1.0, &[
        "due date", "payment due", "due on", "pay by", "payable by", "date due", "fallig am", "fallig", "falligkeit",
        "falligkeitsdatum", "zahlbar bis", "zahlungsziel", "zu zahlen bis", "zahlung bis", "date d echeance",
        "echeance", "date echeance", "vervaldatum", "termin platnosci", "vencimiento", "fecha de vencimiento",
        "scadenza", "netto bis", "bis zum", "payment due date", "payable until", "spatestens", "zahlbar bis zum",
        "fallig zum", "due by", "te betalen voor", "uiterlijk", "a regler avant le", "falligkeit am",
        "tage netto bis", "ohne abzug bis",
    ]),
    (Label::OtherDate, 1.0, &[
        "lieferdatum", "leistungsdatum", "liefer und leistungsdatum", "lieferungsdatum", "liefertermin",
        "delivery date", "ship date", "shipping date", "bestelldatum", "bestellung vom", "order date",
        "auftragsdatum", "auftrag vom", "auftrag datum", "vertragsdatum", "date de livraison", "date livraison",
        "date de commande", "leverdatum", "besteldatum", "data sprzedazy", "data dostawy", "orderdatum",
        "leistungszeitraum", "abrechnungszeitraum", "service period", "period", "periode", "zeitraum",
        "date of birth", "geburtsdatum", "expiry date", "valid until", "gultig bis", "exp date", "print date",
        "printed", "printed on", "version", "stand", "skonto bis", "innerhalb", "lieferschein datum",
        "lieferscheindatum", "date de facture associee", "date de debut", "date de fin", "copyright",
        "gemass bestellung vom", "lieferung vom", "angebot vom", "check in", "check out", "arrival", "departure",
        "supply date", "behandlungsdatum", "date of supply", "dernier jour", "valid from", "expires", "start date",
        "end date", "liefer datum", "auftrag datum lief", "leistungs datum", "lieferschein vom", "mietzeitraum",
        "kauf vom", "nutzungszeitraum", "date range", "from date", "to date", "date de debut de prestation",
        "date de fin de prestation", "date debut", "date fin", "bestellung vom", "zur rechnung vom", "ab", "seit",
        "since", "effective", "gst reg date", "bestellt am", "geliefert am", "cheque date",
    ]),
    // Identifiers.
    (Label::VatId, 1.0, &[
        "ust id nr", "ust idnr", "ust id", "ustid", "ustidnr", "umsatzsteuer id",
        "umsatzsteuer identifikationsnummer", "umsatzsteuer idnr", "vat id", "vat no", "vat number", "vat reg no",
        "vat registration number", "vat registration no", "n tva", "no tva", "numero tva", "tva intracommunautaire",
        "n tva intracommunautaire", "tva intracom", "btw nr", "btw nummer", "btw id", "btw identificatienummer",
        "nip", "p iva", "partita iva", "nif", "cif", "uid", "uid nr", "mwst nr", "vat identification number",
        "vat reg", "vatin", "id tva", "vat", "tva", "btw", "ust ident nr", "ust identnr",
        "ust identifikationsnummer", "vat registration", "umsatzsteuer ident nr", "no de tva", "numero de tva",
    ]),
    (Label::Iban, 1.0, &[
        "iban", "verkaufer iban", "iban nr", "iban no", "account iban",
    ]),
    (Label::Currency, 1.0, &[
        "rechnungswahrung", "belegwahrung", "betrage in", "wahrung", "currency", "devise", "valuta", "waluta",
        "moneda", "monnaie", "invoice currency",
    ]),
    // Parties.
    (Label::Seller, 1.0, &[
        "verkaufer", "lieferant", "rechnungssteller", "leistungserbringer", "seller", "vendor", "supplier", "from",
        "vendeur", "fournisseur", "emetteur", "sprzedawca", "wystawca", "leverancier", "beneficiaire",
        "kontoinhaber", "account holder", "account name", "issued by", "absender", "zahlungsempfanger",
        "rechnungsaussteller", "payable to", "billed by", "sold by", "proveedor", "emisor", "fornitore", "cedente",
        "beneficiary", "name of account holder", "titulaire", "titulaire du compte", "inhaber", "company name",
    ]),
    (Label::Buyer, 1.0, &[
        "kaufer", "kunde", "rechnungsempfanger", "rechnungsadresse", "rechnungsanschrift", "leistungsempfanger",
        "empfanger", "bill to", "billed to", "invoice to", "invoiced to", "sold to", "buyer", "customer", "client",
        "acheteur", "destinataire", "adresse du client", "adresse client", "adresse de facturation", "nabywca",
        "klant", "factuuradres", "billing address", "cliente", "auftraggeber", "cessionario", "destinatario",
        "invoice address", "customer name", "customer address", "attention", "patient", "rechnung an",
        "kundenanschrift", "besteller", "debtor", "guest", "guest name", "facture a", "adresse facturation",
    ]),
    (Label::OtherParty, 1.0, &[
        "ship to", "shipped to", "deliver to", "delivery address", "shipping address", "lieferadresse",
        "lieferanschrift", "warenempfanger", "livraison", "adresse de livraison", "odbiorca", "afleveradres",
        "abweichender zahlungsempfanger", "steuervertreter", "lieferant/hersteller", "livre a", "lieferung an",
        "livraison adresse references", "versandadresse", "leistungsort", "abweichender warenempfanger",
    ]),
    (Label::Title, 1.0, &[
        "tax invoice", "simplified tax invoice", "kostenrechnung", "korrekturrechnung", "kassenbon", "kassenbeleg",
        "quittung", "bon", "cash bill", "cash receipt", "official receipt", "sales receipt", "schlussrechnung",
        "cash sales", "commercial invoice", "credit memo", "reisekostenabrechnung", "betriebskostenabrechnung",
        "original", "invoice copy", "kopie",
    ]),
];

/// Compacted phrase → its label and strength. A phrase that is listed twice keeps its first label.
pub fn phrases() -> &'static HashMap<String, (Label, f32)> {
    static PHRASES: LazyLock<HashMap<String, (Label, f32)>> = LazyLock::new(|| {
        let mut phrases = HashMap::new();
        for (label, strength, names) in TABLE {
            for name in *names {
                phrases.entry(compact(name)).or_insert((*label, *strength));
            }
        }
        phrases
    });
    &PHRASES
}

/// A phrase of the table, compacted.
#[derive(Debug, Clone, Copy)]
pub struct Phrase {
    pub text: &'static str,
    pub label: Label,
    pub strength: f32,
}

/// The phrases of a compacted length.
pub fn phrases_of_length(length: usize) -> &'static [Phrase] {
    static BY_LENGTH: LazyLock<Vec<Vec<Phrase>>> = LazyLock::new(|| {
        let mut by_length = vec![Vec::new(); MAX_PHRASE + 1];
        for (text, (label, strength)) in phrases() {
            if let Some(same) = by_length.get_mut(text.len()) {
                same.push(Phrase {
                    text,
                    label: *label,
                    strength: *strength,
                });
            }
        }
        by_length
    });
    BY_LENGTH.get(length).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_fit_the_longest_length() {
        for phrase in phrases().keys() {
            assert!(!phrase.is_empty(), "{phrase}");
        }
        let longest = phrases().keys().map(String::len).max();
        assert_eq!(longest, Some(MAX_PHRASE));
    }
}
