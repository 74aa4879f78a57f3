//! The built app: its files, and its one page at every address that nothing else has. Refuses to guess: a missing file is not found,
//! never the page.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rust_embed::{Embed, EmbeddedFile};
use serde::Deserialize;

use crate::app::App;
use crate::problem::Problem;

/// What `npm run build` made, or nothing when only the Rust side was built. Beside each file may lie its `.br` and `.gz`.
#[derive(Embed)]
#[folder = "../frontend/dist/app/"]
#[allow_missing = true]
struct Files;

/// Names under this folder hold a digest of their content, so they never change.
const HASHED: &str = "assets/";
const PAGE: &str = "index.html";
/// Vite's list of which built file needs which others.
const MANIFEST: &str = ".vite/manifest.json";
/// Addresses of people at work, for which the inbox's own files are announced with the page.
const DESK: &str = "/inbox";
const DESK_SOURCE: &str = "src/features/inbox/Page.tsx";

/// The app as it is served: the page's headers, worked out once.
pub struct BuiltApp {
    policy: HeaderValue,
    desk: Option<HeaderValue>,
}

impl BuiltApp {
    /// `media` are further origins that pictures may come from.
    pub fn new(media: Option<&str>) -> Self {
        let page = Files::get(PAGE).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default();
        Self { policy: policy(&page, media), desk: desk_link::<Files>() }
    }
}

/// Any address that no endpoint has. Under `/api` and `/ws` that is a mistake; elsewhere the app knows what it means.
pub async fn serve(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let path = uri.path().trim_start_matches('/');
    let ours = path.split('/').next().is_some_and(|first| matches!(first, "api" | "ws"));
    if ours || !matches!(method, Method::GET | Method::HEAD) {
        return Err(Problem::not_found());
    }
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file || path.starts_with(HASHED) {
        return file::<Files>(path, &headers).ok_or_else(Problem::not_found);
    }
    let mut page = file::<Files>(PAGE, &headers).ok_or_else(not_built)?;
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, app.built_app.policy.clone());
    if let Some(link) = app.built_app.desk.as_ref().filter(|_| uri.path().starts_with(DESK)) {
        page.headers_mut().insert(LINK, link.clone());
    }
    Ok(page)
}

/// For a binary that was built without the app.
const fn not_built() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "app_not_built", "the app is not in this binary; `make run` builds it in")
}

