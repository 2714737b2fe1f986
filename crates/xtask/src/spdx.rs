//! Licence expressions, as Cargo manifests have them: SPDX, and the older `MIT/Apache-2.0`.

/// Whether an expression can be satisfied with licences that `accepts` takes: one side of an `OR`, both of an `AND`.
///
/// # Errors
/// The expression itself, when it is not one.
pub fn satisfied(expression: &str, accepts: &dyn Fn(&str) -> bool) -> Result<bool, String> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser {
        words: &words,
        accepts,
    };
    match parser.any_of() {
        Some(outcome) if parser.words.is_empty() => Ok(outcome),
        _ => Err(format!("not a licence expression: {expression:?}")),
    }
}

struct Parser<'a> {
    words: &'a [&'a str],
    accepts: &'a dyn Fn(&str) -> bool,
}

impl Parser<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn any_of(&mut self) -> Option<bool> {
        let mut outcome = self.all_of()?;
        while self.take("OR") {
            outcome |= self.all_of()?;
        }
        Some(outcome)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut outcome = self.one()?;
        while self.take("AND") {
            outcome &= self.one()?;
        }
        Some(outcome)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let outcome = self.any_of()?;
            return self.take(")").then_some(outcome);
        }
        let (name, rest) = self.words.split_first()?;
        if matches!(*name, "OR" | "AND" | "WITH" | ")") {
            return None;
        }
        self.words = rest;
        if self.take("WITH") {
            // An exception only adds permissions: the licence itself decides.
            self.words = self.words.split_first()?.1;
        }
        Some((self.accepts)(name))
    }
}

#[cfg(test)]
mod tests {
    use super::satisfied;

    #[test]
    fn expressions_are_satisfied_by_one_side_of_or_and_both_of_and() {
        let accepts = |name: &str| matches!(name, "MIT" | "Apache-2.0");
        let check = |expression: &str, expected| {
            assert_eq!(
                satisfied(expression, &accepts),
                Ok(expected),
                "{expression}"
            )
        };
        check("MIT", true);
        check("MPL-2.0", false);
        check("MIT/GPL-3.0", true);
        check("GPL-3.0 OR MIT", true);
        check("GPL-3.0 AND MIT", false);
        check("MIT AND (GPL-3.0 OR Apache-2.0)", true);
        check("(MIT OR Apache-2.0) AND GPL-3.0", false);
        check("Apache-2.0 WITH LLVM-exception", true);
        // AND binds tighter than OR.
        check("MIT OR GPL-3.0 AND GPL-2.0", true);
    }

    #[test]
    fn what_is_not_an_expression_is_refused() {
        for text in [
            "",
            "MIT OR",
            "(MIT",
            "MIT)",
            "AND MIT",
            "MIT Apache-2.0",
            "MIT WITH",
        ] {
            assert!(satisfied(text, &|_| true).is_err(), "{text:?}");
        }
    }
}
