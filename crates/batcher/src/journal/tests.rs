use super::*;
use crate::{BlockRange, Channel, CloseReason, DaKind, Piece};
use openledger_primitives::BlockRef;
use proptest::prelude::*;

fn channel(seq: u64, data: Vec<u8>) -> Record {
    Record::Channel {
        seq,
        channel: Channel {
            id: ChannelId([seq as u8; 16]),
            blocks: BlockRange {
                parent: BlockRef::default(),
                last: BlockRef {
                    number: seq + 1,
                    hash: alloy_primitives::B256::repeat_byte(7),
                },
            },
            transactions: 3,
            raw_len: 100,
            reason: CloseReason::Duration,
            opened_at: 9,
            data: data.into(),
        },
    }
}

fn transaction(nonce: u64, channel: u64) -> Record {
    let piece = Piece {
        channel,
        frame: 2,
        start: 10,
        len: 20,
        is_last: true,
    };
    Record::Transaction(Transaction {
        nonce,
        kind: DaKind::Blobs,
        payloads: vec![vec![piece, piece], vec![], vec![piece]],
    })
}

fn entry(record: &Record) -> Entry {
    match record.clone() {
        Record::Channel { seq, channel } => Entry::Channel(seq, channel.info()),
        Record::Transaction(transaction) => Entry::Transaction(transaction),
        Record::Rewind { from } => Entry::Rewind { from },
    }
}

fn some_records() -> Vec<Record> {
    vec![
        channel(0, vec![1; 50]),
        transaction(5, 0),
        channel(1, vec![2; 70]),
        Record::Rewind { from: 1 },
        transaction(6, 1),
    ]
}

#[test]
fn a_journal_cut_at_any_byte_has_the_whole_records_before_the_cut_and_goes_on() {
    let records = some_records();
    let sizes: Vec<usize> = records.iter().map(|record| record.encode().len()).collect();
    let whole: Vec<u8> = records.iter().flat_map(Record::encode).collect();
    for cut in 0..=whole.len() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("00000000.journal"), &whole[..cut]).unwrap();
        let mut left = cut;
        let intact = sizes
            .iter()
            .take_while(|size| {
                let fits = **size <= left;
                left = left.saturating_sub(**size);
                fits
            })
            .count();
        let mut expected: Vec<Entry> = records[..intact].iter().map(entry).collect();
        let (mut journal, entries) = Journal::open(directory.path()).unwrap();
        assert_eq!(entries, expected, "cut at {cut}");
        journal.append(&transaction(9, 0)).unwrap();
        expected.push(entry(&transaction(9, 0)));
        assert_eq!(Journal::open(directory.path()).unwrap().1, expected);
    }
}

#[test]
fn a_changed_byte_ends_the_journal_before_its_record() {
    let records = some_records();
    let whole: Vec<u8> = records.iter().flat_map(Record::encode).collect();
    for at in 0..whole.len() {
        let directory = tempfile::tempdir().unwrap();
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(directory.path().join("00000000.journal"), &bytes).unwrap();
        let (_, entries) = Journal::open(directory.path()).unwrap();
        assert!(entries.len() < records.len());
        assert!(
            entries.iter().eq(records
                .iter()
                .map(entry)
                .take(entries.len())
                .collect::<Vec<_>>()
                .iter())
        );
    }
}

#[test]
fn old_files_go_when_nothing_in_them_is_needed() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open_with(directory.path(), 400).unwrap();
    for seq in 0..10 {
        journal.append(&channel(seq, vec![seq as u8; 150])).unwrap();
        journal.append(&transaction(100 + seq, seq)).unwrap();
    }
    let files = || fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(files(), 10);
    journal.prune(4, 100).unwrap();
    assert_eq!(files(), 10);
    journal.prune(4, 110).unwrap();
    assert_eq!(files(), 6);
    journal.prune(u64::MAX, u64::MAX).unwrap();
    assert_eq!(files(), 1);
    assert_eq!(journal.channel(3).unwrap(), None);
    let (journal, entries) = Journal::open(directory.path()).unwrap();
    assert_eq!(entries.len(), 2);
    let (id, data) = journal.channel(9).unwrap().unwrap();
    assert_eq!((id, data), (ChannelId([9; 16]), vec![9; 150].into()));
}

#[test]
fn what_follows_a_damaged_file_is_set_aside() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open_with(directory.path(), 100).unwrap();
    for seq in 0..3 {
        journal.append(&channel(seq, vec![0; 150])).unwrap();
    }
    let second = directory.path().join("00000001.journal");
    let bytes = fs::read(&second).unwrap();
    fs::write(&second, &bytes[..bytes.len() - 1]).unwrap();
    let (mut journal, entries) = Journal::open_with(directory.path(), 100).unwrap();
    assert_eq!(entries, [entry(&channel(0, vec![0; 150]))]);
    journal.append(&channel(1, vec![1; 10])).unwrap();
    let (journal, entries) = Journal::open_with(directory.path(), 100).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(journal.channel(1).unwrap().unwrap().1, vec![1; 10]);
}

proptest! {
    #[test]
    fn no_bytes_make_a_journal_fail(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("00000000.journal"), &bytes).unwrap();
        prop_assert!(Journal::open(directory.path()).unwrap().1.is_empty());
    }
}
