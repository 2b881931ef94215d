//! Which run gives way to a waiting task. A task of many steps, such as the pages of a scan, can stop between two steps: its
//! results so far are kept, and the rest becomes a new task.

use broker::NextInLine;
use uuid::Uuid;

/// What the choice needs to know about a run.
#[derive(Debug, Clone, Copy)]
pub struct Running {
    pub token: Uuid,
    pub document: Option<Uuid>,
    pub urgent: bool,
    /// Includes the current step. 0 if the run has not reported its steps, or cannot give way.
    pub steps_left: u32,
    /// Whether it has already been asked to give way.
    pub asked: bool,
}

impl Running {
    /// Whether it was not asked yet, and has steps left after the current one.
    pub fn can_give_way(&self) -> bool {
        self.steps_left > 1 && !self.asked
    }

    /// Whether the run yields to the next task: an urgent task goes first, then the one with fewer steps.
    fn yields_to(&self, next: &NextInLine) -> bool {
        let another = self.document.is_none() || self.document != next.document;
        another
            && self.can_give_way()
            && match (next.urgent, self.urgent) {
                (true, false) => true,
                (false, true) => false,
                _ => next.steps < self.steps_left,
            }
    }
}

/// The run with the most steps left among those that yield. `None` while a run that was asked has not ended yet: one slot is
/// enough for the waiting task.
pub fn who_gives_way(next: &NextInLine, running: &[Running]) -> Option<Uuid> {
    if running.iter().any(|run| run.asked) {
        return None;
    }
    let yielding = running.iter().filter(|run| run.yields_to(next));
    yielding.max_by_key(|run| run.steps_left).map(|run| run.token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(steps_left: u32) -> Running {
        Running {
            token: Uuid::new_v4(),
            document: Some(Uuid::new_v4()),
            urgent: false,
            steps_left,
            asked: false,
        }
    }

    fn waiting(steps: u32) -> NextInLine {
        NextInLine {
            urgent: false,
            document: Some(Uuid::new_v4()),
            steps,
        }
    }

    #[test]
    fn the_longest_run_gives_way_to_who_is_shorter() {
        let runs = [run(3), run(9), run(1)];
        assert_eq!(who_gives_way(&waiting(1), &runs), Some(runs[1].token));
        assert_eq!(who_gives_way(&waiting(8), &runs), Some(runs[1].token));
        assert_eq!(who_gives_way(&waiting(9), &runs), None, "as long itself");
        assert_eq!(
            who_gives_way(&waiting(1), &[run(1), run(0)]),
            None,
            "nothing would be left"
        );
    }

    #[test]
    fn urgency_comes_before_length() {
        let urgent_run = Running { urgent: true, ..run(9) };
        let urgent_wait = NextInLine {
            urgent: true,
            ..waiting(50)
        };
        assert_eq!(who_gives_way(&waiting(1), &[urgent_run]), None);
        let runs = [urgent_run, run(2)];
        assert_eq!(who_gives_way(&urgent_wait, &runs), Some(runs[1].token));
    }

    #[test]
    fn a_document_does_not_give_way_to_itself_and_one_run_is_enough() {
        let busy = run(9);
        let own = NextInLine {
            document: busy.document,
            ..waiting(1)
        };
        assert_eq!(who_gives_way(&own, &[busy]), None);
        let asked = Running { asked: true, ..run(9) };
        assert_eq!(who_gives_way(&waiting(1), &[asked, busy]), None);
    }
}
