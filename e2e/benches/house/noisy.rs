//! What one noisy business costs another: from posting a customer's message to its frame in the agent's browser, alone and while another
//! business gets fifty times as many.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::text;
use crate::flood::spread;
use crate::live::Socket;
use crate::shop::{House, entry, signed, text_item};
use crate::webhook::prepare;
use crate::{Row, median, span};

/// Messages a second of a business.
const NORMAL: usize = 2;
/// And of the noisy one.
const NOISY: usize = 50 * NORMAL;
const CONNECTIONS: usize = 16;
/// One round of either.
const SPAN: Duration = Duration::from_secs(20);
/// Of each, by turns, so that what else the machine does weighs on both.
const ROUNDS: usize = 2;
/// Too old to be answered: answers are measured elsewhere.
const LONG_AGO: i64 = 1_700_000_000_000;

pub async fn measure() -> Row {
    let house = House::start(&[]).await;
    let (noisy, noisy_page) = house.shop_with_page("Tiệm Ồn", "facebook").await;
    let (shop, page) = house.shop_with_page("Tiệm Yên", "facebook").await;
    for one in [&noisy, &shop] {
        let off = json!({"ai_enabled_by_default": false});
        one.api.call(Method::PUT, "/api/assistant/settings", Some(off)).await.expect(200);
    }
    let mut socket = Socket::open(&house, &shop).await;
    let span = span(SPAN);
    let seconds = usize::try_from(span.as_secs()).expect("small");
    let address = house.api.base().strip_prefix("http://").expect("plain HTTP").to_owned();
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        alone.extend(times(&house, &page, &mut socket, &format!("alone{round}"), seconds).await);
        let posts = prepare(
            &text(&noisy_page["page_id"]),
            &format!("noise{round}"),
            CONNECTIONS,
            NOISY * seconds / CONNECTIONS + 1,
        );
        let run = format!("beside{round}");
        let (measured, _) =
            tokio::join!(times(&house, &page, &mut socket, &run, seconds), spread(address.clone(), posts, NOISY, span));
        beside.extend(measured);
    }
    let (alone, beside) = (median(&mut alone), median(&mut beside));
    let ratio = beside / alone;
    Row {
        what: "a message to its frame on the socket, beside a business with 50 times as many (median)",
        ours: format!("{beside:.1} ms"),
        baseline: format!("without the other business {alone:.1} ms"),
        figure: format!("{ratio:.2} ×"),
        budget: "< 1.5 ×",
        kept: ratio < 1.5,
    }
}

/// Posts at the normal rate for so many seconds; gives how long each message took to the socket, in milliseconds.
async fn times(house: &House, page: &Value, socket: &mut Socket, run: &str, seconds: usize) -> Vec<f64> {
    let page = text(&page["page_id"]);
    let begin = Instant::now() + Duration::from_millis(200);
    let posting = async {
        let mut posted = HashMap::new();
        for number in 0..NORMAL * seconds {
            let after = u64::try_from(number * 1_000_000 / NORMAL).expect("small");
            tokio::time::sleep_until((begin + Duration::from_micros(after)).into()).await;
            let mid = format!("m_{run}_{number}");
            let customer = format!("9100{:04}", number % 20);
            let item = text_item(&page, &customer, &mid, "Còn hàng không shop?", LONG_AGO);
            let (body, signature) = signed(&entry(&page, &[item]));
            posted.insert(mid, Instant::now());
            assert_eq!(house.api.webhook("facebook", body, Some(&signature)).await.as_u16(), 200);
        }
        posted
    };
    let watching = async {
        let mut seen = Vec::new();
        while seen.len() < NORMAL * seconds {
            let message = socket.next_of("message.created", |_| true).await;
            seen.push((text(&message["platform_message_id"]), Instant::now()));
        }
        seen
    };
    let (posted, seen) = tokio::join!(posting, watching);
    seen.into_iter().map(|(mid, at)| (at - posted[&mid]).as_secs_f64() * 1000.0).collect()
}
