//! The starter classifier on documents it was not made from.

use models::{Classifier, LinearClassifier, STARTER_CATEGORIES, starter_classifier, text_page};
use queue_schema::document::{Category, Source};

fn starter() -> LinearClassifier {
    starter_classifier().expect("the built-in model loads")
}

fn category(text: &str) -> Category {
    starter().classify(&[text_page(text)])
}

const INVOICE: &str = "Nordwind Elektrotechnik GmbH · Hafenstraße 12 · 20457 Hamburg\nFrau Ines Petersen\nAm Deich 4\n\
    25980 Sylt\nRechnung Nr. 2024-0817\nRechnungsdatum 14.08.2024\nKundennummer 10442\nPos. Bezeichnung Menge Einzelpreis Gesamt\n\
    1 Wallbox 11 kW 1 649,00 649,00\n2 Montage 3,5 72,00 252,00\nNettobetrag 901,00 EUR\nzzgl. 19 % MwSt. 171,19 EUR\n\
    Gesamtbetrag 1.072,19 EUR\nBitte überweisen Sie den Betrag bis zum 28.08.2024\nIBAN DE02 1203 0000 0000 2020 51";

const RECEIPT: &str = "HILLTOP GROCERY\n88 Elm Street\nTel 555-0134\n03/02/2024 17:42 Reg 4\nCashier: Dana\nOAT MILK 3.49\n\
    SOURDOUGH 4.25\n2 x LEMON 0.60 1.20\nSUBTOTAL 8.94\nTAX 0.72\nTOTAL 9.66\nCASH 10.00\nCHANGE 0.34\nTHANK YOU, COME AGAIN";

const RECEIPT_DE: &str = "Bäckerei Sonnenschein\nLindenallee 3\n50667 Köln\n2 x Roggenbrötchen 1,10 2,20 B\nLatte Macchiato 3,40 A\n\
    SUMME EUR 5,60\nBAR 10,00\nRückgeld 4,40\nA 19% 2,86 0,54 3,40\nB 7% 2,06 0,14 2,20\n12.05.2024 08:14 Bon 4471\n\
    Vielen Dank für Ihren Besuch";

const LETTER: &str = "Margaret Holloway\n17 Cedar Close\nNorwich\n4 May 2021\nDear Mr Pemberton,\nThank you for your letter of 20 April \
    about the footpath behind our garden.\nI have spoken with the neighbours and we would be glad to meet you there next week.\n\
    Please let me know which day suits you.\nYours sincerely,\nMargaret Holloway";

const LETTER_DE: &str = "Stadtwerke Auental\nHerrn Jonas Brandt\nFeldweg 9\n36037 Fulda\n3. März 2023\nUmstellung Ihres Zählers\n\
    Sehr geehrter Herr Brandt,\nwir möchten Sie darüber informieren, dass unser Monteur Sie im April besuchen wird.\n\
    Bitte vereinbaren Sie einen Termin mit unserem Kundenservice.\nMit freundlichen Grüßen\nClara Vogt";

const CONTRACT: &str = "SOFTWARE ESCROW AGREEMENT\nThis Agreement is entered into by and between Kestrel Labs Ltd. (the \"Depositor\") and \
    Harbour Trust plc (the \"Agent\").\n1. The Depositor shall deliver the source code to the Agent within ten days.\n2. Either party may \
    terminate this Agreement upon sixty days written notice.\n3. This Agreement shall be governed by the laws of Ireland.\n\
    IN WITNESS WHEREOF, the parties have executed this Agreement.";

const CONTRACT_DE: &str = "Pachtvertrag\nzwischen Herrn Otto Lindner, nachfolgend Verpächter genannt, und der Obsthof Meier GbR, nachfolgend \
    Pächter genannt, wird folgender Vertrag geschlossen:\n§ 1 Der Verpächter verpachtet dem Pächter die Streuobstwiese.\n\
    § 2 Der Vertrag beginnt am 1. Januar 2024 und kann mit einer Frist von sechs Monaten gekündigt werden.\n\
    § 3 Änderungen dieses Vertrages bedürfen der Schriftform. Gerichtsstand ist Ravensburg.";

const FORM: &str = "LIBRARY CARD APPLICATION\nPlease print\nLast name: ____________ First name: ____________\nDate of birth: ________\n\
    Address: ____________________\nTelephone: __________ E-mail: ____________\n☐ Adult ☐ Student ☐ Senior\n\
    Signature: ____________ Date: ________\nFOR OFFICE USE ONLY\nCard No.: ______";

const FORM_DE: &str = "Anmeldung zum Schwimmkurs\nBitte in Druckbuchstaben ausfüllen\nName, Vorname: ______________\nGeburtsdatum: ________\n\
    Straße, Hausnummer: ______________\nPLZ, Ort: ______________\nTelefon: ________\n☐ Anfänger ☐ Fortgeschrittene\n\
    Ort, Datum ________ Unterschrift ______________";

const NEWS: &str = "Rare orchid returns to coastal marsh after forty years\nBotanists counted more than two hundred plants last weekend, a \
    spokesman for the county trust said on Monday.\nThe species had not been seen since a storm flooded the reserve. Researchers believe that \
    seeds survived deep in the mud and that the warmer spring helped them.\nThe council will decide in autumn whether to close the path.";

#[test]
fn names_documents_of_two_languages() {
    let documents = [
        ("invoice", INVOICE),
        ("receipt", RECEIPT),
        ("receipt", RECEIPT_DE),
        ("letter", LETTER),
        ("letter", LETTER_DE),
        ("contract", CONTRACT),
        ("contract", CONTRACT_DE),
        ("form", FORM),
        ("form", FORM_DE),
        ("other", NEWS),
    ];
    for (truth, text) in documents {
        let answer = category(text);
        assert_eq!(answer.name, truth, "{answer:?} for {text:.60}");
        assert_eq!(answer.source, Source::Model);
        assert!(
            answer.confidence > 0.5 && answer.confidence <= 1.0,
            "{answer:?} for {text:.60}"
        );
    }
}

#[test]
fn says_other_and_unsure_where_there_is_nothing_to_read() {
    for text in ["", "   \n\n", "7", "Rechnung"] {
        let answer = category(text);
        assert_eq!(answer.name, "other", "{text:?}");
        assert!(answer.confidence < 0.3, "{answer:?} for {text:?}");
    }
    assert_eq!(starter().classify(&[]).name, "other");
}

#[test]
fn is_unsure_of_a_language_it_never_learnt() {
    let answer =
        category("Θα θέλαμε να σας ενημερώσουμε για το πρόγραμμα του επόμενου μήνα στη βιβλιοθήκη της πόλης μας");
    assert!(answer.confidence < 0.6, "{answer:?}");
}

#[test]
fn knows_its_labels_and_carries_its_figures() {
    let starter = starter();
    assert_eq!(starter.labels(), STARTER_CATEGORIES);
    assert!(
        starter.figures().documents > 1000 && starter.figures().accuracy > 0.9,
        "{:?}",
        starter.figures()
    );
    let pages = [text_page(INVOICE), text_page(LETTER)];
    let sum: f32 = starter.probabilities(&pages).iter().sum();
    assert!((sum - 1.0).abs() < 1e-4);
}

#[test]
fn a_flood_of_words_is_read_only_as_far_as_settled() {
    let flood = "contract ".repeat(2_000_000);
    assert!(category(&flood).confidence.is_finite());
}
