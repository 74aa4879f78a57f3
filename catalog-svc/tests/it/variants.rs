//! Variants, stock, categories and what prices were, through the wire.

use chatdesk_platform::Role;
use tonic::Code;

use super::*;

fn variant(name: &str, sku: &str, price_minor: Option<i64>, stock: Option<i64>) -> proto::Variant {
    let attributes = [("Màu".to_owned(), name.to_owned())].into();
    proto::Variant { name: name.to_owned(), sku: sku.to_owned(), price_minor, stock, attributes }
}

fn shirt() -> proto::CreateProductRequest {
    proto::CreateProductRequest {
        name: "Áo thun".to_owned(),
        price_minor: 150_000,
        sku: "AT01".to_owned(),
        category: "Thời trang".to_owned(),
        stock: Some(9),
        variants: vec![variant("Đỏ", "AT01-D", None, Some(2)), variant("Tím", "AT01-T", Some(170_000), Some(0))],
        image_urls: vec!["https://a.vn/1".to_owned(), "https://a.vn/2".to_owned()],
        ..Default::default()
    }
}

async fn listed(world: &World, tenant: TenantId, request: proto::ListProductsRequest) -> Vec<String> {
    let found = world.products(tenant).list_products(request).await.unwrap().into_inner();
    found.items.into_iter().map(|product| product.name).collect()
}

#[tokio::test]
async fn a_product_is_kept_with_all_its_forms() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let mut products = world.products(tenant);
    let made = products.create_product(shirt()).await.unwrap().into_inner();
    assert_eq!((made.sku.as_str(), made.category.as_str(), made.stock), ("AT01", "Thời trang", Some(9)));
    assert_eq!((&made.variants, &made.image_urls), (&shirt().variants, &shirt().image_urls));
    assert_eq!(made.image_url, "https://a.vn/1");
    assert_eq!(world.product(tenant, &made.id).await, made);
    let id = made.id.clone();
    let change = proto::UpdateProductRequest { id: id.clone(), name: Some("Áo".to_owned()), ..Default::default() };
    let changed = products.update_product(change).await.unwrap().into_inner();
    assert_eq!((&changed.variants, changed.stock, &changed.image_urls), (&made.variants, Some(9), &made.image_urls));
    let bare = proto::UpdateProductRequest {
        id: id.clone(),
        uncount_stock: true,
        variants: Some(proto::VariantList::default()),
        image_url: Some(String::new()),
        sku: Some(String::new()),
        category: Some(String::new()),
        ..Default::default()
    };
    let changed = products.update_product(bare).await.unwrap().into_inner();
    assert_eq!((changed.stock, changed.variants.len(), changed.image_url.as_str()), (None, 0, "https://a.vn/2"));
    world.delete(tenant, &id).await;
    let back = products.restore_product(proto::RestoreProductRequest { id: id.clone() }).await.unwrap().into_inner();
    assert_eq!((back.image_urls, back.sku), (changed.image_urls, changed.sku));
}

#[tokio::test]
async fn what_is_sold_out_shows_so_and_lists_go_by_it() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let mut products = world.products(tenant);
    let made = products.create_product(shirt()).await.unwrap().into_inner();
    world.create(tenant, "Mũ").await;
    assert_eq!(made.status(), proto::ProductStatus::Available);
    let gone = vec![variant("Đỏ", "AT01-D", None, Some(0)), variant("Tím", "AT01-T", None, Some(0))];
    let change = proto::UpdateProductRequest {
        id: made.id.clone(),
        variants: Some(proto::VariantList { items: gone }),
        ..Default::default()
    };
    let changed = products.update_product(change).await.unwrap().into_inner();
    assert_eq!(changed.status(), proto::ProductStatus::OutOfStock, "whatever a person set");
    let by = |status: proto::ProductStatus| proto::ListProductsRequest { status: status.into(), ..Default::default() };
    assert_eq!(listed(&world, tenant, by(proto::ProductStatus::OutOfStock)).await, ["Áo thun"]);
    assert_eq!(listed(&world, tenant, by(proto::ProductStatus::Available)).await, ["Mũ"]);
    let low = |low_stock| proto::ListProductsRequest { low_stock: Some(low_stock), ..Default::default() };
    assert_eq!(listed(&world, tenant, low(5)).await, ["Áo thun"]);
    let again = proto::UpdateProductRequest {
        id: made.id,
        stock: Some(7),
        variants: Some(proto::VariantList::default()),
        ..Default::default()
    };
    assert_eq!(products.update_product(again).await.unwrap().into_inner().status(), proto::ProductStatus::Available);
    assert!(listed(&world, tenant, low(6)).await.is_empty());
    assert_eq!(listed(&world, tenant, low(7)).await, ["Áo thun"]);
}

