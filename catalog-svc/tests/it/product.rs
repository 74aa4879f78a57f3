//! Products through the wire.

use chatdesk_platform::Role;
use tonic::Code;

use super::*;

#[tokio::test]
async fn a_product_lives_its_life_in_one_process() {
    life(World::new().await).await;
}

#[tokio::test]
async fn a_product_lives_its_life_over_http2() {
    life(World::remote().await).await;
}

async fn life(world: World) {
    let tenant = world.tenant().await;
    let mut products = world.products(tenant);
    let extra = r#"{"size": ["S", "M"], "giá sỉ": 120000.50, "x": "\u0000"}"#;
    let request = proto::CreateProductRequest {
        name: " Áo thun đỏ ".to_owned(),
        description: "Cotton".to_owned(),
        price_minor: 150_000,
        extra_info: extra.to_owned(),
        image_url: " https://cdn.test/ao.jpg ".to_owned(),
        ..Default::default()
    };
    let made = products.create_product(request).await.unwrap().into_inner();
    assert_eq!((made.name.as_str(), made.currency.as_str(), made.price_minor), ("Áo thun đỏ", "VND", 150_000));
    assert_eq!(made.status(), proto::ProductStatus::Available);
    assert_eq!(made.embedding_status(), proto::EmbeddingStatus::Pending);
    assert_eq!((made.extra_info.as_str(), made.image_url.as_str()), (extra, "https://cdn.test/ao.jpg"));
    assert_eq!(world.product(tenant, &made.id).await, made);

    let change = proto::UpdateProductRequest {
        id: made.id.clone(),
        price_minor: Some(1_250),
        currency: Some("USD".to_owned()),
        status: proto::ProductStatus::OutOfStock.into(),
        ..Default::default()
    };
    let changed = products.update_product(change).await.unwrap().into_inner();
    assert_eq!((changed.price_minor, changed.currency.as_str()), (1_250, "USD"));
    assert_eq!(changed.status(), proto::ProductStatus::OutOfStock);
    assert_eq!(
        (&changed.name, &changed.extra_info, &changed.image_url, &changed.created_at),
        (&made.name, &made.extra_info, &made.image_url, &made.created_at)
    );
    assert_eq!(world.product(tenant, &made.id).await, changed);

    let known = proto::GetProductsRequest {
        ids: vec![made.id.clone(), new_id().to_string(), "nonsense".to_owned(), made.id.clone()],
    };
    let several = products.get_products(known).await.unwrap().into_inner().items;
    assert_eq!(several, [changed]);

    let bare =
        proto::UpdateProductRequest { id: made.id.clone(), image_url: Some(String::new()), ..Default::default() };
    assert_eq!(products.update_product(bare).await.unwrap().into_inner().image_url, "");
    assert_eq!(world.product(tenant, &made.id).await.image_url, "");

    let gone = proto::DeleteProductRequest { id: made.id.clone() };
    products.delete_product(gone.clone()).await.unwrap();
    assert_eq!(products.delete_product(gone).await.unwrap_err().code(), Code::NotFound);
    let get = products.get_product(proto::GetProductRequest { id: made.id }).await;
    assert_eq!(get.unwrap_err().code(), Code::NotFound);
    assert_eq!(world.count("select count(*) from catalog.terms").await, 0);
    assert_eq!(world.count("select count(*) from routing.due_work").await, 0);
}

#[tokio::test]
async fn pages_follow_each_other_newest_first() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let mut made = Vec::new();
    for n in 0..7 {
        made.push(world.create(tenant, &format!("Áo số {n}")).await.id);
    }
    made.reverse();
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let request = proto::ListProductsRequest { cursor, limit: 3, ..Default::default() };
        let page = world.products(tenant).list_products(request).await.unwrap().into_inner();
        seen.extend(page.items.into_iter().map(|product| product.id));
        pages += 1;
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!((seen, pages), (made, 3));
    let exact = proto::ListProductsRequest { limit: 7, ..Default::default() };
    let all = world.products(tenant).list_products(exact).await.unwrap().into_inner();
    assert_eq!((all.items.len(), all.next_cursor.as_str()), (7, ""));
}

