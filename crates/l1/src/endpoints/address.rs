//! Addresses of endpoints, which may hold keys: what of them may be shown.

use crate::L1Error;
use reqwest::Url;

/// Shorter parts of a path are names, like `v3`, and no keys.
const SHORTEST_KEY: usize = 8;

/// Checks that these are HTTP URLs, at least one, and no two the same.
///
/// # Errors
/// [`L1Error::Url`] and [`L1Error::SameUrl`], which show nothing of a URL that may be a key; [`L1Error::NoUrl`].
pub fn check_urls<S: AsRef<str>>(urls: &[S]) -> Result<(), L1Error> {
    parse_all(urls).map(drop)
}

pub(crate) fn parse_all<S: AsRef<str>>(urls: &[S]) -> Result<Vec<Url>, L1Error> {
    let mut parsed: Vec<Url> = Vec::with_capacity(urls.len());
    for url in urls {
        let url = parse(url.as_ref())?;
        if parsed.contains(&url) {
            return Err(L1Error::SameUrl(redacted(&url)));
        }
        parsed.push(url);
    }
    if parsed.is_empty() {
        return Err(L1Error::NoUrl);
    }
    Ok(parsed)
}

fn parse(text: &str) -> Result<Url, L1Error> {
    let parsed = Url::parse(text).map_err(|error| L1Error::Url {
        url: "<not a URL>".into(),
        reason: error.to_string(),
    })?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(L1Error::Url {
            url: redacted(&parsed),
            reason: "the scheme must be http or https".into(),
        });
    }
    Ok(parsed)
}

/// A URL without what may be a key: user, path and query.
pub(crate) fn redacted(url: &Url) -> String {
    format!("{}://{}", url.scheme(), host(url))
}

/// Host and port.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// A URL as it may be shown to anybody: whole when nothing in it may be a key.
pub fn shown_url(text: &str) -> String {
    let Ok(url) = Url::parse(text) else {
        return "<not a URL>".into();
    };
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && matches!(url.path(), "" | "/");
    if bare {
        text.to_owned()
    } else {
        format!("{}/…", redacted(&url))
    }
}

/// What of a URL may be a key, to be taken out of what an endpoint or a library says.
#[derive(Clone)]
pub(crate) struct Secrets(Vec<String>);

/// Shows nothing.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    pub(crate) fn of(url: &Url) -> Self {
        let user = [Some(url.username()), url.password(), url.query()];
        let user = user.into_iter().flatten().map(str::to_owned);
        let path = url.path_segments().into_iter().flatten();
        let path = path.filter(|part| part.len() >= SHORTEST_KEY);
        let query = url.query_pairs().map(|(_, value)| value.into_owned());
        let mut all: Vec<_> = user.chain(path.map(str::to_owned)).chain(query).collect();
        all.retain(|secret| secret.len() > 2);
        // A longer one may hold a shorter one.
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(all)
    }

    pub(crate) fn removed_from(&self, text: String) -> String {
        self.0
            .iter()
            .filter(|secret| text.contains(secret.as_str()))
            .fold(text.clone(), |text, secret| text.replace(secret, "***"))
    }

    pub(crate) fn removed_from_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(bytes) {
            Ok(text) => self.removed_from(text).into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_key_is_not_shown() {
        for (url, shown) in [
            ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
            ("http://127.0.0.1:8545/", "http://127.0.0.1:8545/"),
            ("https://l1.example/v2/0123456789", "https://l1.example/…"),
            (
                "https://user:word@l1.example:444",
                "https://l1.example:444/…",
            ),
            ("https://l1.example?key=0123", "https://l1.example/…"),
            ("nonsense", "<not a URL>"),
        ] {
            assert_eq!(shown_url(url), shown);
        }
        let url = Url::parse("https://user:word@l1.example/v2/0123456789?key=abcdef").expect("one");
        let said = "v2 refused 0123456789 of user:word with key=abcdef and abcdef".to_owned();
        assert_eq!(
            Secrets::of(&url).removed_from(said),
            "v2 refused *** of ***:*** with *** and ***"
        );
    }

    #[test]
    fn lists_are_checked() {
        let check = |urls: &[&str]| check_urls(urls);
        assert!(check(&["http://a.example/x", "http://a.example/y"]).is_ok());
        // A default port and an empty path make no difference.
        let same = check(&["https://a.example/", "https://a.example:443"]);
        assert!(
            matches!(&same, Err(L1Error::SameUrl(url)) if url == "https://a.example"),
            "{same:?}"
        );
        assert!(matches!(check(&[]), Err(L1Error::NoUrl)));
        assert!(matches!(
            check(&["http://a.example", ""]),
            Err(L1Error::Url { .. })
        ));
    }
}