/// A file in the best encoding that the browser takes, or 304 when it has it already. None when there is no such file, or it is not
/// for browsers.
fn file<F: Embed>(path: &str, headers: &HeaderMap) -> Option<Response> {
    if path.starts_with('.') || path.contains("..") || path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let plain = F::get(path)?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", hex(&plain))).ok()?;
    let kind = plain.metadata.mimetype();
    let charset = if kind.starts_with("text/") { "; charset=utf-8" } else { "" };
    let kind = HeaderValue::from_str(&format!("{kind}{charset}")).ok()?;
    let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(IF_NONE_MATCH).is_some_and(|seen| seen == tag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let (data, encoding) = encoded::<F>(path, headers).unwrap_or((plain, None));
        let mut response = data.data.into_owned().into_response();
        if let Some(encoding) = encoding {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let sent = response.headers_mut();
    sent.insert(CONTENT_TYPE, kind);
    sent.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    sent.insert(VARY, HeaderValue::from_static("accept-encoding"));
    sent.insert(ETAG, tag);
    Some(response)
}

fn encoded<F: Embed>(path: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let taken = headers.get(ACCEPT_ENCODING)?.to_str().ok()?;
    // `br;q=0` is a refusal that no browser sends; whoever does gets the file as it is.
    let takes = |name: &str| taken.split(',').any(|one| one.trim() == name);
    [("br", ".br"), ("gzip", ".gz")].into_iter().find_map(|(name, ending)| {
        let found = takes(name).then(|| F::get(&format!("{path}{ending}"))).flatten()?;
        Some((found, Some(name)))
    })
}

fn hex(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// What the page may load. Its one inline script is allowed by its digest; styles are set by the component library at run time.
fn policy(page: &str, media: Option<&str>) -> HeaderValue {
    let scripts: String = inline_scripts(page)
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(digest::digest(&digest::SHA256, script.as_bytes()))))
        .collect();
    let media = media.map(|origin| format!(" {origin}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self'; \
         manifest-src 'self'; img-src 'self' data: blob: https:{media}; media-src 'self' blob: https:{media}; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// What stands between `<script>` and `</script>`; scripts with attributes are files.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script>").skip(1).filter_map(|rest| rest.split_once("</script>").map(|(script, _)| script))
}

#[derive(Deserialize)]
struct Chunk {
    file: String,
    #[serde(default)]
    imports: Vec<String>,
    #[serde(default)]
    css: Vec<String>,
}

/// Announces what the inbox needs, so that the browser fetches all of it at once instead of one after the other.
fn desk_link<F: Embed>() -> Option<HeaderValue> {
    let manifest: BTreeMap<String, Chunk> = serde_json::from_slice(&F::get(MANIFEST)?.data).ok()?;
    let mut wanted = vec![DESK_SOURCE.to_owned(), "src/app/Shell.tsx".to_owned()];
    let mut seen = Vec::new();
    let mut links = Vec::new();
    while let Some(name) = wanted.pop() {
        if seen.contains(&name) {
            continue;
        }
        if let Some(chunk) = manifest.get(&name) {
            links.push(format!("</{}>; rel=modulepreload", chunk.file));
            // As Vite asks for it later; asked for otherwise it would be fetched twice.
            links.extend(chunk.css.iter().map(|css| format!("</{css}>; rel=preload; as=style; crossorigin")));
            wanted.extend(chunk.imports.iter().cloned());
        }
        seen.push(name);
    }
    HeaderValue::from_str(&links.join(", ")).ok().filter(|link| !link.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An app of four files, one of them compressed.
    #[derive(Embed)]
    #[folder = "tests/app/"]
    struct Small;

    fn asked(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_policy_names_the_inline_script_and_nothing_else_inline() {
        let page = "<html><script>let a=1</script><script type=\"module\" src=\"/assets/a.js\"></script></html>";
        let told = policy(page, Some("http://127.0.0.1:8090"));
        let told = told.to_str().unwrap();
        let digest = STANDARD.encode(digest::digest(&digest::SHA256, b"let a=1"));
        assert!(told.contains(&format!("script-src 'self' 'sha256-{digest}';")), "{told}");
        assert!(told.contains("img-src 'self' data: blob: https: http://127.0.0.1:8090;"), "{told}");
        assert!(!policy("", None).to_str().unwrap().contains("sha256"));
    }

    #[test]
    fn names_with_a_digest_are_kept_for_good_and_the_page_is_asked_for_again() {
        let script = file::<Small>("assets/desk-1a2b.js", &HeaderMap::new()).unwrap();
        assert_eq!(script.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(script.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
        let page = file::<Small>(PAGE, &HeaderMap::new()).unwrap();
        assert_eq!(
            (page.status(), &page.headers()[CACHE_CONTROL]),
            (StatusCode::OK, &HeaderValue::from_static("no-cache"))
        );
        let seen = HeaderMap::from_iter([(IF_NONE_MATCH, page.headers()[ETAG].clone())]);
        assert_eq!(file::<Small>(PAGE, &seen).unwrap().status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_file_comes_in_an_encoding_that_the_browser_takes() {
        let encoding = |taken| {
            let answer = file::<Small>("assets/desk-1a2b.js", &asked(ACCEPT_ENCODING, taken)).unwrap();
            assert_eq!(answer.headers()[VARY], "accept-encoding");
            answer.headers().get(CONTENT_ENCODING).map(|name| name.to_str().unwrap().to_owned())
        };
        assert_eq!(encoding("gzip, deflate, br").as_deref(), Some("br"));
        assert_eq!(encoding("gzip"), None, "there is no such copy");
        assert_eq!(encoding("identity"), None);
    }

    #[test]
    fn what_is_not_for_browsers_is_not_served() {
        for path in [MANIFEST, "../Cargo.toml", "assets/../../Cargo.toml", "assets/none.js", "assets/desk-1a2b.js.br"] {
            assert!(file::<Small>(path, &HeaderMap::new()).is_none(), "{path}");
        }
    }

    #[test]
    fn the_inbox_is_announced_with_everything_it_needs() {
        let link = desk_link::<Small>().unwrap();
        let link = link.to_str().unwrap();
        for part in ["</assets/desk-1a2b.js>; rel=modulepreload", "</assets/kit-3c.js>; rel=modulepreload"] {
            assert_eq!(link.matches(part).count(), 1, "{link}");
        }
        assert!(link.contains("</assets/desk-5e.css>; rel=preload; as=style"), "{link}");
    }
}