#[tokio::test]
async fn forms_categories_and_codes_are_found() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let made = world.products(tenant).create_product(shirt()).await.unwrap().into_inner();
    world.create(tenant, "Mũ len").await;
    for text in ["tim", "at01", "thoi trang", "AT01-T"] {
        let request = proto::ListProductsRequest { query: text.to_owned(), ..Default::default() };
        assert_eq!(listed(&world, tenant, request).await, ["Áo thun"], "{text}");
    }
    let search = proto::SearchRequest { text: "có màu tím không".to_owned(), ..Default::default() };
    let found = world.search(tenant).search(search).await.unwrap().into_inner().items;
    assert_eq!(found[0].product.as_ref().unwrap().id, made.id);
    let request = proto::ListProductsRequest { category: "Thời trang".to_owned(), ..Default::default() };
    assert_eq!(listed(&world, tenant, request).await, ["Áo thun"]);
    let categories =
        world.products(tenant).list_categories(proto::ListCategoriesRequest {}).await.unwrap().into_inner();
    assert_eq!(categories.items, [proto::Category { name: "Thời trang".to_owned(), products: 1 }]);
}

#[tokio::test]
async fn a_code_has_one_owner() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let mut products = world.products(tenant);
    let made = products.create_product(shirt()).await.unwrap().into_inner();
    let twice = products.create_product(shirt()).await.unwrap_err();
    assert_eq!((twice.code(), Problem::from(&twice).code.as_str()), (Code::AlreadyExists, "sku_taken"));
    let free = world.create(tenant, "Mũ").await;
    let change = proto::UpdateProductRequest { id: free.id, sku: Some("AT01".to_owned()), ..Default::default() };
    assert_eq!(Problem::from(&products.update_product(change).await.unwrap_err()).code, "sku_taken");
    world.products(other).create_product(shirt()).await.unwrap();
    world.delete(tenant, &made.id).await;
    products.create_product(shirt()).await.unwrap();
    let back = products.restore_product(proto::RestoreProductRequest { id: made.id }).await.unwrap_err();
    assert_eq!(Problem::from(&back).code, "sku_taken");
}

#[tokio::test]
async fn every_change_of_a_price_is_noted_with_who_made_it() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let user = UserId(new_id());
    let who = Identity::Member { tenant, user, role: Role::Manager };
    let mut products = ProductServiceClient::new(world.gateway.client(&who, LONG, None).unwrap());
    let made = products.create_product(shirt()).await.unwrap().into_inner();
    let asked = proto::ListPriceChangesRequest { product_id: made.id.clone(), ..Default::default() };
    assert!(products.list_price_changes(asked.clone()).await.unwrap().into_inner().items.is_empty());
    let change = proto::UpdateProductRequest {
        id: made.id.clone(),
        price_minor: Some(140_000),
        variants: Some(proto::VariantList { items: vec![variant("Đỏ", "", Some(145_000), None)] }),
        ..Default::default()
    };
    products.update_product(change).await.unwrap();
    let name = proto::UpdateProductRequest { id: made.id.clone(), name: Some("Áo".to_owned()), ..Default::default() };
    products.update_product(name).await.unwrap();
    let noted = products.list_price_changes(asked.clone()).await.unwrap().into_inner().items;
    let mut told: Vec<_> =
        noted.iter().map(|change| (change.variant.as_str(), change.old_minor, change.new_minor)).collect();
    told.sort();
    let want = [("", Some(150_000), Some(140_000)), ("Tím", Some(170_000), None), ("Đỏ", None, Some(145_000))];
    assert_eq!(told, want);
    for change in &noted {
        assert_eq!((change.changed_by.clone(), change.source()), (user.0.to_string(), proto::PriceSource::Person));
        assert_eq!((change.currency.as_str(), change.old_currency.as_str()), ("VND", "VND"));
    }
    let page = proto::ListPriceChangesRequest { limit: 2, ..asked.clone() };
    let page = products.list_price_changes(page).await.unwrap().into_inner();
    let rest = proto::ListPriceChangesRequest { cursor: page.next_cursor, ..asked };
    let rest = products.list_price_changes(rest).await.unwrap().into_inner();
    assert_eq!([page.items, rest.items].concat(), noted);
    let other = world.tenant().await;
    let asked = proto::ListPriceChangesRequest { product_id: made.id, ..Default::default() };
    let theirs = world.products(other).list_price_changes(asked).await;
    assert_eq!(theirs.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn bad_forms_are_named_and_another_currency_needs_their_prices() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let mut products = world.products(tenant);
    let mut bad = shirt();
    bad.stock = Some(-1);
    bad.sku = "a\nb".to_owned();
    bad.variants = vec![variant("", "", Some(-1), None), variant("Đỏ", "", None, None), variant("đỏ", "", None, None)];
    bad.image_urls = vec!["http://a.vn".to_owned()];
    let want = [
        ("image_urls[0]", "malformed"),
        ("sku", "malformed"),
        ("stock", "out_of_range"),
        ("variants[0].name", "required"),
        ("variants[0].price_minor", "out_of_range"),
        ("variants[0].attributes", "required"),
        ("variants[2].name", "duplicate"),
    ];
    let want = want.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(refused(&products.create_product(bad).await.unwrap_err()), want);
    let made = products.create_product(shirt()).await.unwrap().into_inner();
    let change = proto::UpdateProductRequest {
        id: made.id,
        price_minor: Some(1_000),
        currency: Some("USD".to_owned()),
        ..Default::default()
    };
    let want = [("variants".to_owned(), "required".to_owned())];
    assert_eq!(refused(&products.update_product(change).await.unwrap_err()), want);
}
