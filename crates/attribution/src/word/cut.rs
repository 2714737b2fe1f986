//! Cutting a text into words, one piece of it after the other.

use super::normal::{Class, begins_piece, normalise_into};
use super::{MAX_WORD_LEN, NotUtf8, WordId};
use std::fmt;
use std::ops::Range;

/// One word: 1 to [`MAX_WORD_LEN`] bytes of normalised UTF-8, and where in the text it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Word {
    bytes: [u8; MAX_WORD_LEN],
    len: usize,
    source: Range<usize>,
}

impl Word {
    const NONE: Self = Self {
        bytes: [0; MAX_WORD_LEN],
        len: 0,
        source: 0..0,
    };

    /// The word, normalised.
    pub fn as_str(&self) -> &str {
        // Made of whole characters, so that the default is never taken.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The word's UTF-8, which its name is the hash of.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// The word's name.
    pub fn id(&self) -> WordId {
        WordId::of(self.as_bytes())
    }

    /// The bytes of the text that the word is to be shown by, on character boundaries.
    ///
    /// In the order of the words, but not always apart: one character of the text may hold several words, and invisible
    /// characters at its end belong to the word.
    pub fn source(&self) -> Range<usize> {
        self.source.clone()
    }

    fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// False, and nothing done, if the character does not fit.
    fn push(&mut self, c: char, source: &Range<usize>) -> bool {
        let Some(room) = self.bytes.get_mut(self.len..self.len + c.len_utf8()) else {
            return false;
        };
        c.encode_utf8(room);
        if self.is_empty() {
            self.source.start = source.start;
        }
        self.source.end = source.end;
        self.len += c.len_utf8();
        true
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {:?}", self.as_str(), self.source)
    }
}

/// The words of a text, in its order.
///
/// Work and memory are linear in the text (up to the sorting of marks within one run of them); nothing is read ahead of the piece
/// that the next word ends in.
pub fn words(text: &str) -> Words<'_> {
    Words {
        text,
        at: 0,
        piece: String::new(),
        read: 0,
        source: 0..0,
        word: Word::NONE,
        unspaced: false,
    }
}

/// [`words`] of bytes that claim to be a text. Invalid UTF-8 is an error and never replaced, or two texts would have the same words.
pub fn words_in_bytes(bytes: &[u8]) -> Result<Words<'_>, NotUtf8> {
    let text = std::str::from_utf8(bytes).map_err(|error| NotUtf8 {
        offset: error.valid_up_to(),
    })?;
    Ok(words(text))
}

/// See [`words`].
#[derive(Debug, Clone)]
pub struct Words<'a> {
    text: &'a str,
    /// Bytes of `text` behind us.
    at: usize,
    /// A piece of the text, normalised.
    piece: String,
    /// Bytes of `piece` behind us.
    read: usize,
    /// Where the piece stands in the text.
    source: Range<usize>,
    /// The word being read.
    word: Word,
    /// True from a letter of an unspaced script on: only marks go on with the word.
    unspaced: bool,
}

impl Words<'_> {
    fn next_char(&mut self) -> Option<char> {
        loop {
            if let Some(c) = self.piece[self.read..].chars().next() {
                self.read += c.len_utf8();
                return Some(c);
            }
            let rest = &self.text[self.at..];
            let first = rest.chars().next()?;
            let ascii_follows = rest.as_bytes().get(1).is_none_or(u8::is_ascii);
            let len = match first.is_ascii() && ascii_follows {
                true => 1,
                false => rest
                    .char_indices()
                    .skip(1)
                    .find(|(_, c)| begins_piece(*c))
                    .map_or(rest.len(), |(at, _)| at),
            };
            self.source = self.at..self.at + len;
            self.at += len;
            if len == 1 {
                return Some(first.to_ascii_lowercase());
            }
            self.piece.clear();
            self.read = 0;
            normalise_into(&rest[..len], &mut self.piece);
        }
    }

    fn take_word(&mut self) -> Option<Word> {
        let word = std::mem::replace(&mut self.word, Word::NONE);
        (!word.is_empty()).then_some(word)
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        while let Some(c) = self.next_char() {
            let (goes_on, unspaced) = match Class::of(c) {
                Class::Separator => {
                    if let Some(word) = self.take_word() {
                        return Some(word);
                    }
                    continue;
                }
                Class::Letter => (!self.unspaced, false),
                Class::Unspaced => (false, true),
                Class::Mark => (true, self.unspaced && !self.word.is_empty()),
            };
            self.unspaced = unspaced;
            if goes_on && self.word.push(c, &self.source) {
                continue;
            }
            let word = self.take_word();
            self.word.push(c, &self.source);
            if word.is_some() {
                return word;
            }
        }
        self.take_word()
    }
}
