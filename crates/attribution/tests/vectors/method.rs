use super::json::{self, Object};
use alloy_primitives::B256;
use openledger_attribution::method::{Method, Parameters, vectors_root};
use serde::Serialize;

#[derive(Serialize)]
pub struct Vectors {
    about: &'static str,
    parameters: Object,
    parameters_encoded: String,
    files: Vec<File>,
    vectors_root: String,
    methods: Vec<Named>,
}

#[derive(Serialize)]
struct File {
    name: &'static str,
    content: String,
}

#[derive(Serialize)]
struct Named {
    specification: String,
    vectors_root: String,
    id: String,
}

pub fn vectors() -> Vectors {
    let parameters = Parameters::CURRENT;
    let (major, minor, update) = parameters.unicode;
    let files: [(&str, &[u8]); 3] = [("b.json", b"{}\n"), ("a.json", b""), ("c.json", b"[1]\n")];
    let root = vectors_root(&files);
    let named = |specification, vectors| Named {
        specification: json::bytes(specification),
        vectors_root: json::bytes(vectors),
        id: json::bytes(
            Method {
                specification,
                parameters,
                vectors,
            }
            .id(),
        ),
    };
    Vectors {
        about: "The parameters of this method, and how a method is named: by examples, since these files \
            are a part of the name.",
        parameters: Object(vec![
            ("unicodeMajor", major.to_string()),
            ("unicodeMinor", minor.to_string()),
            ("unicodeUpdate", update.to_string()),
            ("unicodeTable", json::bytes(parameters.unicode_table)),
            ("word", parameters.word.to_string()),
            ("wordId", parameters.word_id.to_string()),
            ("chunk", parameters.chunk.to_string()),
            ("document", parameters.document.to_string()),
            ("matchMin", parameters.match_min.to_string()),
            ("tile", parameters.tile.to_string()),
            ("items", parameters.items.to_string()),
            ("sketchGram", parameters.sketch_gram.to_string()),
            ("sketchWindow", parameters.sketch_window.to_string()),
            ("derivativeBps", parameters.derivative_bps.to_string()),
            ("heldBps", parameters.held_bps.to_string()),
        ]),
        parameters_encoded: json::bytes(parameters.encode()),
        files: files
            .iter()
            .map(|(name, content)| File {
                name,
                content: json::bytes(content),
            })
            .collect(),
        vectors_root: json::bytes(root),
        methods: vec![
            named(B256::ZERO, B256::ZERO),
            named(B256::repeat_byte(0x11), root),
        ],
    }
}
