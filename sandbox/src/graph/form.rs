//! `multipart/form-data`, as far as a Graph call needs it (RFC 7578): short fields, and one file. Pure.

use axum::body::Bytes;

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) body: Bytes,
}

/// The boundary that a content type names; none when it is no form's.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let (_, boundary) =
        rest.split(';').filter_map(|one| one.split_once('=')).find(|(key, _)| key.trim() == "boundary")?;
    let boundary = boundary.trim().trim_matches('"');
    (1..=70).contains(&boundary.len()).then(|| boundary.to_owned())
}

/// All parts, or none when the body is no whole form.
pub(super) fn parts(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let (open, between) = (format!("--{boundary}"), format!("\r\n--{boundary}"));
    let mut rest = body.slice(body.strip_prefix(open.as_bytes()).map(|_| open.len())?..);
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        rest = rest.slice(rest.strip_prefix(b"\r\n").map(|_| 2)?..);
        let head = find(&rest, b"\r\n\r\n")?;
        let text = String::from_utf8(rest.slice(..head).to_vec()).ok()?;
        rest = rest.slice(head + 4..);
        let end = find(&rest, between.as_bytes())?;
        parts.push(part(&text, rest.slice(..end))?);
        rest = rest.slice(end + between.len()..);
    }
}

fn part(head: &str, body: Bytes) -> Option<Part> {
    let header = |name: &str| {
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition")?;
    Some(Part {
        name: quoted(disposition, "; name=\"")?,
        file_name: quoted(disposition, "; filename=\""),
        content_type: header("content-type").map(str::to_owned),
        body,
    })
}

fn quoted(disposition: &str, key: &str) -> Option<String> {
    let (_, rest) = disposition.split_once(key)?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// Where a text begins. Files are large, so whole bodies are compared at first bytes only.
fn find(body: &[u8], what: &[u8]) -> Option<usize> {
    let first = *what.first()?;
    let mut from = 0;
    loop {
        from += body.get(from..)?.iter().position(|byte| *byte == first)?;
        if body[from..].starts_with(what) {
            return Some(from);
        }
        from += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(parts: &[(&str, Option<&str>, &[u8])]) -> Bytes {
        let mut out = Vec::new();
        for (name, file, body) in parts {
            out.extend_from_slice(format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes());
            if let Some(file) = file {
                out.extend_from_slice(format!("; filename=\"{file}\"\r\nContent-Type: image/png").as_bytes());
            }
            out.extend_from_slice(b"\r\n\r\n");
            out.extend_from_slice(body);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"--XX--\r\n");
        out.into()
    }

    #[test]
    fn a_boundary_is_named() {
        assert_eq!(boundary("multipart/form-data; boundary=XX").as_deref(), Some("XX"));
        assert_eq!(boundary("Multipart/Form-Data; charset=x; boundary=\"a b\"").as_deref(), Some("a b"));
        for other in ["multipart/form-data", "multipart/mixed; boundary=x", "multipart/form-data; boundary=", ""] {
            assert_eq!(boundary(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn parts_come_back(text in "[^\u{0}]{0,40}", file in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..300) {
            let body = written(&[("message", None, text.as_bytes()), ("filedata", Some("áo.png"), &file)]);
            // A body that holds the boundary is not one that a client would write.
            prop_assume!(find(&file, b"\r\n--XX").is_none() && !text.contains("\r\n--XX"));
            let read = parts(&body, "XX").expect("a form");
            prop_assert_eq!(read.len(), 2);
            prop_assert_eq!((read[0].name.as_str(), read[0].body.as_ref()), ("message", text.as_bytes()));
            prop_assert_eq!(read[1].file_name.as_deref(), Some("áo.png"));
            prop_assert_eq!(read[1].content_type.as_deref(), Some("image/png"));
            prop_assert_eq!(read[1].body.as_ref(), file.as_slice());
            // Half a form is none.
            prop_assert_eq!(parts(&body.slice(..cut.min(body.len() - 5)), "XX"), None);
        }

        #[test]
        fn anything_is_read_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parts(&body.into(), "XX");
        }
    }
}
