//! The state machine of the log: which record may follow which.

use super::record::Step;

/// Where the log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogState {
    /// The last sealed block; `None` when the log begins after its seal.
    pub sealed: Option<u64>,
    /// A block that is complete but for its seal, while the next one is open already.
    pub sealing: Option<u64>,
    /// The open block and the number of its transactions so far, forced ones included.
    pub open: Option<(u64, u64)>,
}

impl LogState {
    /// The highest block of which the log knows.
    pub fn top(&self) -> Option<u64> {
        self.open
            .map(|(number, _)| number)
            .or(self.sealing)
            .or(self.sealed)
    }

    /// The state after a record, or what could have stood in its place.
    pub(crate) fn after(mut self, step: Step) -> Result<Self, String> {
        match step {
            Step::Start { number, forced } => {
                match (self.top(), self.open, self.sealing) {
                    (_, Some(_), Some(sealing)) => {
                        return Err(format!("the seal of block {sealing}"));
                    }
                    (Some(top), ..) if top.checked_add(1) != Some(number) => {
                        return Err(self.expected());
                    }
                    (_, Some((open, _)), None) => self.sealing = Some(open),
                    _ => {}
                }
                self.open = Some((number, forced as u64));
            }
            Step::Group {
                number,
                first,
                count,
            } => match &mut self.open {
                Some((open, have)) if *open == number && *have == u64::from(first) && count > 0 => {
                    *have += count as u64;
                }
                _ => return Err(self.expected()),
            },
            Step::Seal { number } => match (self.sealing, self.open) {
                (Some(sealing), _) if sealing == number => {
                    self.sealed = Some(number);
                    self.sealing = None;
                }
                (None, Some((open, _))) if open == number => {
                    self.sealed = Some(number);
                    self.open = None;
                }
                // The log's first segment may begin between a block's last group and its seal.
                (None, Some((open, _)))
                    if self.sealed.is_none() && number.checked_add(1) == Some(open) =>
                {
                    self.sealed = Some(number);
                }
                _ => return Err(self.expected()),
            },
            Step::Retract { number } => {
                let Some(last_left) = number.checked_sub(1) else {
                    return Err(self.expected());
                };
                if self.top().is_some_and(|top| number > top) {
                    return Err(self.expected());
                }
                self.open = self.open.filter(|(open, _)| *open < number);
                self.sealing = self.sealing.filter(|sealing| *sealing < number);
                if self.sealing.is_none() {
                    self.sealed = Some(last_left);
                }
            }
        }
        Ok(self)
    }

    fn expected(&self) -> String {
        let mut options = Vec::new();
        match (self.open, self.sealing) {
            (Some((open, have)), sealing) => {
                options.push(format!("a group of block {open} from index {have}"));
                options.push(format!("the seal of block {}", sealing.unwrap_or(open)));
                if sealing.is_none() {
                    options.push(format!("the start of block {}", open.saturating_add(1)));
                }
            }
            (None, Some(sealing)) => {
                options.push(format!("the seal of block {sealing}"));
                options.push(format!("the start of block {}", sealing.saturating_add(1)));
            }
            (None, None) => match self.sealed {
                Some(sealed) => {
                    options.push(format!("the start of block {}", sealed.saturating_add(1)))
                }
                None => options.push("the start of a block".into()),
            },
        }
        match self.top() {
            Some(top) => options.push(format!("a retraction of a block from 1 to {top}")),
            None => options.push("a retraction".into()),
        }
        options.join(", or ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(number: u64) -> Step {
        Step::Start { number, forced: 1 }
    }

    fn group(number: u64, first: u32) -> Step {
        Step::Group {
            number,
            first,
            count: 2,
        }
    }

    fn seal(number: u64) -> Step {
        Step::Seal { number }
    }

    fn retract(number: u64) -> Step {
        Step::Retract { number }
    }

    /// Runs the steps; `Err` holds the index of the step that was refused.
    fn run(steps: &[Step]) -> Result<LogState, usize> {
        let mut state = LogState::default();
        for (i, step) in steps.iter().enumerate() {
            state = state.after(*step).map_err(|_| i)?;
        }
        Ok(state)
    }

    #[test]
    fn legal_sequences_are_accepted() {
        let check = |steps: &[Step], sealed, sealing, open| {
            assert_eq!(
                run(steps),
                Ok(LogState {
                    sealed,
                    sealing,
                    open
                }),
                "{steps:?}"
            );
        };
        check(&[], None, None, None);
        check(&[start(5)], None, None, Some((5, 1)));
        check(
            &[start(5), group(5, 1), group(5, 3)],
            None,
            None,
            Some((5, 5)),
        );
        check(&[start(5), seal(5)], Some(5), None, None);
        check(&[start(5), seal(5), start(6), seal(6)], Some(6), None, None);
        check(
            &[start(5), group(5, 1), start(6)],
            None,
            Some(5),
            Some((6, 1)),
        );
        check(
            &[start(5), start(6), group(6, 1), seal(5)],
            Some(5),
            None,
            Some((6, 3)),
        );
        check(
            &[start(5), start(6), seal(5), start(7), seal(6)],
            Some(6),
            None,
            Some((7, 1)),
        );
        // The first segments were removed between Start(5) and Seal(5).
        check(&[start(6), seal(5)], Some(5), None, Some((6, 1)));
        // Retractions.
        check(&[retract(7)], Some(6), None, None);
        check(&[start(5), retract(5)], Some(4), None, None);
        check(
            &[start(5), retract(3), start(3)],
            Some(2),
            None,
            Some((3, 1)),
        );
        check(
            &[start(5), seal(5), start(6), retract(5)],
            Some(4),
            None,
            None,
        );
        check(&[start(5), start(6), retract(6)], None, Some(5), None);
        check(
            &[start(5), start(6), retract(6), start(6), seal(5)],
            Some(5),
            None,
            Some((6, 1)),
        );
        check(
            &[start(5), start(6), retract(5), start(5)],
            Some(4),
            None,
            Some((5, 1)),
        );
    }

    #[test]
    fn everything_else_is_refused() {
        let check = |steps: &[Step]| assert_eq!(run(steps), Err(steps.len() - 1), "{steps:?}");
        check(&[group(5, 0)]);
        check(&[seal(5)]);
        check(&[retract(0)]);
        check(&[start(5), start(7)]);
        check(&[start(5), start(5)]);
        check(&[start(5), group(5, 0)]);
        check(&[start(5), group(5, 2)]);
        check(&[start(5), group(6, 1)]);
        check(&[
            start(5),
            Step::Group {
                number: 5,
                first: 1,
                count: 0,
            },
        ]);
        check(&[start(5), seal(6)]);
        check(&[start(5), seal(3)]);
        check(&[start(5), seal(5), group(5, 1)]);
        check(&[start(5), seal(5), seal(5)]);
        check(&[start(5), seal(5), seal(4)]);
        check(&[start(5), start(6), group(5, 1)]);
        check(&[start(5), start(6), seal(6)]);
        check(&[start(5), start(6), start(7)]);
        check(&[start(5), retract(6)]);
        check(&[start(5), seal(5), retract(6)]);
        check(&[start(5), start(6), retract(6), group(5, 1)]);
        check(&[start(6), seal(5), seal(5)]);
    }
}
