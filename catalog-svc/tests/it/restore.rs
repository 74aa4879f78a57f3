//! Deleted products and the day in which they can be brought back.

use chrono::TimeDelta;
use tonic::Code;

use super::*;

async fn restore(world: &World, tenant: TenantId, id: &str) -> Result<proto::Product, Status> {
    let request = proto::RestoreProductRequest { id: id.to_owned() };
    Ok(world.products(tenant).restore_product(request).await?.into_inner())
}

async fn embed_all(world: &World) {
    for task in world.claim(MODEL, 0).await {
        assert_eq!(world.store(MODEL, &task, leaning(1)).await, 1);
    }
}

#[tokio::test]
async fn a_deleted_product_comes_back_as_it_was() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let request = proto::CreateProductRequest {
        name: "Áo thun đỏ".to_owned(),
        description: "Cotton".to_owned(),
        price_minor: 1_250,
        currency: "USD".to_owned(),
        status: proto::ProductStatus::OutOfStock.into(),
        extra_info: r#"{"size": ["S"], "x": "\u0000"}"#.to_owned(),
        image_url: "https://cdn.test/ao.jpg".to_owned(),
        ..Default::default()
    };
    let made = world.products(tenant).create_product(request).await.unwrap().into_inner();
    embed_all(&world).await;
    world.delete(tenant, &made.id).await;
    assert_eq!(world.count("select count(*) from catalog.terms").await, 0);
    assert_eq!(world.count("select count(*) from catalog.vectors").await, 0);

    let back = restore(&world, tenant, &made.id).await.unwrap();
    assert_eq!(back, made, "waiting for its vector, like a new one");
    assert_eq!(world.product(tenant, &made.id).await, back);
    assert_eq!(world.count("select count(*) from catalog.deleted_products").await, 0);
    let request = proto::SearchRequest { text: "ao thun do".to_owned(), ..Default::default() };
    let found = world.search(tenant).search(request).await.unwrap().into_inner().items;
    assert_eq!(found.len(), 1, "found by its words at once");
    embed_all(&world).await;
    assert_eq!(world.product(tenant, &made.id).await.embedding_status(), proto::EmbeddingStatus::Ready);

    // Asked again, because the answer was lost.
    assert_eq!(restore(&world, tenant, &made.id).await.unwrap().id, made.id);
    // Deleted and brought back once more.
    world.delete(tenant, &made.id).await;
    assert_eq!(restore(&world, tenant, &made.id).await.unwrap().name, "Áo thun đỏ");
}

#[tokio::test]
async fn after_a_day_it_is_gone() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let (early, late) = (world.create(tenant, "Áo").await, world.create(tenant, "Váy").await);
    world.delete(tenant, &early.id).await;
    world.hand.advance(TimeDelta::seconds(1));
    world.delete(tenant, &late.id).await;
    world.hand.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(restore(&world, tenant, &early.id).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(restore(&world, tenant, &late.id).await.unwrap().id, late.id);
}

#[tokio::test]
async fn what_is_gone_is_forgotten_by_the_sweep() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let (early, late) = (world.create(tenant, "Áo").await, world.create(tenant, "Váy").await);
    world.delete(tenant, &early.id).await;
    world.hand.advance(TimeDelta::hours(23));
    world.delete(tenant, &late.id).await;
    world.hand.advance(TimeDelta::hours(1));
    // A call for texts starts the sweep.
    world.claim(MODEL, 0).await;
    let swept = async {
        while world.count("select count(*) from catalog.deleted_products").await > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, swept).await.unwrap();
    assert_eq!(restore(&world, tenant, &early.id).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(restore(&world, tenant, &late.id).await.unwrap().id, late.id);
}

#[tokio::test]
async fn nobody_brings_back_anothers() {
    let world = World::new().await;
    let (own, other) = (world.tenant().await, world.tenant().await);
    let theirs = world.create(other, "Áo").await;
    world.delete(other, &theirs.id).await;
    let never = new_id().to_string();
    for id in [theirs.id.as_str(), &never, "", "x"] {
        assert_eq!(restore(&world, own, id).await.unwrap_err().code(), Code::NotFound);
    }
    assert_eq!(restore(&world, other, &theirs.id).await.unwrap().id, theirs.id);
}

#[tokio::test]
async fn two_who_bring_it_back_at_once_get_the_same() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let made = world.create(tenant, "Áo").await;
    world.delete(tenant, &made.id).await;
    let (one, two) = tokio::join!(restore(&world, tenant, &made.id), restore(&world, tenant, &made.id));
    assert_eq!((one.unwrap().id, two.unwrap().id), (made.id.clone(), made.id));
    assert_eq!(world.count("select count(*) from catalog.products").await, 1);
}
