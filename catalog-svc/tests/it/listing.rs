//! The list narrowed down to words and a status.

use super::*;

/// Names of the products of a filtered list, all its pages, in its order.
async fn names(world: &World, tenant: TenantId, query: &str, status: proto::ProductStatus) -> Vec<String> {
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = proto::ListProductsRequest {
            cursor,
            limit: 2,
            query: query.to_owned(),
            status: status.into(),
            ..Default::default()
        };
        let page = world.products(tenant).list_products(request).await.unwrap().into_inner();
        names.extend(page.items.into_iter().map(|product| product.name));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            return names;
        }
    }
}

async fn shop(world: &World) -> TenantId {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    world.create(other, "Áo thun đỏ của người khác").await;
    for (name, description, status) in [
        ("Áo thun đỏ", "Vải cotton mát", proto::ProductStatus::Available),
        ("Áo len đỏ đô", "", proto::ProductStatus::OutOfStock),
        ("Quần đùi", "Mặc với áo thun", proto::ProductStatus::Available),
        ("Bình gốm men xanh", "", proto::ProductStatus::OutOfStock),
        ("Áo thun cổ tròn", "", proto::ProductStatus::Available),
    ] {
        let request = proto::CreateProductRequest {
            name: name.to_owned(),
            description: description.to_owned(),
            price_minor: 150_000,
            status: status.into(),
            ..Default::default()
        };
        world.products(tenant).create_product(request).await.unwrap();
    }
    tenant
}

#[tokio::test]
async fn every_word_is_the_beginning_of_a_word_of_the_product() {
    let world = World::new().await;
    let tenant = shop(&world).await;
    let all = proto::ProductStatus::Unspecified;
    for (query, expected) in [
        ("áo th", vec!["Áo thun cổ tròn", "Quần đùi", "Áo thun đỏ"]),
        ("AO THUN", vec!["Áo thun cổ tròn", "Quần đùi", "Áo thun đỏ"]),
        ("do ao", vec!["Áo len đỏ đô", "Áo thun đỏ"]),
        ("cotton do", vec!["Áo thun đỏ"]),
        ("co tr", vec!["Áo thun cổ tròn"]),
        ("gôm", vec!["Bình gốm men xanh"]),
        ("150k g", vec!["Bình gốm men xanh"]),
        ("un", vec![]),
        ("áo váy", vec![]),
        ("'; -- % _", vec!["Áo thun cổ tròn", "Bình gốm men xanh", "Quần đùi", "Áo len đỏ đô", "Áo thun đỏ"]),
    ] {
        assert_eq!(names(&world, tenant, query, all).await, expected, "{query}");
    }
}

#[tokio::test]
async fn words_status_and_pages_combine() {
    let world = World::new().await;
    let tenant = shop(&world).await;
    let (there, gone) = (proto::ProductStatus::Available, proto::ProductStatus::OutOfStock);
    assert_eq!(names(&world, tenant, "", gone).await, ["Bình gốm men xanh", "Áo len đỏ đô"]);
    assert_eq!(names(&world, tenant, "", there).await, ["Áo thun cổ tròn", "Quần đùi", "Áo thun đỏ"]);
    assert_eq!(names(&world, tenant, "ao do", gone).await, ["Áo len đỏ đô"]);
    assert_eq!(names(&world, tenant, "ao thun", gone).await, Vec::<String>::new());
}
