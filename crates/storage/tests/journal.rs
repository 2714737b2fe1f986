//! The pool's journal.

use openledger_storage::Journal;
use std::fs;

fn entries(n: u8) -> Vec<Vec<u8>> {
    (0..n).map(|i| vec![i; usize::from(i) * 3]).collect()
}

#[test]
fn transactions_come_back_until_they_are_rewritten() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pool").join("journal");
    let (mut journal, recovered) = Journal::open(&path).unwrap();
    assert!(recovered.entries.is_empty());
    journal.append(&entries(5)[0]).unwrap();
    journal.append_all(&entries(5)[1..]).unwrap();
    drop(journal);
    let (mut journal, recovered) = Journal::open(&path).unwrap();
    assert_eq!(recovered.entries, entries(5));
    assert_eq!(recovered.damaged, 0);
    let size = journal.size();
    journal.rewrite(&entries(5)[3..]).unwrap();
    assert!(journal.size() < size);
    journal.append(b"more").unwrap();
    drop(journal);
    let (_, recovered) = Journal::open(&path).unwrap();
    assert_eq!(
        recovered.entries,
        [&entries(5)[3..], &[b"more".to_vec()]].concat()
    );
}

#[test]
fn every_prefix_recovers_whole_transactions_and_can_be_appended_to() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let (mut journal, _) = Journal::open(&path).unwrap();
    let mut ends = vec![0];
    for entry in entries(8) {
        journal.append(&entry).unwrap();
        ends.push(journal.size());
    }
    drop(journal);
    let bytes = fs::read(&path).unwrap();
    for len in 0..=bytes.len() {
        fs::write(&path, &bytes[..len]).unwrap();
        let whole = ends.iter().filter(|end| **end <= len as u64).count() - 1;
        let (mut journal, recovered) = Journal::open(&path).unwrap();
        assert_eq!(recovered.entries, entries(8)[..whole]);
        assert_eq!(recovered.damaged, len as u64 - ends[whole]);
        journal.append(b"next").unwrap();
        let (_, recovered) = Journal::open(&path).unwrap();
        assert_eq!(recovered.entries.last().unwrap().as_ref(), b"next");
        assert_eq!((recovered.entries.len(), recovered.damaged), (whole + 1, 0));
    }
}

#[test]
fn damage_costs_only_what_is_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal.append_all(entries(8)).unwrap();
    drop(journal);
    let bytes = fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        fs::write(&path, &damaged).unwrap();
        let (_, recovered) = Journal::open(&path).unwrap();
        assert_eq!(recovered.entries.len(), 7);
        assert!(
            recovered
                .entries
                .iter()
                .all(|entry| entries(8).contains(&entry.to_vec()))
        );
    }
}
