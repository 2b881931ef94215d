//! What the worker's children are: processes in which networks learn and are judged.

use kit::{Access, Tools};
use settings::Settings;

pub struct Networks;

impl Tools for Networks {
    fn warm(_: &Settings) -> Result<Self, String> {
        Ok(Networks)
    }

    fn needs(_: &Settings) -> Access {
        Access {
            // Torch compiles for the processor that it finds.
            makes_code: true,
            ..Access::default()
        }
    }
}
