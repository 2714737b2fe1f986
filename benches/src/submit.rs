//! Sends one prepared request after the other on one connection and finds the refusals in the answers.

use crate::{
    Connection, Endpoint, HttpError,
    rpc::{Refusal, parse_refusals},
    workload::Batch,
};
use memchr::memmem::Finder;
use serde_json::value::RawValue;
use std::{collections::BTreeMap, time::Duration};

/// Longer than any healthy answer, shorter than a human's patience.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How often each error message came.
pub type Errors = BTreeMap<String, usize>;

/// What became of one request.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The node took every transaction.
    Accepted,
    /// The node refused the transactions with these indices in the workload, in ascending order.
    Refused(Vec<usize>),
}

/// One connection that reconnects when it must, and counts what goes wrong.
#[derive(Debug)]
pub struct Submitter {
    endpoint: Endpoint,
    connection: Option<Connection>,
    error_mark: Finder<'static>,
    /// Refusals and broken connections by message.
    pub errors: Errors,
}

impl Submitter {
    /// Connects on the first request.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            connection: None,
            error_mark: Finder::new(b"\"error\""),
            errors: Errors::new(),
        }
    }

    /// Opens the connection now, so that the first request does not pay for it.
    pub fn connect(&mut self) -> Result<(), HttpError> {
        self.connection = Some(Connection::open(&self.endpoint, TIMEOUT)?);
        Ok(())
    }

    /// Sends `body` and returns the answer's body; `None` after a broken connection, which is counted.
    pub fn exchange(&mut self, body: &[u8]) -> Option<&[u8]> {
        if self.connection.is_none()
            && let Err(error) = self.connect()
        {
            self.count(error.to_string());
            return None;
        }
        let sent = self.connection.as_mut()?.exchange(body).map(|_| ());
        if let Err(error) = sent {
            self.connection = None;
            self.count(error.to_string());
            return None;
        }
        self.connection.as_ref().map(Connection::body)
    }

    /// Sends the transactions of `batch` for which `wanted` holds, or all when it is `None`.
    pub fn send(&mut self, batch: &Batch, wanted: Option<&[usize]>) -> Outcome {
        let all = || match wanted {
            Some(indices) => indices.to_vec(),
            None => (batch.first..batch.first + batch.length).collect(),
        };
        let part = wanted.map(|indices| select(batch, indices));
        let mark = self.error_mark.clone();
        let Some(answer) = self.exchange(part.as_deref().unwrap_or(&batch.body)) else {
            return Outcome::Refused(all());
        };
        // The common answer holds no error, and looking for the word is all that it costs.
        if mark.find(answer).is_none() {
            return Outcome::Accepted;
        }
        let refusals = match parse_refusals(answer) {
            Ok(refusals) => refusals,
            Err(error) => {
                self.count(error.to_string());
                return Outcome::Refused(all());
            }
        };
        let mut refused = Vec::new();
        for (id, refusal) in refusals {
            if is_duplicate(&refusal) {
                continue;
            }
            match id {
                Some(id) if batch.length > 1 || id == batch.first as u64 => {
                    refused.push(id as usize)
                }
                _ => refused.extend(all()),
            }
            self.count(refusal.to_string());
        }
        refused.sort_unstable();
        refused.dedup();
        if refused.is_empty() {
            Outcome::Accepted
        } else {
            Outcome::Refused(refused)
        }
    }

    /// Counts an error under its message, without the digits that would make every message its own.
    pub fn count(&mut self, message: String) {
        let mut shape = String::with_capacity(message.len());
        for character in message.chars().take(160) {
            let masked = if character.is_ascii_digit() {
                '#'
            } else {
                character
            };
            if !(masked == '#' && shape.ends_with('#')) {
                shape.push(masked);
            }
        }
        *self.errors.entry(shape).or_default() += 1;
    }
}

/// Adds `more` to `errors`.
pub fn merge_errors(errors: &mut Errors, more: Errors) {
    for (message, count) in more {
        *errors.entry(message).or_default() += count;
    }
}

/// After a broken connection the same transactions are sent again, and those that had arrived are already there.
fn is_duplicate(refusal: &Refusal) -> bool {
    let message = refusal.message.to_ascii_lowercase();
    [
        "already known",
        "already imported",
        "already in",
        "nonce too low",
    ]
    .iter()
    .any(|known| message.contains(known))
}

/// The entries of `batch` with the given indices, as a batch.
fn select(batch: &Batch, indices: &[usize]) -> Vec<u8> {
    let entries: Vec<&RawValue> = match batch.length {
        1 => return batch.body.clone(),
        _ => serde_json::from_slice(&batch.body).expect("the body was serialised here"),
    };
    let chosen: Vec<&str> = indices
        .iter()
        .filter_map(|index| Some(entries.get(index.checked_sub(batch.first)?)?.get()))
        .collect();
    format!("[{}]", chosen.join(",")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_batch_holds_the_chosen_entries() {
        let batch = Batch {
            body: br#"[{"id":7},{"id":8},{"id":9}]"#.to_vec(),
            first: 7,
            length: 3,
        };
        assert_eq!(select(&batch, &[7, 9]), br#"[{"id":7},{"id":9}]"#);
    }

    #[test]
    fn messages_that_differ_in_numbers_count_as_one() {
        let mut submitter = Submitter::new(Endpoint::local(1));
        submitter.count("nonce 41 too high".to_owned());
        submitter.count("nonce 7 too high".to_owned());
        assert_eq!(
            submitter.errors,
            Errors::from([("nonce # too high".to_owned(), 2)])
        );
    }

    #[test]
    fn an_unreachable_node_refuses_everything() {
        let mut submitter = Submitter::new(Endpoint::local(1));
        let batch = Batch {
            body: b"[]".to_vec(),
            first: 3,
            length: 2,
        };
        assert_eq!(submitter.send(&batch, None), Outcome::Refused(vec![3, 4]));
        assert_eq!(
            submitter.send(&batch, Some(&[4])),
            Outcome::Refused(vec![4])
        );
    }
}
