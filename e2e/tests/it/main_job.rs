//! The main job: a customer writes, the assistant answers from the catalogue, the answer reaches the customer and the agents' screens.

use serde_json::{Value, json};

use crate::api::text;
use crate::live::Socket;
use crate::process::eventually;
use crate::shop::{House, sent};

async fn a_question_is_answered(platform: &str, customer: &str, question: &str, must_contain: &str) {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Hoa Nắng", platform).await;
    let mut socket = Socket::open(&house, &shop).await;

    let mid = house.write(&page, customer, question).await;

    let arrived = socket.next_of("message.created", |data| data["sender_type"] == "contact").await;
    assert_eq!(arrived["platform_message_id"], mid);
    assert_eq!(arrived["content"], question);
    let answer =
        socket.next_of("message.updated", |data| data["sender_type"] == "ai" && data["status"] == "sent").await;
    assert!(text(&answer["content"]).contains(must_contain), "{answer}");
    assert!(answer["provenance"]["products"].as_array().is_some_and(|products| !products.is_empty()), "{answer}");

    let sent = house.sent_to(&page, customer).await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0]["text"], answer["content"]);
    assert_eq!(sent[0]["mid"], answer["platform_message_id"]);

    let conversation = shop.conversation(customer).await;
    assert_eq!(conversation["platform"], platform);
    assert_eq!(conversation["status"], "open");
    let messages = shop.messages(&conversation).await;
    let senders: Vec<_> = messages.iter().map(|message| text(&message["sender_type"])).collect();
    assert_eq!(senders, ["contact", "ai"]);
}

#[tokio::test]
async fn vietnamese_on_facebook() {
    a_question_is_answered("facebook", "61000000000001", "Áo thun đỏ giá bao nhiêu vậy shop?", "150.000").await;
}

#[tokio::test]
async fn vietnamese_without_accents_on_instagram() {
    a_question_is_answered("instagram", "61000000000002", "ao thun do gia bao nhieu", "150.000").await;
}

#[tokio::test]
async fn english_on_facebook() {
    a_question_is_answered("facebook", "61000000000003", "How much is the quần jean xanh?", "420").await;
}

#[tokio::test]
async fn a_question_beside_the_catalogue_goes_to_a_person_with_one_line_to_the_customer() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Mây", "facebook").await;
    let customer = "61000000000010";
    house.write(&page, customer, "Cho mình gặp nhân viên tư vấn với").await;
    let sent_line = house.sent_to(&page, customer).await;
    assert_eq!(sent_line.len(), 1);
    let conversation = eventually("it needs a human", || async {
        let conversation = shop.conversation(customer).await;
        (conversation["status"] == "needs_human").then_some(conversation)
    })
    .await;
    assert_eq!(conversation["ai"]["state"], "handed_over");

    // The assistant stays silent until a person hands back.
    house.write(&page, customer, "Áo thun đỏ giá bao nhiêu?").await;
    shop.message_where(customer, "the second question is stored", |message| {
        text(&message["content"]).contains("150") || message["content"] == "Áo thun đỏ giá bao nhiêu?"
    })
    .await;
    let path = format!("/api/conversations/{}/ai", text(&conversation["id"]));
    let back = shop.api.call(reqwest::Method::PATCH, &path, Some(json!({"is_ai_enabled": true}))).await.expect(200);
    assert_eq!(back["ai"]["state"], "active");
    eventually("the open question is answered after handing back", || async {
        (sent(&house.sandbox, &page, customer).await.len() == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_burst_of_lines_gets_one_answer() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Gió", "facebook").await;
    let customer = "61000000000011";
    for line in ["Shop ơi", "cho mình hỏi", "áo thun đỏ", "giá bao nhiêu"] {
        house.write(&page, customer, line).await;
    }
    house.sent_to(&page, customer).await;
    let conversation = shop.conversation(customer).await;
    let messages = eventually("all lines are stored", || async {
        let messages = shop.messages(&conversation).await;
        (messages.iter().filter(|message| message["sender_type"] == "contact").count() == 4).then_some(messages)
    })
    .await;
    let answers: Vec<&Value> = messages.iter().filter(|message| message["sender_type"] == "ai").collect();
    assert!(answers.len() <= 2, "a burst is answered once, or twice when it was torn by a slow machine: {answers:?}");
    assert!(answers.iter().any(|answer| text(&answer["content"]).contains("150.000")), "{answers:?}");
}

#[tokio::test]
async fn a_person_answers_and_the_assistant_is_silent() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Nắng", "facebook").await;
    let customer = "61000000000012";
    house.write(&page, customer, "Quần jean xanh còn không?").await;
    house.sent_to(&page, customer).await;
    let conversation = shop.conversation(customer).await;
    let path = format!("/api/conversations/{}/messages", text(&conversation["id"]));
    let queued = shop.api.post(&path, json!({"text": "Dạ để em kiểm tra kho nhé"})).await.expect(202);
    assert_eq!(queued["sender_type"], "business");
    shop.message_where(customer, "the person's words are sent", |message| {
        message["id"] == queued["id"] && message["status"] == "sent"
    })
    .await;
    let conversation = shop.conversation(customer).await;
    assert_eq!(conversation["ai"]["state"], "paused");
    assert_eq!(conversation["ai"]["reason"], "human_replied");
    assert!(conversation["ai"]["until"].is_string());
}

#[tokio::test]
async fn a_person_in_metas_own_app_pauses_the_assistant_and_our_own_echo_does_not() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Sóng", "facebook").await;
    let customer = "61000000000013";
    house.write(&page, customer, "Bình giữ nhiệt giá sao?").await;
    house.sent_to(&page, customer).await;
    let conversation = shop.conversation(customer).await;
    assert_eq!(conversation["ai"]["state"], "active", "our own echo pauses nothing");
    let body = json!({"customer_id": customer, "text": "Mình trả lời từ trang nhé"});
    let path = format!("/sandbox/pages/{}/human", text(&page["page_id"]));
    let answer = house.sandbox.post(&path, body).await;
    assert!(answer.status.is_success(), "{answer:?}");
    let person = shop.message_where(customer, "the person's words are stored", |message| {
        message["content"] == "Mình trả lời từ trang nhé"
    });
    assert_eq!(person.await["sender_type"], "business");
    let conversation = eventually("the assistant pauses", || async {
        let conversation = shop.conversation(customer).await;
        (conversation["ai"]["state"] == "paused").then_some(conversation)
    });
    assert_eq!(conversation.await["ai"]["reason"], "human_replied");
}