#[tokio::test]
async fn every_bad_field_is_named() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let mut products = world.products(tenant);
    let bad = proto::CreateProductRequest {
        name: "\0".to_owned(),
        description: "x".repeat(8_001),
        price_minor: -1,
        currency: "DOGE".to_owned(),
        status: 9,
        extra_info: "[]".to_owned(),
        image_url: "javascript:alert(1)".to_owned(),
        ..Default::default()
    };
    let want = [
        ("name", "malformed"),
        ("description", "too_long"),
        ("price_minor", "out_of_range"),
        ("currency", "unknown"),
        ("status", "unknown"),
        ("extra_info", "malformed"),
        ("image_url", "malformed"),
    ];
    let want = want.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(refused(&products.create_product(bad.clone()).await.unwrap_err()), want);
    let made = world.create(tenant, "Áo").await;
    let change = proto::UpdateProductRequest {
        id: made.id.clone(),
        name: Some(bad.name),
        description: Some(bad.description),
        price_minor: Some(bad.price_minor),
        currency: Some(bad.currency),
        status: bad.status,
        extra_info: Some(bad.extra_info),
        image_url: Some(bad.image_url),
        ..Default::default()
    };
    assert_eq!(refused(&products.update_product(change).await.unwrap_err()), want);
    assert_eq!(world.product(tenant, &made.id).await, made);

    let page = proto::ListProductsRequest {
        cursor: "?".to_owned(),
        limit: 201,
        query: "x".repeat(201),
        status: 9,
        ..Default::default()
    };
    let want = [("cursor", "malformed"), ("limit", "out_of_range"), ("query", "too_long"), ("status", "unknown")];
    let want = want.map(|(f, c)| (f.to_owned(), c.to_owned()));
    assert_eq!(refused(&products.list_products(page).await.unwrap_err()), want);
    let many = proto::GetProductsRequest { ids: vec![made.id; 201] };
    assert_eq!(refused(&products.get_products(many).await.unwrap_err()), [("ids".to_owned(), "too_many".to_owned())]);
}

#[tokio::test]
async fn what_cannot_be_an_id_does_not_exist() {
    let world = World::new().await;
    let mut products = world.products(world.tenant().await);
    for id in ["", "x", "\0", "00000000-0000-0000-0000-000000000000"] {
        let id = id.to_owned();
        let get = products.get_product(proto::GetProductRequest { id: id.clone() }).await.unwrap_err();
        let update = proto::UpdateProductRequest { id: id.clone(), ..Default::default() };
        let update = products.update_product(update).await.unwrap_err();
        let delete = products.delete_product(proto::DeleteProductRequest { id }).await.unwrap_err();
        assert_eq!([get.code(), update.code(), delete.code()], [Code::NotFound; 3]);
    }
}

#[tokio::test]
async fn another_tenants_product_does_not_exist() {
    let world = World::new().await;
    let (own, other) = (world.tenant().await, world.tenant().await);
    let theirs = world.create(other, "Áo của người khác").await;
    let mut products = world.products(own);
    let id = theirs.id.clone();
    let get = products.get_product(proto::GetProductRequest { id: id.clone() }).await.unwrap_err();
    let update = proto::UpdateProductRequest { id: id.clone(), name: Some("mine".to_owned()), ..Default::default() };
    let update = products.update_product(update).await.unwrap_err();
    let delete = products.delete_product(proto::DeleteProductRequest { id: id.clone() }).await.unwrap_err();
    assert_eq!([get.code(), update.code(), delete.code()], [Code::NotFound; 3]);
    let several = products.get_products(proto::GetProductsRequest { ids: vec![id.clone()] }).await.unwrap();
    assert!(several.into_inner().items.is_empty());
    let list = products.list_products(proto::ListProductsRequest::default()).await.unwrap();
    assert!(list.into_inner().items.is_empty());
    assert_eq!(world.product(other, &id).await, theirs);
}

