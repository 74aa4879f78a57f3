//! Questions as customers type them: slips, prices, needs, English, the shop's synonyms, its questions and policies, and what a conversation
//! is about.

use super::search::{ask, names, shop};
use super::*;

async fn entry(world: &World, tenant: TenantId, kind: &str, title: &str, body: &str) -> String {
    let id = new_id();
    sqlx::query(
        "insert into catalog.entries (tenant_id, id, kind, title, body, text_hash, created_at, updated_at)
         values ($1, $2, $3, $4, $5, 'hash', now(), now())",
    )
    .bind(tenant.0)
    .bind(id)
    .bind(kind)
    .bind(title)
    .bind(body)
    .execute(&world.db.superuser().await)
    .await
    .unwrap();
    id.to_string()
}

async fn entries(world: &World, tenant: TenantId, text: &str, vector: Vec<f32>) -> Vec<proto::ScoredEntry> {
    let request = proto::SearchRequest { text: text.to_owned(), vector, model: MODEL.to_owned(), ..Default::default() };
    world.search(tenant).search(request).await.unwrap().into_inner().entries
}

async fn first(world: &World, tenant: TenantId, text: &str) -> String {
    let found = ask(world, tenant, text, Vec::new()).await;
    names(&found).first().copied().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn words_with_slips_find_their_product() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    shop(&world, tenant).await;
    for (typed, want) in [
        ("aso thun ddor", "Áo thun đỏ cổ tròn"),
        ("áo thnu trawngs", "Áo thun trắng cổ tim"),
        ("giayf the thoa trangs", "Giày thể thao trắng"),
        ("bìhn giữ nhiệtt", "Bình giữ nhiệt 500ml"),
        ("qan jean nữ lưng kao", "Quần jean nữ lưng cao"),
        ("nồi chien khôg dầu", "Nồi chiên không dầu 5 lít"),
        ("thawts lưng da", "Thắt lưng da"),
        ("quanjean nam", "Quần jean nam ống đứng"),
    ] {
        assert_eq!(first(&world, tenant, typed).await, want, "{typed}");
    }
}

#[tokio::test]
async fn slips_are_corrected_by_the_tenants_own_words_only() {
    let world = World::new().await;
    let (own, other) = (world.tenant().await, world.tenant().await);
    world.create(own, "Thảm tập yoga").await;
    world.create(other, "Vợt cầu lông").await;
    assert_eq!(first(&world, own, "thảmm yooga").await, "Thảm tập yoga");
    assert!(ask(&world, other, "thảmm yooga", Vec::new()).await.is_empty());
}

#[tokio::test]
async fn wishes_for_a_price_move_what_fits_up_and_leave_nothing_out() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    shop(&world, tenant).await;
    let found = ask(&world, tenant, "áo thun dưới 58k", Vec::new()).await;
    let mut prices: Vec<i64> = found.iter().map(|one| one.product.as_ref().unwrap().price_minor).collect();
    prices.truncate(3);
    // Equals come newest first.
    assert_eq!(prices, [55_000, 50_000, 60_000], "{:?}", names(&found));
    assert!(found[2].score < found[1].score);
    assert_eq!(first(&world, tenant, "áo khoác từ 78 đến 82k").await, "Áo khoác jean nữ");
    assert_eq!(first(&world, tenant, "áo thun rẻ nhất").await, "Áo thun đỏ cổ tròn");
    assert_eq!(first(&world, tenant, "áo thun đắt nhất shop").await, "Áo thun đen tay dài");
    assert_eq!(first(&world, tenant, "quần jean trên 92k").await, "Quần jean nữ lưng cao");
}

