use super::normal::Class;
use super::*;
use alloy_primitives::Keccak256;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use proptest::prelude::*;

fn cut(text: &str) -> Vec<String> {
    words(text).map(|word| word.as_str().to_owned()).collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(cut(text), expected, "{text:?}");
}

#[test]
fn case_width_and_compatibility_are_made_one() {
    check("The QUICK Ｂrown", &["the", "quick", "brown"]);
    check("Straße ΣΊΣΥΦΟΣ", &["strasse", "σίσυφοσ"]);
    check("ﬁne ①② x² ½ ㎒", &["fine", "12", "x2", "1", "2", "mhz"]);
    check("e\u{301} \u{e9}", &["é", "é"]);
    check("İ", &["i\u{307}"]);
}

#[test]
fn what_is_neither_letter_mark_nor_number_separates() {
    check("don't don’t donʼt", &["don", "t", "don", "t", "don", "t"]);
    check(
        "co-operate snake_case a/b",
        &["co", "operate", "snake", "case", "a", "b"],
    );
    check("3.14 1,000 v2", &["3", "14", "1", "000", "v2"]);
    check("yes👍🏽no ❤️ 1️⃣", &["yes", "no", "1"]);
    check(
        "a\u{0}b\u{fffd}c\u{e000}d\u{10ffff}e",
        &["a", "b", "c", "d", "e"],
    );
    check("", &[]);
    check(" \t\r\n—…", &[]);
}

#[test]
fn nobody_hides_words_with_invisible_characters() {
    check(
        "\u{feff}at\u{200b}tri\u{ad}bu\u{2060}tion\u{202e}",
        &["attribution"],
    );
    check("ne\u{200d}ws", &["news"]);
}

#[test]
fn letters_of_unspaced_scripts_are_words() {
    check("東京タワーへ", &["東", "京", "タ", "ワ", "ー", "へ"]);
    check("第3章abc漢x", &["第", "3", "章", "abc", "漢", "x"]);
    check("ที่นี่", &["ที\u{e48}", "นี\u{e48}"]);
    check("ｶﾞ", &["ガ"]);
    check("한국어 단어", &["한국어", "단어"]);
    check("한국어", &["한국어"]);
}

#[test]
fn a_mark_goes_on_with_whatever_it_follows() {
    check("¨", &["\u{308}"]);
    check("漢\u{301}字", &["漢\u{301}", "字"]);
    check("\u{301}a", &["\u{301}a"]);
    check("漢 \u{301}a", &["漢", "\u{301}a"]);
}

#[test]
fn long_words_are_cut_between_characters() {
    check(
        &"a".repeat(70),
        &[&*"a".repeat(32), &*"a".repeat(32), "aaaaaa"],
    );
    // 3 bytes each: the eleventh does not fit.
    check(&"ა".repeat(12), &[&*"ა".repeat(10), "აა"]);
    let marks = format!("漢{}x", "\u{301}".repeat(16));
    check(
        &marks,
        &[
            &*format!("漢{}", "\u{301}".repeat(14)),
            "\u{301}\u{301}",
            "x",
        ],
    );
}

#[test]
fn a_word_knows_where_it_came_from() {
    let text = "Ｔhe e\u{301}nd: ﷺ!";
    let found: Vec<_> = words(text)
        .map(|word| (text[word.source()].to_owned(), word.as_str().to_owned()))
        .collect();
    let expected = [
        ("Ｔhe", "the"),
        ("e\u{301}nd", "énd"),
        ("ﷺ", "صلى"),
        ("ﷺ", "الله"),
        ("ﷺ", "عليه"),
        ("ﷺ", "وسلم"),
    ];
    assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let offset = |bytes: &[u8]| words_in_bytes(bytes).map(Iterator::count);
    assert_eq!(offset(b"two words"), Ok(2));
    assert_eq!(offset(b"ab\xff"), Err(NotUtf8 { offset: 2 }));
    assert_eq!(
        offset("aé".as_bytes()[..2].as_ref()),
        Err(NotUtf8 { offset: 1 })
    );
    assert_eq!(offset(b"\xed\xa0\x80"), Err(NotUtf8 { offset: 0 }));
}

