//! Replaces one marked part of a document and leaves the rest as it is.

/// Puts `body` between the markers of section `name`, which are appended when the document has none.
pub fn replace(document: &str, name: &str, body: &str) -> String {
    let (begin, end) = (
        format!("<!-- {name}: begin -->"),
        format!("<!-- {name}: end -->"),
    );
    let section = format!("{begin}\n{}\n{end}", body.trim_end());
    let bounds = document.find(&begin).and_then(|start| {
        let length = document[start..].find(&end)? + end.len();
        Some((start, start + length))
    });
    match bounds {
        Some((start, stop)) => format!("{}{section}{}", &document[..start], &document[stop..]),
        None if document.is_empty() => format!("{section}\n"),
        None => format!("{}\n\n{section}\n", document.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn a_section_is_appended_then_replaced_and_nothing_else_changes() {
        let first = replace("# Title\n", "peers", "old");
        assert_eq!(
            first,
            "# Title\n\n<!-- peers: begin -->\nold\n<!-- peers: end -->\n"
        );
        let second = replace(&format!("{first}\nafter\n"), "peers", "new\n");
        assert_eq!(
            second,
            "# Title\n\n<!-- peers: begin -->\nnew\n<!-- peers: end -->\n\nafter\n"
        );
        assert_eq!(replace(&second, "peers", "new"), second);
    }
}
