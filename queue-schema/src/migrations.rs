//! The migrations of the database schema, oldest first. The broker applies them, under a lock, in the first process that
//! connects.

/// Name (`V<number>__<name>`) and SQL statements of each migration.
pub const ALL: &[(&str, &str)] = &[
    ("V1__tasks", include_str!("../migrations/V1__tasks.sql")),
    ("V2__documents", include_str!("../migrations/V2__documents.sql")),
    ("V3__operator", include_str!("../migrations/V3__operator.sql")),
    ("V4__access", include_str!("../migrations/V4__access.sql")),
    ("V5__attempt_said", include_str!("../migrations/V5__attempt_said.sql")),
    ("V6__trace", include_str!("../migrations/V6__trace.sql")),
    ("V7__grace", include_str!("../migrations/V7__grace.sql")),
    ("V8__sandbox_state", include_str!("../migrations/V8__sandbox_state.sql")),
    ("V9__ownership", include_str!("../migrations/V9__ownership.sql")),
    ("V10__corrections", include_str!("../migrations/V10__corrections.sql")),
    ("V11__room", include_str!("../migrations/V11__room.sql")),
    ("V12__page_images", include_str!("../migrations/V12__page_images.sql")),
    (
        "V13__pages_per_task",
        include_str!("../migrations/V13__pages_per_task.sql"),
    ),
];

/// The schema version that this build works with.
pub fn newest() -> i32 {
    ALL.last().and_then(|(name, _)| number(name)).unwrap_or_default()
}

fn number(name: &str) -> Option<i32> {
    name.strip_prefix('V')?.split_once("__")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_upwards() {
        let numbers: Vec<i32> = ALL.iter().map(|(name, _)| number(name).expect(name)).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        assert_eq!(numbers.last(), Some(&newest()));
        assert!(ALL.iter().all(|(_, sql)| !sql.is_empty()));
    }
}
