//! Signed requests: how Meta tells that somebody took the app's permissions away, or wants their data deleted. Owns the form and the post.
//! Source: Facebook Login "Data deletion request callback", "Parsing the signed request".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chatdesk_meta::AppSecrets;
use serde_json::{Value, json};

/// `base64url(signature).base64url(payload)`, the signature made over the encoded payload. `at` is in seconds since 1970. None when the
/// secret signs nothing.
pub(crate) fn request(secrets: &AppSecrets, user_id: &str, at: i64) -> Option<String> {
    let payload = json!({ "user_id": user_id, "algorithm": "HMAC-SHA256", "issued_at": at });
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    let signature = hex::decode(secrets.sign(payload.as_bytes()).strip_prefix("sha256=")?).ok()?;
    Some(format!("{}.{payload}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Posts one to a callback of the product's, and tells its answer. None when it cannot be reached.
pub(crate) async fn post(client: &reqwest::Client, url: &str, signed_request: &str) -> Option<(u16, Value)> {
    let answer = client.post(url).form(&[("signed_request", signed_request)]).send().await.ok()?;
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.ok()?;
    Some((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_over_its_encoded_payload() {
        let secrets = AppSecrets::parse("chatdesk-test-app-secret").expect("a secret");
        let text = request(&secrets, "10158800012345678", 1_795_366_800).expect("signed");
        let (signature, payload) = text.split_once('.').expect("two parts");
        let read: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("JSON");
        assert_eq!(read["user_id"], "10158800012345678");
        assert_eq!((&read["algorithm"], &read["issued_at"]), (&json!("HMAC-SHA256"), &json!(1_795_366_800)));
        let hex = hex::encode(URL_SAFE_NO_PAD.decode(signature).expect("base64"));
        assert!(secrets.verify(Some(format!("sha256={hex}")).as_ref(), payload.as_bytes()));
    }
}
