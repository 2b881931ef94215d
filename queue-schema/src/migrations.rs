//! The schema's history, oldest first. Applied by the broker, under a lock, by whichever process comes first.

/// `V<number>__<name>` and the statements.
pub const ALL: &[(&str, &str)] = &[
    ("V1__tasks", include_str!("../migrations/V1__tasks.sql")),
    ("V2__documents", include_str!("../migrations/V2__documents.sql")),
    ("V3__operator", include_str!("../migrations/V3__operator.sql")),
    ("V4__access", include_str!("../migrations/V4__access.sql")),
    ("V5__attempt_said", include_str!("../migrations/V5__attempt_said.sql")),
];

/// The version that this build works with.
pub fn newest() -> i32 {
    ALL.len() as i32
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbered_without_a_gap() {
        for (i, (name, sql)) in super::ALL.iter().enumerate() {
            assert!(name.starts_with(&format!("V{}__", i + 1)) && !sql.is_empty(), "{name}");
        }
    }
}