#[tokio::test]
async fn preview_answers_and_sends_nothing() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Thử", "facebook").await;
    let answer =
        shop.api.post("/api/assistant/preview", json!({"text": "Áo thun đỏ bao nhiêu tiền?"})).await.expect(200);
    assert_eq!(answer["outcome"], "answered");
    assert!(text(&answer["answer"]).contains("150.000"), "{answer}");
    assert_eq!(answer["products"][0]["name"], "Áo thun đỏ cotton");
    let all = house.sandbox.get("/sandbox/sent").await.expect(200);
    let none = all["items"].as_array().is_some_and(|items| items.iter().all(|item| item["page_id"] != page["page_id"]));
    assert!(none, "{all}");
}

#[tokio::test]
async fn the_demo_shop_is_there_and_its_search_finds_products() {
    let house = House::shared().await;
    let owner = house.demo_owner().await;
    let products = owner.api.all("/api/products").await;
    assert!(products.len() >= 50, "{}", products.len());
    let name = text(&products[0]["name"]);
    let path = reqwest::Url::parse_with_params(
        &format!("{}/api/products/search", owner.api.base()),
        [("q", name.as_str()), ("limit", "5")],
    )
    .expect("a URL");
    let path = format!("{}?{}", path.path(), path.query().unwrap_or_default());
    let found = owner.api.get(&path).await.expect(200);
    assert_eq!(found["items"][0]["name"], name.as_str(), "{found}");
}

#[tokio::test]
async fn a_follow_up_is_about_the_product_spoken_of_before() {
    let house = House::shared().await;
    let page = house.run["pages"]
        .as_array()
        .expect("pages")
        .iter()
        .find(|page| page["platform"] == "facebook")
        .expect("one")
        .clone();
    let customer = "61000000000020";
    house.write(&page, customer, "Áo thun trơn giá bao nhiêu vậy?").await;
    house.sent_to(&page, customer).await;
    house.write(&page, customer, "còn màu đen size L không ạ?").await;
    let second = eventually("the follow-up is answered", || async {
        let sent = sent(&house.sandbox, &page, customer).await;
        sent.get(1).cloned()
    })
    .await;
    assert!(text(&second["text"]).contains("Áo thun trơn"), "{second}");
}
