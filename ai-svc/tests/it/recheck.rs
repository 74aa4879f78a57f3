//! Whether what an answer says still holds when it is sent: the products it speaks of, with all their variants.

use crate::world::{World, says};
use chatdesk_proto::ai::v1::answer_service_client::AnswerServiceClient;
use chatdesk_proto::ai::v1::{AnswerResponse, RecheckRequest, UsedProduct};
use chatdesk_proto::catalog::v1::{Product, ProductStatus, Variant};

async fn stale(world: &World, products: &[UsedProduct]) -> Vec<String> {
    let request = RecheckRequest { products: products.to_vec() };
    AnswerServiceClient::new(world.inbox()).recheck(request).await.unwrap().into_inner().stale_product_ids
}

fn ids(answer: &AnswerResponse) -> Vec<String> {
    answer.products.iter().map(|product| product.id.clone()).collect()
}

#[tokio::test]
async fn a_recheck_names_what_changed() {
    let world = World::without_a_key().await;
    let products = world.ask("giá áo thun đỏ và áo thun xanh").await.products;
    assert_eq!(products.len(), 2);
    assert_eq!(stale(&world, &products).await, Vec::<String>::new());
    world.change(0, |p| p.price_minor = 99_000);
    assert_eq!(stale(&world, &products).await, [world.product(0).id]);
    world.change(1, |p| p.status = ProductStatus::OutOfStock.into());
    assert_eq!(stale(&world, &products).await.len(), 2);
    world.state.products.lock().unwrap().clear();
    assert_eq!(stale(&world, &products).await.len(), 2, "a product that is gone is stale");
}

#[tokio::test]
async fn a_variant_that_changed_makes_an_answer_stale() {
    let world = World::without_a_key().await;
    let red = world.product(0);
    let variant = |name: &str, price_minor, stock| Variant {
        name: name.to_owned(),
        price_minor,
        stock: Some(stock),
        ..Variant::default()
    };
    let variants = vec![variant("M", None, 3), variant("L", Some(170_000), 2)];
    world.change(0, |p| p.variants = variants.clone());
    let answer = world.ask("áo thun đỏ size L giá bao nhiêu?").await;
    assert!(answer.text.contains("170.000đ"), "{}", answer.text);
    assert_eq!((answer.products[0].lowest_price_minor, answer.products[0].has_higher_prices), (150_000, true));
    assert!(!answer.products[0].has_sold_out_variants);
    assert_eq!(stale(&world, &answer.products).await, Vec::<String>::new());
    let changes: [fn(&mut Vec<Variant>); 5] = [
        |all| all[1].price_minor = Some(190_000),
        |all| all[1].price_minor = None,
        |all| all[1].stock = Some(0),
        |all| all[0].stock = Some(0),
        |all| all.truncate(1),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        world.change(0, |p| change(&mut p.variants));
        assert_eq!(stale(&world, &answer.products).await, std::slice::from_ref(&red.id), "change {n}");
        world.change(0, |p| p.variants = variants.clone());
    }
    // What the answer does not state may change.
    world.change(0, |p| p.description = "Cotton dày.".to_owned());
    world.change(0, |p| p.variants[0].stock = Some(1));
    assert_eq!(stale(&world, &answer.products).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_sale_makes_an_answer_stale_that_says_how_many_are_left() {
    let world = World::without_a_key().await;
    world.change(0, |p| p.stock = Some(12));
    let counted = world.ask("áo thun đỏ còn mấy cái?").await;
    assert!(counted.text.contains("12"), "{}", counted.text);
    let priced = world.ask("áo thun đỏ giá bao nhiêu?").await;
    assert!(!priced.text.contains("12"), "{}", priced.text);
    world.change(0, |p| p.stock = Some(11));
    assert_eq!(stale(&world, &counted.products).await, [world.product(0).id]);
    assert_eq!(stale(&world, &priced.products).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_without_a_fingerprint_is_compared_by_price_currency_and_status() {
    let world = World::without_a_key().await;
    let red = world.product(0);
    let mut then = world.ask("áo thun đỏ giá bao nhiêu?").await.products;
    then[0].fingerprint.clear();
    assert_eq!(stale(&world, &then).await, Vec::<String>::new());
    let changes: [fn(&mut Product); 3] = [
        |p| p.price_minor = 99_000,
        |p| p.currency = "USD".to_owned(),
        |p| p.status = ProductStatus::OutOfStock.into(),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        world.change(0, change);
        assert_eq!(stale(&world, &then).await, std::slice::from_ref(&red.id), "change {n}");
        world.change(0, |p| *p = red.clone());
    }
}

#[tokio::test]
async fn a_product_that_only_the_words_name_is_rechecked_too() {
    let world = World::with_model(vec![]).await;
    let (red, blue) = (world.product(0), world.product(1));
    let reply = says("Dạ áo thun đỏ giá 150k, áo thun xanh giá 160k ạ", &[&red.id]);
    world.state.replies.lock().unwrap().push_back(reply);
    let answer = world.ask("giá áo thun đỏ và áo thun xanh").await;
    assert_eq!(ids(&answer), [red.id, blue.id.clone()], "{}", answer.text);
    world.change(1, |p| p.price_minor = 170_000);
    assert_eq!(stale(&world, &answer.products).await, [blue.id]);
}

#[tokio::test]
async fn a_word_of_another_products_name_is_no_naming() {
    let world = World::with_model(vec![]).await;
    world.change(1, |p| p.name = "Túi vải cotton".to_owned());
    let red = world.product(0);
    let reply = says("Dạ áo thun đỏ giá 150k, chất cotton mềm mịn ạ", &[&red.id]);
    world.state.replies.lock().unwrap().push_back(reply);
    let answer = world.ask("áo thun đỏ vải cotton giá bao nhiêu?").await;
    assert_eq!(ids(&answer), [red.id], "{}", answer.text);
}
