//! Each bad answer of a provider by its name, and what comes of it.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A server that begins an answer and then stops: it closes the connection, or keeps it open in silence.
async fn stops(closes: bool) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/openai/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 65536];
            let _ = stream.read(&mut request).await;
            let begun =
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n{\"choices\": [{";
            let _ = stream.write_all(begun.as_bytes()).await;
            if !closes {
                open.push(stream);
            }
        }
    });
    base
}

async fn twice(make: impl Fn() -> Response) -> (Result<Completion, GroqError>, Vec<Value>) {
    let (result, _, asked) = run(vec![make(), make()]).await;
    (result, asked)
}

#[tokio::test]
async fn invalid_structured_output_is_asked_for_once_more_and_then_given_up() {
    for content in ["", "no json", "[1, 2]", "{\"reply\": {\"x\": 1}}", "{\"product_ids\": []}", "```json\n{}\n```"] {
        let (result, asked) = twice(|| ok(content)).await;
        assert_eq!((result, asked.len()), (Err(GroqError::Unusable), 2), "{content}");
        let (result, ..) = run(vec![ok(content)]).await;
        assert!(result.is_ok(), "the second try is good: {content}");
    }
}

#[tokio::test]
async fn an_output_of_100_kb_is_not_read_to_its_end() {
    let (result, asked) = twice(|| ok(&said(&"dài ".repeat(25_000)))).await;
    assert_eq!((result, asked.len()), (Err(GroqError::Unusable), 2));
}

#[tokio::test]
async fn status_400_is_not_repeated_and_does_not_open_the_breaker() {
    let (base, script) = server((0..3).map(|_| status(400, "invalid_request")).collect()).await;
    let groq = Groq::new(config(base), Clock::system()).unwrap();
    for _ in 0..3 {
        assert_eq!(ask(&groq).await.0, Err(GroqError::Refused(400)));
    }
    assert!(ask(&groq).await.0.is_ok(), "the next request is sent");
    assert_eq!(script.lock().unwrap().1.len(), 4);
}

#[tokio::test]
async fn status_404_takes_the_next_model_of_the_list() {
    let (result, _, asked) = run(vec![status(404, "model_not_found")]).await;
    assert_eq!(result.unwrap().model, "llama-other");
    assert_eq!(models(&asked), ["openai/gpt-oss-120b", "llama-other"]);
    let (result, asked) = twice(|| status(404, "model_not_found")).await;
    assert_eq!((result, asked.len()), (Err(GroqError::Unavailable), 2), "all are gone");
}

#[tokio::test]
async fn status_413_takes_the_next_model_of_the_list() {
    let (result, _, asked) = run(vec![status(413, "request_too_large")]).await;
    assert_eq!(result.unwrap().model, "llama-other");
    assert_eq!(asked.len(), 2);
}

#[tokio::test]
async fn status_429_is_tried_again_unless_the_named_wait_is_too_long() {
    let limited = |after: &str| {
        let mut response = status(429, "rate_limit_exceeded");
        response.headers_mut().insert(RETRY_AFTER, after.parse().unwrap());
        response
    };
    let (result, _, asked) = run(vec![limited("0.01")]).await;
    assert!(result.is_ok());
    assert_eq!(models(&asked), ["openai/gpt-oss-120b", "openai/gpt-oss-120b"]);
    let (result, _, asked) = run(vec![limited("3000")]).await;
    assert_eq!((result.unwrap().model.as_str(), asked.len()), ("llama-other", 2), "nobody waits for an hour");
}

#[tokio::test]
async fn status_498_asks_on_demand() {
    let (result, _, asked) = run(vec![status(498, "capacity_exceeded")]).await;
    assert!(result.is_ok());
    assert_eq!(asked[1].get("service_tier"), Some(&json!("on_demand")));
}

#[tokio::test]
async fn status_5xx_is_tried_again() {
    for code in [500, 502, 503, 504] {
        let (result, _, asked) = run(vec![status(code, "")]).await;
        assert!(result.is_ok() && asked.len() == 2, "{code}");
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_is_no_draft() {
    let mut config = config(stops(true).await);
    config.backoff = Duration::from_millis(1);
    let groq = Groq::new(config, Clock::system()).unwrap();
    assert!(ask(&groq).await.0.is_err());
}

#[tokio::test]
async fn a_stream_that_goes_silent_ends_at_the_deadline() {
    let mut config = config(stops(false).await);
    config.attempt = Duration::from_millis(60);
    let groq = Groq::new(config, Clock::system()).unwrap();
    let soon = Instant::now() + Duration::from_millis(150);
    assert!(groq.complete(&[crate::prompt::again("x")], soon).await.0.is_err());
}
