use super::json;
use openledger_attribution::word::{
    UNICODE_TABLE, UNICODE_VERSION, normalise, words, words_in_bytes,
};
use serde::Serialize;

#[derive(Serialize)]
pub struct Vectors {
    about: &'static str,
    unicode: String,
    unicode_table: String,
    texts: Vec<Text>,
    not_texts: Vec<NotText>,
}

#[derive(Serialize)]
struct Text {
    name: &'static str,
    text: String,
    normalised: String,
    words: Vec<Word>,
}

#[derive(Serialize)]
struct Word {
    word: String,
    id: String,
    /// Bytes of the text's UTF-8.
    start: usize,
    end: usize,
}

#[derive(Serialize)]
struct NotText {
    bytes: String,
    invalid_at: usize,
}

pub fn vectors() -> Vectors {
    let (major, minor, update) = UNICODE_VERSION;
    let long = "pneumonoultramicroscopicsilicovolcanoconiosis";
    let texts = [
        ("empty", String::new()),
        ("no words", " \t\r\n-- ... !?".into()),
        ("case and punctuation", "The quick, brown FOX (jumps)!".into()),
        ("control characters", "a\u{0}b\u{7f}c\u{85}d\u{2028}e".into()),
        ("apostrophes of all kinds", "don't don\u{2019}t don\u{2bc}t don\u{ff07}t".into()),
        ("hyphens and underscores", "co-operate well\u{2010}known snake_case".into()),
        ("numbers", "3.14 1,000 v2 x\u{b2} \u{bd} \u{2460}\u{2461} \u{663}\u{664}".into()),
        ("symbols and emoji", "yes\u{1f44d}\u{1f3fd}no \u{2764}\u{fe0f} 1\u{fe0f}\u{20e3} a+b=c \u{20ac}5".into()),
        ("full case folding", "Stra\u{df}e STRASSE \u{1e9e} \u{3a3}\u{38a}\u{3a3} \u{130} \u{149}".into()),
        ("width and ligatures", "\u{ff34}\u{ff48}\u{ff45} \u{fb01}ne \u{3392} \u{1d4d0}".into()),
        ("order of marks", "e\u{301}\u{323} \u{1eb9}\u{301} \u{e9}\u{323} \u{3b1}\u{345}\u{301}".into()),
        ("an iota that stays where it is", "\u{3b1}\u{345}\u{ff9e} \u{37a}\u{301} \u{1fb3}\u{34f}\u{301}".into()),
        ("invisible characters", "\u{feff}at\u{200b}tri\u{ad}bu\u{2060}tion\u{202e} ne\u{200d}ws \u{115f}\u{3164}x".into()),
        ("a spacing accent", "a \u{a8} b".into()),
        ("marks first", "\u{301}a \u{301}\u{6f22}b".into()),
        ("chinese and digits", "\u{7b2c}3\u{7ae0}abc\u{6f22}x \u{3007}\u{3005}".into()),
        ("japanese", "\u{6771}\u{4eac}\u{30bf}\u{30ef}\u{30fc}\u{3078} \u{ff76}\u{ff9e}\u{ff71}".into()),
        ("thai", "\u{e17}\u{e35}\u{e48}\u{e19}\u{e35}\u{e48}\u{e19}\u{e49}\u{e33} \u{e51}\u{e52}".into()),
        ("hangul", "\u{d55c}\u{ad6d}\u{c5b4} \u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8} \u{d558}\u{11ab} \u{ffbe}\u{ffc2}\u{ffa4}".into()),
        ("arabic and hebrew", "\u{627}\u{644}\u{633}\u{644}\u{627}\u{645} \u{fdfa} \u{5e9}\u{5c1}\u{5dc}\u{5d5}\u{5dd} \u{fb2c}".into()),
        ("devanagari", "\u{928}\u{92e}\u{938}\u{94d}\u{924}\u{947} \u{915}\u{94d}\u{200d}\u{937}".into()),
        ("vowels that compose", "\u{9c7}\u{9be} \u{16d63}\u{16d67} \u{110b9}\u{110ba}".into()),
        ("not assigned, private, no character", "a\u{378}b\u{e000}c\u{ffff}d\u{fffd}e".into()),
        ("a word of 32 bytes", "abcdefghijklmnopqrstuvwxyz012345".into()),
        ("a word of 33 bytes", "abcdefghijklmnopqrstuvwxyz0123456".into()),
        ("a long word", long.into()),
        ("a long word of two-byte letters", "\u{439}".repeat(20)),
        ("a long word of three-byte letters", "\u{10d0}".repeat(12)),
        ("a cut before a wide letter", format!("{}\u{10d0}b", "a".repeat(30))),
        ("many marks", format!("\u{6f22}{}x", "\u{301}".repeat(16))),
        ("many marks on a letter", format!("e{}x", "\u{323}\u{301}".repeat(9))),
    ];
    let texts = texts.map(|(name, text)| Text {
        name,
        normalised: normalise(&text),
        words: words(&text)
            .map(|word| Word {
                word: word.as_str().to_owned(),
                id: json::bytes(word.id().0),
                start: word.source().start,
                end: word.source().end,
            })
            .collect(),
        text,
    });
    let not_texts: [&[u8]; 6] = [
        b"\xff",
        b"ab\xc3",
        b"ab\xc3(",
        b"a\xc0\xaf",
        b"abc\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ];
    Vectors {
        about: "A text is normalised and cut into words; start and end are bytes of its UTF-8. \
            unicode_table is the hash of the tables of that Unicode version.",
        unicode: format!("{major}.{minor}.{update}"),
        unicode_table: json::bytes(UNICODE_TABLE),
        texts: texts.into(),
        not_texts: not_texts
            .iter()
            .map(|bytes| NotText {
                bytes: json::bytes(bytes),
                invalid_at: words_in_bytes(bytes).expect_err("no text").offset,
            })
            .collect(),
    }
}
