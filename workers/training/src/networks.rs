//! Environment of the child processes in which networks are trained and judged.

use kit::{Access, Tools};
use settings::Settings;

pub struct Networks;

impl Tools for Networks {
    fn warm(_: &Settings) -> Result<Self, String> {
        Ok(Networks)
    }

    fn needs(_: &Settings) -> Access {
        Access {
            // Torch generates machine code for the processor at run time.
            makes_code: true,
            ..Access::default()
        }
    }
}