/// The words are in too many products to be counted, and those that fit the price are not among the newest.
#[tokio::test]
async fn a_price_is_looked_for_in_a_large_shop() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let cheap =
        proto::CreateProductRequest { name: "Áo thun vải".to_owned(), price_minor: 30_000, ..Default::default() };
    let cheap = world.products(tenant).create_product(cheap).await.unwrap().into_inner();
    sqlx::raw_sql(
        "insert into catalog.products (tenant_id, product_id, name, description, price_minor, currency, status, extra_info,
             text_hash, created_at, updated_at)
         select tenant_id, uuidv7(), 'Áo thun mẫu ' || n, '', 90000 + n, 'VND', 'available', '{}', '', now(), now()
         from catalog.products, generate_series(1, 700) n;
         insert into catalog.terms (tenant_id, term, product_id, weight)
         select tenant_id, term, product_id, 1 from catalog.products p, unnest(array['ao', 'thun', 'ao thun']) term
         where p.name like 'Áo thun mẫu %'",
    )
    .execute(&world.db.superuser().await)
    .await
    .unwrap();
    for question in ["áo thun dưới 50k", "ao thun re nhat"] {
        let found = ask(&world, tenant, question, Vec::new()).await;
        assert_eq!(found[0].product.as_ref().unwrap().id, cheap.id, "{question}");
    }
}

#[tokio::test]
async fn needs_and_english_find_what_shops_call_otherwise() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    shop(&world, tenant).await;
    let among = |found: &[proto::ScoredProduct], want: &str| names(found).iter().take(5).any(|name| *name == want);
    for (asked, want) in [
        ("red t-shirt please", "Áo thun đỏ cổ tròn"),
        ("do you have an air fryer", "Nồi chiên không dầu 5 lít"),
        ("trời lạnh mặc gì cho ấm", "Áo len cổ lọ"),
        ("đi đám cưới mặc gì", "Đầm hoa nhí dự tiệc"),
        ("muon mang nuoc di lam con lanh", "Bình giữ nhiệt 500ml"),
    ] {
        let found = ask(&world, tenant, asked, Vec::new()).await;
        assert!(among(&found, want), "{asked}: {:?}", names(&found));
    }
}

#[tokio::test]
async fn marks_tell_a_lamp_from_black() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let (lamp, black) = (world.create(tenant, "Đèn bàn").await, world.create(tenant, "Ghế đen").await);
    let id = |found: &[proto::ScoredProduct]| found[0].product.as_ref().unwrap().id.clone();
    assert_eq!(id(&ask(&world, tenant, "đèn", Vec::new()).await), lamp.id);
    assert_eq!(id(&ask(&world, tenant, "màu đen", Vec::new()).await), black.id);
    // Without marks it may be either.
    assert_eq!(ask(&world, tenant, "den", Vec::new()).await.len(), 2);
}

#[tokio::test]
async fn synonyms_count_at_once_and_for_their_own_tenant_only() {
    let world = World::new().await;
    let (own, other) = (world.tenant().await, world.tenant().await);
    for tenant in [own, other] {
        world.create(tenant, "Nón lưỡi trai").await;
    }
    assert!(ask(&world, own, "đồ chụp tóc", Vec::new()).await.is_empty());
    let id = entry(&world, own, "synonym", "đồ chụp tóc, chụp tóc", "nón").await;
    let found = ask(&world, own, "shop có đồ chụp tóc không", Vec::new()).await;
    assert_eq!(names(&found), ["Nón lưỡi trai"]);
    assert!(found[0].lexical_score > 0.3, "{}", found[0].lexical_score);
    assert!(ask(&world, other, "đồ chụp tóc", Vec::new()).await.is_empty());
    sqlx::query("delete from catalog.entries where id = $1::uuid")
        .bind(&id)
        .execute(&world.db.superuser().await)
        .await
        .unwrap();
    assert!(ask(&world, own, "đồ chụp tóc", Vec::new()).await.is_empty());
}

