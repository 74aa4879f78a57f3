//! The phone page and the mail page: plain files, served with a policy that lets nothing else in but the pictures of the shop's cards. What it shows comes
//! from [`control`](crate::control).

use axum::extract::Path;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse as _, Response};

use crate::control;

const PAGE: &str = include_str!("../assets/phone.html");
const STYLE: &str = include_str!("../assets/phone.css");
const MESSAGE_STYLE: &str = include_str!("../assets/message.css");
const DIALOG_STYLE: &str = include_str!("../assets/dialog.css");
const SCRIPT: &str = include_str!("../assets/phone.js");
const MESSAGE_SCRIPT: &str = include_str!("../assets/message.js");
const WORDS: &str = include_str!("../assets/words.js");
const MAIL_PAGE: &str = include_str!("../assets/mails.html");
const MAIL_STYLE: &str = include_str!("../assets/mails.css");
const MAIL_SCRIPT: &str = include_str!("../assets/mails.js");
const ICON: &str = include_str!("../assets/icon.svg");

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(crate) async fn page() -> Response {
    served("text/html; charset=utf-8", PAGE)
}

pub(crate) async fn mails() -> Response {
    served("text/html; charset=utf-8", MAIL_PAGE)
}

pub(crate) async fn file(Path(file): Path<String>) -> Response {
    match file.as_str() {
        "phone.css" => served("text/css; charset=utf-8", STYLE),
        "message.css" => served("text/css; charset=utf-8", MESSAGE_STYLE),
        "dialog.css" => served("text/css; charset=utf-8", DIALOG_STYLE),
        "phone.js" => served("text/javascript; charset=utf-8", SCRIPT),
        "message.js" => served("text/javascript; charset=utf-8", MESSAGE_SCRIPT),
        "mails.css" => served("text/css; charset=utf-8", MAIL_STYLE),
        "mails.js" => served("text/javascript; charset=utf-8", MAIL_SCRIPT),
        "words.js" => served("text/javascript; charset=utf-8", WORDS),
        "icon.svg" => served("image/svg+xml", ICON),
        _ => control::unknown().await,
    }
}

fn served(kind: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// A round picture with the first letters of the first and the last word; letters only, so that a name cannot be markup.
pub(crate) fn picture(name: &str) -> String {
    let letter = |word: Option<&str>| word.and_then(|word| word.chars().find(|c| c.is_alphabetic()));
    let mut words = name.split_whitespace();
    let initials: String = [letter(words.next()), letter(words.next_back())].into_iter().flatten().collect();
    let hue = name.bytes().fold(7_u32, |hue, byte| hue.wrapping_mul(31).wrapping_add(byte.into())) % 360;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\"><circle cx=\"48\" cy=\"48\" r=\"48\" \
         fill=\"hsl({hue} 45% 45%)\"/><text x=\"48\" y=\"60\" text-anchor=\"middle\" font-family=\"sans-serif\" font-size=\"34\" \
         fill=\"#fff\">{initials}</text></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_markup() {
        assert!(picture("Lê Thu Hà").contains(">LH</text>"));
        let picture = picture("<script>alert(1)</script> \"&");
        assert_eq!(picture.matches('<').count(), 5, "{picture}");
    }
}