/// Every character's normal form and class. Moves with the Unicode version of the tables, which is part of the method.
#[test]
fn all_of_unicode_is_pinned() {
    let mut table = Keccak256::new();
    for c in '\0'..=char::MAX {
        let normal = normalise(c.encode_utf8(&mut [0; 4]));
        assert_eq!(normalise(&normal), normal, "{c:?}");
        table.update(u32::from(c).to_be_bytes());
        table.update([Class::of(c) as u8, normal.len() as u8]);
        table.update(&normal);
    }
    assert_eq!(table.finalize(), UNICODE_TABLE, "Unicode moved");
}

/// Text that is hard to cut: marks, Hangul, invisible characters and what folds or decomposes, often side by side.
fn text() -> impl Strategy<Value = String> {
    let hard = prop::sample::select(
        "aZß İΣςǅﬁ①½㎒ﷺ¨'’ʼ-_. \u{ad}\u{200b}\u{200d}\u{301}\u{323}\u{345}\u{37a}\u{308}\u{20e3}\u{fe0f}漢ガｶﾞーｱの々ที่ำ각\u{1100}\u{1161}\u{11a8}\u{3164}\u{ffa0}\u{ffc2}👍한\u{9c7}\u{9be}\u{110b9}\u{110ba}\u{2126}\u{1e9e}\u{fb2c}\u{1fb3}\u{390}\u{16d63}\u{16d67}\u{16d69}"
            .chars()
            .collect::<Vec<_>>(),
    );
    let character = prop_oneof![6 => hard, 1 => any::<char>(), 1 => prop::char::range('a', 'z')];
    prop::collection::vec(character, 0..80).prop_map(|chars| chars.into_iter().collect())
}

/// The rule as it is written down, in three passes over the whole text.
fn cut_whole(text: &str) -> Vec<String> {
    let mut runs: Vec<Vec<char>> = vec![vec![]];
    for c in normalise(text).chars() {
        let begun_by = runs.last().and_then(|run| run.first().copied());
        match (Class::of(c), begun_by.map(Class::of)) {
            (Class::Separator, _) => runs.push(vec![]),
            (Class::Unspaced, _) | (Class::Letter, Some(Class::Unspaced)) => runs.push(vec![c]),
            _ => runs.last_mut().expect("never empty").push(c),
        }
    }
    let mut words = vec![];
    for run in runs {
        let mut word = String::new();
        for c in run {
            if word.len() + c.len_utf8() > MAX_WORD_LEN {
                words.push(std::mem::take(&mut word));
            }
            word.push(c);
        }
        words.push(word);
    }
    words.retain(|word| !word.is_empty());
    words
}

proptest! {
    #[test]
    fn normalising_twice_is_the_same(text in text()) {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    /// The definition: each character of the NFD on its own, and the NFC of them all.
    #[test]
    fn a_text_is_its_characters_composed(text in text()) {
        let nfd = DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned();
        let each: String = nfd.chars().map(|c| normalise(c.encode_utf8(&mut [0; 4]))).collect();
        let whole = ComposingNormalizerBorrowed::new_nfc().normalize(&each).into_owned();
        prop_assert_eq!(normalise(&text), whole);
    }

    #[test]
    fn pieces_together_are_the_whole(text in text()) {
        prop_assert_eq!(cut(&text), cut_whole(&text));
    }

    #[test]
    fn words_joined_by_spaces_are_the_same_words(text in text()) {
        let once = cut(&text);
        prop_assert_eq!(cut(&once.join(" ")), once);
    }

    #[test]
    fn words_are_short_normalised_and_in_order(text in text()) {
        let mut last = 0..0;
        for word in words(&text) {
            prop_assert!((1..=MAX_WORD_LEN).contains(&word.as_bytes().len()));
            prop_assert_eq!(normalise(word.as_str()), word.as_str());
            prop_assert!(text.get(word.source()).is_some_and(|shown| !shown.is_empty()));
            prop_assert!(last.start <= word.source().start && last.end <= word.source().end);
            last = word.source();
        }
    }

    #[test]
    fn any_bytes_are_a_text_or_an_error(bytes: Vec<u8>) {
        match words_in_bytes(&bytes) {
            Ok(words) => prop_assert!(words.count() <= bytes.len() * 11),
            Err(NotUtf8 { offset }) => prop_assert!(offset < bytes.len()),
        }
    }
}
