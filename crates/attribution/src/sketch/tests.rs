use super::*;
use proptest::prelude::*;

fn ids(text: &str) -> Vec<WordId> {
    crate::words(text).map(|word| word.id()).collect()
}

fn sketch(text: &str) -> Sketch {
    Sketch::of(&ids(text)).expect("a document")
}

fn numbered(numbers: impl IntoIterator<Item = u32>) -> Vec<WordId> {
    let id = |number: u32| WordId::of(&number.to_be_bytes());
    numbers.into_iter().map(id).collect()
}

#[test]
fn the_bands_begin_with_their_thresholds() {
    let check = |bps, band| assert_eq!(Band::of(bps), band);
    check(0, Band::Original);
    check(1_499, Band::Original);
    check(1_500, Band::Derivative);
    check(3_999, Band::Derivative);
    check(4_000, Band::Held);
    check(10_000, Band::Held);
}

#[test]
fn short_documents_have_one_fingerprint() {
    for text in [
        "one",
        "one two three",
        "one two three four",
        "1 2 3 4 5 6 7 8",
    ] {
        let sketch = sketch(text);
        assert_eq!(sketch.fingerprints().len(), 1, "{text}");
        assert_eq!(sketch.contained_in(&sketch), MAX_BPS);
    }
    assert_eq!(sketch("one two").contained_in(&sketch("one two three")), 0);
    let positions = |text| sketch(text).fingerprints()[0].position;
    assert_eq!(positions("a b c"), 0);
    // All grams are equal: the rightmost.
    assert_eq!(positions("a a a a a a a a"), 4);
}

#[test]
fn a_repeated_phrase_is_kept_as_seldom_as_can_be() {
    let sketch = Sketch::of(&numbered([7; 100])).expect("a document");
    let positions: Vec<u16> = sketch.fingerprints().iter().map(|f| f.position).collect();
    // The rightmost of a window, until it has left the window.
    assert_eq!(positions, (4..97).step_by(5).collect::<Vec<_>>());
}

#[test]
fn containment_counts_the_fingerprints_of_the_newer() {
    let of = |numbers| Sketch::of(&numbered(numbers)).expect("a document");
    let older = of((0..512).collect::<Vec<_>>());
    let half_new = of((0..256).chain(5000..5256).collect());
    assert!((4_000..6_000).contains(&half_new.contained_in(&older)));
    let part = of((100..300).collect());
    assert!(part.contained_in(&older) > 9_500);
    assert!((3_000..5_000).contains(&older.contained_in(&part)));
    let other = of((9000..9512).collect());
    assert_eq!(other.contained_in(&older), 0);
}

#[test]
fn only_documents_have_sketches() {
    assert_eq!(Sketch::of(&[]), Err(SketchError::Words(0)));
    assert_eq!(Sketch::of(&numbered(0..513)), Err(SketchError::Words(513)));
    let bytes = |entries: &[(u64, u16)]| {
        let mut out = (entries.len() as u16).to_be_bytes().to_vec();
        for (hash, position) in entries {
            out.extend_from_slice(&hash.to_be_bytes());
            out.extend_from_slice(&position.to_be_bytes());
        }
        out
    };
    let check = |bytes: &[u8], error| assert_eq!(Sketch::decode(bytes), Err(error));
    check(
        &[],
        SketchError::Length {
            expected: 2,
            found: 0,
        },
    );
    check(&[0, 0], SketchError::Count(0));
    check(&[2, 0], SketchError::Count(512));
    check(
        &[0, 1, 9],
        SketchError::Length {
            expected: 12,
            found: 3,
        },
    );
    check(&bytes(&[(2, 0), (1, 1)]), SketchError::Order(1));
    check(&bytes(&[(1, 1), (1, 1)]), SketchError::Order(1));
    check(&bytes(&[(1, 7), (2, 7)]), SketchError::Position(7));
    check(&bytes(&[(1, 509)]), SketchError::Position(509));
    assert!(Sketch::decode(&bytes(&[(1, 508)])).is_ok());
}

/// From few different words, so that grams repeat.
fn document() -> impl Strategy<Value = Vec<WordId>> {
    prop_oneof![
        prop::collection::vec(0..3u32, 1..60),
        prop::collection::vec(0..1000u32, 1..=512)
    ]
    .prop_map(numbered)
}

proptest! {
    #[test]
    fn every_window_keeps_its_lowest_and_nothing_else_is_kept(words in document()) {
        let sketch = Sketch::of(&words).expect("a document");
        let hashes: Vec<u64> = words.windows(4.min(words.len())).map(gram_hash).collect();
        let windows = || hashes.windows(5.min(hashes.len())).enumerate();
        let lowest = |window: &[u64]| window.iter().copied().min().expect("not empty");
        for (start, window) in windows() {
            let kept = sketch.fingerprints().iter().any(|kept| {
                let at = usize::from(kept.position);
                (start..start + window.len()).contains(&at) && kept.hash == lowest(window)
            });
            prop_assert!(kept);
        }
        for kept in sketch.fingerprints() {
            let at = usize::from(kept.position);
            prop_assert_eq!(hashes[at], kept.hash);
            let needed = windows().any(|(start, window)| {
                (start..start + window.len()).contains(&at) && lowest(window) == kept.hash
            });
            prop_assert!(needed);
        }
    }

    #[test]
    fn eight_equal_words_leave_an_equal_fingerprint(
        a in document(), b in document(), shared in prop::collection::vec(0..1000u32, 8..20), at: prop::sample::Index,
    ) {
        let shared = numbered(shared);
        let with = |mut words: Vec<WordId>| {
            words.truncate(400);
            let at = at.index(words.len());
            words.splice(at..at, shared.iter().copied());
            Sketch::of(&words).expect("a document")
        };
        prop_assert!(with(a).contained_in(&with(b)) > 0);
    }

    #[test]
    fn an_encoded_sketch_is_the_same(words in document()) {
        let sketch = Sketch::of(&words).expect("a document");
        prop_assert_eq!(sketch.contained_in(&sketch), MAX_BPS);
        prop_assert_eq!(Sketch::decode(&sketch.encode()), Ok(sketch));
    }

    #[test]
    fn containment_is_what_it_says(a in document(), b in document()) {
        let (a, b) = (Sketch::of(&a).expect("a document"), Sketch::of(&b).expect("a document"));
        let held: std::collections::HashSet<u64> = b.fingerprints().iter().map(|f| f.hash).collect();
        let found = a.fingerprints().iter().filter(|f| held.contains(&f.hash)).count();
        prop_assert_eq!(usize::from(a.contained_in(&b)), found * 10_000 / a.fingerprints().len());
    }

    #[test]
    fn any_bytes_are_a_sketch_or_an_error(count in 0..4u8, bytes: Vec<u8>) {
        let bytes = [&[0, count][..], &bytes].concat();
        if let Ok(sketch) = Sketch::decode(&bytes) {
            prop_assert_eq!(sketch.encode(), bytes);
        }
    }
}
