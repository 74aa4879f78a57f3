//! Cards of the products that an answer rests on: after its words, where the shop wants them, and never stale.

use std::sync::atomic::Ordering::SeqCst;

use chatdesk_proto::ai::v1::AnswerResponse;
use chatdesk_proto::inbox::v1::{MessageStatus, SenderType};
use chatdesk_proto::tenants::v1::Card;

use crate::house::House;
use crate::vendors::{handover, refused, with_product};

const PICTURE: &str = "https://cdn.test/1.jpg";

/// An answer that rests on a product with a picture.
fn pictured(text: &str) -> AnswerResponse {
    let mut answer = with_product(text);
    answer.products[0].image_url = PICTURE.to_owned();
    answer
}

async fn shop_with_cards() -> House {
    let house = House::new().await;
    house.meta.send_cards.store(true, SeqCst);
    house
}

fn says(house: &House, answer: AnswerResponse) {
    house.ai.script.lock().unwrap().push_back(Ok(answer));
}

fn sent_cards(house: &House) -> Vec<Card> {
    house.meta.sent_cards.lock().unwrap().iter().flat_map(|sent| sent.cards.clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_about_one_product_shows_its_card_after_its_words() {
    let house = shop_with_cards().await;
    says(&house, pictured("Dạ áo 199.000đ ạ."));
    house.writes("c1", "áo thun giá sao?").await;
    let all = house.see("words and card", |all| all.len() == 3 && all[2].status() == MessageStatus::Sent).await;
    assert_eq!((all[1].content.as_str(), all[1].cards.len()), ("Dạ áo 199.000đ ạ.", 0));
    let card =
        Card {
            title: "Áo thun".to_owned(), subtitle: "199.000đ · Còn hàng".to_owned(), image_url: PICTURE.to_owned()
        };
    assert_eq!(
        (all[2].content.as_str(), &all[2].cards, all[2].sender_type()),
        ("", &vec![card.clone()], SenderType::Ai)
    );
    assert_eq!(all[2].provenance, all[1].provenance, "the same answer");
    assert_eq!(sent_cards(&house), [card]);
    assert_eq!(house.sent().len(), 1);
    assert_eq!(house.ai.rechecked.lock().unwrap().len(), 2, "the words are checked, and the card");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_of_a_product_with_dearer_variants_says_from_what_price() {
    let house = shop_with_cards().await;
    let mut answer = pictured("Dạ áo size L giá 219.000đ ạ.");
    (answer.products[0].lowest_price_minor, answer.products[0].has_higher_prices) = (189_000, true);
    says(&house, answer);
    house.writes("c1", "áo thun size L giá sao?").await;
    house.see("words and card", |all| all.len() == 3 && all[2].status() == MessageStatus::Sent).await;
    assert_eq!(sent_cards(&house)[0].subtitle, "từ 189.000đ · Còn hàng");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_of_a_product_with_a_sold_out_variant_leaves_the_stock_to_the_words() {
    let house = shop_with_cards().await;
    let mut answer = pictured("Dạ áo size L hết hàng rồi ạ.");
    answer.products[0].has_sold_out_variants = true;
    says(&house, answer);
    house.writes("c1", "áo thun size L còn không?").await;
    house.see("words and card", |all| all.len() == 3 && all[2].status() == MessageStatus::Sent).await;
    assert_eq!(sent_cards(&house)[0].subtitle, "199.000đ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_card_unless_the_shop_wants_it_and_the_answer_has_a_picture_of_all_it_names() {
    let house = House::new().await;
    says(&house, pictured("Dạ còn."));
    house.writes("c1", "còn áo không?").await;
    house.see("the words", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    assert!(sent_cards(&house).is_empty(), "it is off unless somebody switched it on");

    let house = shop_with_cards().await;
    let mut many = pictured("Dạ có bốn mẫu.");
    many.products = vec![many.products[0].clone(); 4];
    let line = AnswerResponse { products: pictured("").products, ..handover("Để em hỏi ạ.", "complaint") };
    for (user, answer) in [("c1", with_product("Dạ còn.")), ("c2", many), ("c3", line)] {
        says(&house, answer);
        house.writes(user, "áo?").await;
        house.idle().await;
    }
    assert_eq!(house.sent().len(), 3, "all of them were answered");
    assert!(sent_cards(&house).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_whose_price_changed_after_the_words_is_not_sent_and_nothing_is_said_twice() {
    let house = shop_with_cards().await;
    house.ai.stale.lock().unwrap().extend([false, true]);
    says(&house, pictured("Dạ áo 199.000đ ạ."));
    house.writes("c1", "giá áo?").await;
    let all = house.see("no card", |all| all.len() == 3 && all[2].status() == MessageStatus::Failed).await;
    assert_eq!(all[2].failure.as_ref().unwrap().code, "stale");
    house.idle().await;
    assert_eq!((house.sent().len(), house.asked().len()), (1, 1));
    assert!(sent_cards(&house).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_never_goes_out_without_its_words() {
    let house = shop_with_cards().await;
    house.meta.script.lock().unwrap().push_back(refused("recipient_unavailable"));
    says(&house, pictured("Dạ áo 199.000đ ạ."));
    house.writes("c1", "giá áo?").await;
    let all = house.see("both given up", |all| all.len() == 3 && all[2].status() == MessageStatus::Failed).await;
    assert_eq!(all[2].failure.as_ref().unwrap().code, "previous_part");
    house.idle().await;
    assert!(sent_cards(&house).is_empty());

    // Stale before the words: both are dropped, and another answer is written.
    let house = shop_with_cards().await;
    house.ai.stale.lock().unwrap().push_back(true);
    says(&house, pictured("Dạ 199.000đ ạ."));
    says(&house, pictured("Dạ 209.000đ ạ."));
    house.writes("c1", "giá áo?").await;
    let all = house.see("the second answer", |all| all.len() == 5 && all[4].status() == MessageStatus::Sent).await;
    let failed = |at: usize| all[at].failure.as_ref().map(|failure| failure.code.clone()).unwrap_or_default();
    assert_eq!((failed(1).as_str(), failed(2).as_str()), ("stale", "stale"));
    assert_eq!((house.sent().len(), sent_cards(&house).len()), (1, 1));
}
