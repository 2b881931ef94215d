/// Tracks whether something works, so that an outage is logged once when it begins and once when it ends, not at every attempt.
#[derive(Debug, Default)]
pub struct Outage {
    lasts: bool,
}

impl Outage {
    /// To be called at every failure. `true`: this is the first one.
    pub fn begins(&mut self) -> bool {
        !std::mem::replace(&mut self.lasts, true)
    }

    /// To be called at every success. `true`: this is the first one after a failure.
    pub fn ends(&mut self) -> bool {
        std::mem::take(&mut self.lasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_once_at_either_end() {
        let mut outage = Outage::default();
        assert!(!outage.ends());
        assert_eq!([outage.begins(), outage.begins()], [true, false]);
        assert_eq!([outage.ends(), outage.ends()], [true, false]);
        assert!(outage.begins());
    }
}