#[tokio::test]
async fn questions_and_policies_are_found_beside_products() {
    let world = World::new().await;
    let (own, other) = (world.tenant().await, world.tenant().await);
    let ship = entry(&world, own, "faq", "Phí ship bao nhiêu?", "Nội thành 20k, ngoại thành 35k.").await;
    let change = entry(&world, own, "policy", "Đổi trả", "Đổi size trong 7 ngày nếu còn tem.").await;
    entry(&world, own, "synonym", "xyz", "phí ship").await;
    let found = entries(&world, own, "ship bn v shop", Vec::new()).await;
    assert_eq!((found[0].entry_id.as_str(), found[0].kind.as_str()), (ship.as_str(), "faq"));
    assert_eq!(found[0].body, "Nội thành 20k, ngoại thành 35k.");
    assert!(found[0].lexical_score > 0.3 && found[0].score == found[0].lexical_score);
    assert_eq!(entries(&world, own, "co doi tra duoc khong", Vec::new()).await[0].entry_id, change);
    assert!(entries(&world, own, "áo thun đỏ", Vec::new()).await.is_empty());
    assert!(entries(&world, other, "phí ship bao nhiêu", Vec::new()).await.is_empty());

    sqlx::query("insert into catalog.entry_vectors (tenant_id, entry_id, model, text_hash, e) values ($1, $2::uuid, $3, 'hash', $4::real[]::halfvec)")
        .bind(own.0)
        .bind(&change)
        .bind(MODEL)
        .bind(leaning(5))
        .execute(&world.db.superuser().await)
        .await
        .unwrap();
    let found = entries(&world, own, "", leaning(5)).await;
    assert_eq!(
        (found.len(), found[0].entry_id.as_str(), found[0].vector_score, found[0].score),
        (1, change.as_str(), 1.0, 1.0 / 6.0)
    );
    assert!(entries(&world, other, "", leaning(5)).await.is_empty());
}

#[tokio::test]
async fn what_the_conversation_is_about_is_found_whatever_the_words() {
    let world = World::new().await;
    let (own, other) = (world.tenant().await, world.tenant().await);
    shop(&world, own).await;
    let spoken_of = world.create(own, "Máy pha cà phê").await;
    let foreign = world.create(other, "Máy pha cà phê").await;
    let about = |ids: &[&String]| proto::SearchRequest {
        text: "còn màu đen không".to_owned(),
        boost_product_ids: ids.iter().map(|id| (*id).clone()).collect(),
        ..Default::default()
    };
    let ids = async |request| -> Vec<String> {
        let found = world.search(own).search(request).await.unwrap().into_inner().items;
        found.into_iter().map(|scored| scored.product.unwrap().id).collect()
    };
    assert!(!ids(about(&[])).await.contains(&spoken_of.id));
    let found = ids(about(&[&spoken_of.id, &foreign.id, &"no id".to_owned()])).await;
    assert!(found.contains(&spoken_of.id) && !found.contains(&foreign.id));
    let too_many = proto::SearchRequest { boost_product_ids: vec![foreign.id; 21], ..Default::default() };
    let status = world.search(own).search(too_many).await.unwrap_err();
    assert_eq!(refused(&status), [("boost_product_ids".to_owned(), "too_many".to_owned())]);
}

#[tokio::test]
async fn odd_questions_have_sane_answers() {
    let world = World::new().await;
    let (tenant, empty) = (world.tenant().await, world.tenant().await);
    shop(&world, tenant).await;
    let long = "áo thun ".repeat(900);
    for question in ["", "😭😭😭", "????", "ship", &long, "ao\u{202e}thun\u{200b}", "từ 5 đến", "dưới k", "$$$ < > ="]
    {
        assert!(ask(&world, tenant, question, Vec::new()).await.len() <= 50, "{question}");
        assert!(ask(&world, empty, question, Vec::new()).await.is_empty(), "{question}");
    }
    let mixed = ask(&world, tenant, "shop ơi do you have áo thun size M không", Vec::new()).await;
    assert!(names(&mixed)[0].starts_with("Áo thun"), "{:?}", names(&mixed));
}
