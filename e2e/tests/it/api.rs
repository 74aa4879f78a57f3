//! A caller of the REST API.

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use crate::process::eventually;

/// A client of one installation, maybe logged in.
#[derive(Clone)]
pub struct Api {
    http: Client,
    base: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The JSON body, or null.
    pub body: Value,
}

impl Answer {
    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// The problem's code of an answer that must have this status.
    #[track_caller]
    pub fn problem(self, status: u16) -> String {
        text(&self.expect(status)["code"])
    }
}

impl Api {
    /// Nobody, at this address.
    pub fn new(base: &str) -> Self {
        // Every test has a runtime of its own, and a connection ends with the runtime it was made on: none is kept.
        let client = Client::builder().timeout(std::time::Duration::from_secs(40)).pool_max_idle_per_host(0);
        let http = client.build().expect("a client");
        Self { http, base: base.trim_end_matches('/').to_owned(), token: None }
    }

    /// The same with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request and reads its JSON.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    /// Sends a file as a POST's whole body. The name must be percent-encoded.
    pub async fn upload(&self, path: &str, content_type: &str, name: &str, bytes: Vec<u8>) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.base)).header("content-type", content_type);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.header("x-file-name", name).body(bytes).send().await;
        let answer = answer.unwrap_or_else(|error| panic!("{path}: {error}"));
        let status = answer.status();
        Answer { status, body: answer.json().await.unwrap_or(Value::Null) }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// POST.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// GET by one who does as 503 says: a machine with much to do asks to try again.
    async fn get_at_last(&self, path: &str) -> Value {
        let found = eventually("the list is given", || async {
            let answer = self.get(path).await;
            (answer.status != StatusCode::SERVICE_UNAVAILABLE).then_some(answer)
        });
        found.await.expect(200)
    }

    /// Every item of a list, over all its pages.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = None;
        loop {
            let separator = if path.contains('?') { '&' } else { '?' };
            let next = cursor.map(|cursor: String| format!("&cursor={cursor}")).unwrap_or_default();
            let page = self.get_at_last(&format!("{path}{separator}limit=200{next}")).await;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["next_cursor"].as_str() {
                Some(more) => cursor = Some(more.to_owned()),
                None => return items,
            }
        }
    }

    /// POSTs raw bytes with a signature header, as Meta does.
    pub async fn webhook(&self, platform: &str, body: Vec<u8>, signature: Option<&str>) -> StatusCode {
        let mut request = self
            .http
            .post(format!("{}/api/webhooks/{platform}", self.base))
            .header("content-type", "application/json")
            .body(body);
        if let Some(signature) = signature {
            request = request.header("x-hub-signature-256", signature);
        }
        request.send().await.expect("the gateway answers").status()
    }
}

/// A JSON string, or nothing.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
