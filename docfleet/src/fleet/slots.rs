//! Slots of each worker in a one-machine fleet: how many tasks it runs at once.

use queue_schema::{WORKERS, Worker};
use std::collections::BTreeMap;
use std::str::FromStr;

/// `ocr=2,extract=1`: slots by worker. Workers not named get as many as this machine can take. 0 disables a worker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots(BTreeMap<&'static str, u32>);

impl Slots {
    /// Every worker with its slots.
    pub fn on(&self, cores: u32) -> impl Iterator<Item = (&'static Worker, u32)> {
        WORKERS.iter().map(move |worker| {
            let usual = if worker.fills_a_core { cores } else { 1 };
            (worker, self.0.get(worker.name).copied().unwrap_or(usual))
        })
    }
}

impl FromStr for Slots {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut slots = BTreeMap::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, count) = part
                .split_once('=')
                .ok_or_else(|| format!("{part:?} is not of the form worker=slots"))?;
            let name = name.trim();
            let known = WORKERS.iter().map(|worker| worker.name);
            let name = known.clone().find(|known| *known == name).ok_or_else(|| {
                format!(
                    "there is no worker {name:?}; there are {}",
                    known.collect::<Vec<_>>().join(", ")
                )
            })?;
            let count = count
                .trim()
                .parse()
                .map_err(|_| format!("{part:?}: slots are a whole number"))?;
            slots.insert(name, count);
        }
        Ok(Slots(slots))
    }
}

impl std::fmt::Display for Slots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, (name, count)) in self.0.iter().enumerate() {
            write!(f, "{}{name}={count}", if i > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_gets_its_usual_slots() {
        let slots: Slots = "extract=3, training=0".parse().unwrap();
        let all: Vec<_> = slots.on(4).map(|(worker, slots)| (worker.name, slots)).collect();
        assert_eq!(
            all,
            [
                ("ocr", 4),
                ("categorize", 1),
                ("extract", 3),
                ("finalize", 1),
                ("training", 0)
            ]
        );
        assert_eq!(slots.to_string().parse::<Slots>().unwrap(), slots);
    }

    #[test]
    fn mistakes_are_explained() {
        for (text, said) in [
            ("ocr", "worker=slots"),
            ("orc=1", "there is no worker"),
            ("ocr=-1", "whole number"),
        ] {
            assert!(text.parse::<Slots>().unwrap_err().contains(said), "{text}");
        }
    }
}
