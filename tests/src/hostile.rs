/// Files of the data sets `hostile` and `hostile_made` that must fail, and the expected error code of each.
pub const REFUSED: &[(&str, &str)] = &[
    ("pdfminersix__aes-128.pdf", "encrypted_pdf"),
    ("qpdf__issue-148.pdf", "unsupported_type"),
    ("pikepdf__378014596.pdf", "no_pages"),
    ("pages_10000.pdf", "too_many_pages"),
    ("png_bomb_60000x60000_1bit.png", "page_too_large"),
    ("flate_bomb_1GiB.pdf", "page_too_large"),
    ("zero_bytes.pdf", "empty_file"),
];