#[tokio::test]
async fn roles_and_services_do_what_they_may() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let name = || proto::CreateProductRequest { name: "Áo".to_owned(), ..Default::default() };
    let mut viewer = ProductServiceClient::new(world.as_member(tenant, Role::Viewer));
    assert_eq!(viewer.create_product(name()).await.unwrap_err().code(), Code::PermissionDenied);
    let restore = viewer.restore_product(proto::RestoreProductRequest { id: new_id().to_string() }).await;
    assert_eq!(restore.unwrap_err().code(), Code::PermissionDenied);
    viewer.list_products(proto::ListProductsRequest::default()).await.unwrap();
    for role in [Role::Agent, Role::Manager, Role::Owner] {
        ProductServiceClient::new(world.as_member(tenant, role)).create_product(name()).await.unwrap();
    }
    let mut assistant = ProductServiceClient::new(world.ai.own_client(Some(tenant), LONG).unwrap());
    assistant.get_products(proto::GetProductsRequest::default()).await.unwrap();
    assert_eq!(assistant.create_product(name()).await.unwrap_err().code(), Code::PermissionDenied);
    let mut nobody = ProductServiceClient::new(world.ai.own_client(None, LONG).unwrap());
    let get = nobody.get_products(proto::GetProductsRequest::default()).await;
    assert_eq!(get.unwrap_err().code(), Code::PermissionDenied);
    let mut member = IndexServiceClient::new(world.as_member(tenant, Role::Owner));
    let claim = member.claim_embeddings(proto::ClaimEmbeddingsRequest::default()).await;
    assert_eq!(claim.unwrap_err().code(), Code::PermissionDenied);
    let claim = world.index(Some(tenant)).claim_embeddings(proto::ClaimEmbeddingsRequest::default()).await;
    assert_eq!(claim.unwrap_err().code(), Code::PermissionDenied);
    let store = world.index(None).store_embeddings(proto::StoreEmbeddingsRequest::default()).await;
    assert_eq!(store.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn only_a_changed_text_waits_for_a_new_vector() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let made = world.create(tenant, "Áo thun").await;
    let task = world.claim(MODEL, 0).await.remove(0);
    assert_eq!(world.store(MODEL, &task, leaning(1)).await, 1);
    let ready = world.product(tenant, &made.id).await;
    assert_eq!(ready.embedding_status(), proto::EmbeddingStatus::Ready);
    let same = proto::UpdateProductRequest {
        id: made.id.clone(),
        name: Some("Áo thun".to_owned()),
        price_minor: Some(0),
        ..Default::default()
    };
    assert_eq!(world.products(tenant).update_product(same).await.unwrap().into_inner(), ready);
    // A picture is not embedded.
    let picture = Some("https://cdn.test/ao.jpg".to_owned());
    let pictured = proto::UpdateProductRequest { id: made.id.clone(), image_url: picture, ..Default::default() };
    let pictured = world.products(tenant).update_product(pictured).await.unwrap().into_inner();
    assert_eq!(pictured.embedding_status(), proto::EmbeddingStatus::Ready);
    // Written differently, embedded the same.
    let spaced =
        proto::UpdateProductRequest { id: made.id.clone(), extra_info: Some("{ }".to_owned()), ..Default::default() };
    let spaced = world.products(tenant).update_product(spaced).await.unwrap().into_inner();
    assert_eq!((spaced.extra_info.as_str(), spaced.embedding_status()), ("{ }", proto::EmbeddingStatus::Ready));
    assert_eq!(world.count("select count(*) from routing.due_work").await, 0);
    let other = proto::UpdateProductRequest { id: made.id, name: Some("Áo len".to_owned()), ..Default::default() };
    let other = world.products(tenant).update_product(other).await.unwrap().into_inner();
    assert_eq!(other.embedding_status(), proto::EmbeddingStatus::Pending);
    assert_eq!(world.count("select count(*) from routing.due_work").await, 1);
}
