//! Unicode's NFKC_Casefold of the canonical decomposition, in whole and piece by piece.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{
    BinaryProperty, DefaultIgnorableCodePoint, EnumeratedProperty, GeneralCategory, Script,
};
use icu_properties::script::ScriptWithExtensions;

/// The scripts whose letters are words of their own.
///
/// They are written without spaces, and where their words end takes a dictionary, which two implementations would not share.
const UNSPACED: [Script; 18] = [
    Script::Ahom,
    Script::Balinese,
    Script::Han,
    Script::Hiragana,
    Script::Javanese,
    Script::Katakana,
    Script::KhitanSmallScript,
    Script::Khmer,
    Script::Lao,
    Script::Myanmar,
    Script::NewTaiLue,
    Script::Nushu,
    Script::TaiLe,
    Script::TaiTham,
    Script::TaiViet,
    Script::Tangut,
    Script::Thai,
    Script::Yi,
];

/// Typed as an apostrophe, but a letter to Unicode; apostrophes separate.
const MODIFIER_APOSTROPHE: char = '\u{2bc}';

/// What a normalised character does to the word that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Ends it.
    Separator,
    /// Goes on with it, unless it is of an unspaced script.
    Letter,
    /// Begins a word of its own.
    Unspaced,
    /// Goes on with it, whatever it is.
    Mark,
}

impl Class {
    pub(super) fn of(c: char) -> Self {
        if c.is_ascii() {
            return match c.is_ascii_alphanumeric() {
                true => Self::Letter,
                false => Self::Separator,
            };
        }
        use GeneralCategory as G;
        match GeneralCategory::for_char(c) {
            G::UppercaseLetter
            | G::LowercaseLetter
            | G::TitlecaseLetter
            | G::ModifierLetter
            | G::OtherLetter
            | G::LetterNumber => {
                let mut scripts = ScriptWithExtensions::new()
                    .get_script_extensions_val(c)
                    .iter();
                match c {
                    MODIFIER_APOSTROPHE => Self::Separator,
                    _ if scripts.any(|script| UNSPACED.contains(&script)) => Self::Unspaced,
                    _ => Self::Letter,
                }
            }
            G::DecimalNumber | G::OtherNumber => Self::Letter,
            G::NonspacingMark | G::SpacingMark => Self::Mark,
            _ => Self::Separator,
        }
    }
}

/// The text without what does not tell words apart: Unicode's `toNFKC_Casefold(toNFD(text))` in Unicode
/// [`UNICODE_VERSION`](super::UNICODE_VERSION).
///
/// Case, compatibility forms and the order of marks are made one; characters that nobody sees (default-ignorable: soft hyphens,
/// joiners, directions, variation selectors) are taken out. Normalising twice is the same as once. At most eleven times as long
/// as the text.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    normalise_into(text, &mut out);
    out
}

/// Appends what [`normalise`] returns.
pub(super) fn normalise_into(text: &str, out: &mut String) {
    if is_one_normal_character(text) {
        out.push_str(text);
        return;
    }
    let nfkd = DecomposingNormalizerBorrowed::new_nfkd();
    // Character by character: the iota that U+0345 folds to must not first move among the marks of its neighbours' compatibility
    // forms.
    let decomposed: String = DecomposingNormalizerBorrowed::new_nfd()
        .normalize_iter(text.chars())
        .flat_map(|c| nfkd.normalize_iter(std::iter::once(c)))
        .collect();
    let folded = CaseMapper::new().fold_string(&decomposed);
    // Last, because compatibility forms may stand for what is ignorable (the Hangul fillers).
    let visible = folded
        .chars()
        .filter(|c| !DefaultIgnorableCodePoint::for_char(*c));
    out.extend(ComposingNormalizerBorrowed::new_nfc().normalize_iter(visible));
}

/// True for most of the letters of most texts, whose pieces need no more work. That it is never wrong is checked for every character.
fn is_one_normal_character(text: &str) -> bool {
    let mut chars = text.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else {
        return false;
    };
    !DefaultIgnorableCodePoint::for_char(c)
        && ComposingNormalizerBorrowed::new_nfkc().is_normalized(text)
        && CaseMapper::new().fold_string(text) == text
}

/// True where a text may be cut before `c` and both sides normalised on their own.
pub(super) fn begins_piece(c: char) -> bool {
    if c.is_ascii() {
        return true;
    }
    if DefaultIgnorableCodePoint::for_char(c) {
        return false;
    }
    let first = DecomposingNormalizerBorrowed::new_nfkd()
        .normalize_iter(std::iter::once(c))
        .next();
    first.is_some_and(|first| !joins_the_left(first))
}

/// True for what may be reordered with, or composed into, the character on its left: marks, Hangul vowels and finals, and the
/// vowels of Kirat Rai, which Unicode calls letters.
fn joins_the_left(c: char) -> bool {
    use GeneralCategory as G;
    matches!(
        GeneralCategory::for_char(c),
        G::NonspacingMark | G::SpacingMark | G::EnclosingMark
    ) || matches!(c, '\u{1160}'..='\u{11ff}' | '\u{16d63}'..='\u{16d6a}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use icu_normalizer::properties::{
        CanonicalCombiningClassMapBorrowed, CanonicalDecompositionBorrowed, Decomposed,
    };

    /// What cutting a text into pieces rests on.
    #[test]
    fn what_joins_the_left_is_known() {
        let decomposition = CanonicalDecompositionBorrowed::new();
        let combining = CanonicalCombiningClassMapBorrowed::new();
        for c in '\0'..=char::MAX {
            if combining.get_u8(c) != 0 {
                assert!(joins_the_left(c), "{c:?} is reordered");
            }
            if let Decomposed::Expansion(_, second) = decomposition.decompose(c) {
                assert!(joins_the_left(second), "{second:?} is composed");
            }
            if begins_piece(c) {
                let normal = normalise(c.encode_utf8(&mut [0; 4]));
                let first = normal.chars().next().expect("not ignorable");
                assert!(!joins_the_left(first), "{c:?} begins with {first:?}");
            }
        }
    }
}
