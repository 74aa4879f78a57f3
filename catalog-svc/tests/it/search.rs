//! Retrieval as customers ask.

use super::*;

/// Name, description, extra_info.
const SHOP: &[(&str, &str, &str)] = &[
    ("Áo thun đỏ cổ tròn", "Cotton 100%, thoáng mát", r#"{"size": ["S","M","L"], "màu": "đỏ"}"#),
    ("Áo thun trắng cổ tim", "Cotton 100%", r#"{"size": ["M","L","XL"], "màu": "trắng"}"#),
    ("Áo thun đen tay dài", "Vải thun lạnh", r#"{"màu": "đen"}"#),
    ("Áo sơ mi trắng công sở", "Vải lụa, không nhăn", r#"{"màu": "trắng"}"#),
    ("Áo sơ mi kẻ sọc xanh", "Dáng rộng", "{}"),
    ("Áo khoác gió nam", "Chống nước nhẹ", r#"{"size": ["L","XL"]}"#),
    ("Áo khoác jean nữ", "Dáng ngắn", "{}"),
    ("Áo len cổ lọ", "Len mềm, giữ ấm", "{}"),
    ("Quần jean nam ống đứng", "Co giãn nhẹ", r#"{"size": [29,30,31,32]}"#),
    ("Quần jean nữ lưng cao", "Tôn dáng", r#"{"size": [26,27,28]}"#),
    ("Quần tây công sở", "Vải mịn", "{}"),
    ("Quần short kaki", "Mặc nhà, đi biển", "{}"),
    ("Chân váy xếp ly", "Dài qua gối", "{}"),
    ("Đầm hoa nhí dự tiệc", "Voan hai lớp", r#"{"màu": ["hồng","vàng"]}"#),
    ("Đầm suông đen", "Dễ phối đồ", "{}"),
    ("Giày thể thao trắng", "Đế êm, đi bộ tốt", r#"{"size": [38,39,40,41]}"#),
    ("Giày cao gót mũi nhọn", "Cao 7 phân", "{}"),
    ("Dép lê đi trong nhà", "Chống trượt", "{}"),
    ("Túi xách da nữ", "Da thật, quai dài", r#"{"màu": "nâu"}"#),
    ("Túi đeo chéo vải bố", "Nhiều ngăn", "{}"),
    ("Ví da nam", "Da bò", "{}"),
    ("Nón lưỡi trai", "Thêu logo", "{}"),
    ("Thắt lưng da", "Khóa kim loại", "{}"),
    ("Vớ cổ ngắn", "Set 5 đôi", "{}"),
    ("Nồi chiên không dầu 5 lít", "Tiết kiệm điện", "{}"),
    ("Bình giữ nhiệt 500ml", "Inox 304", "{}"),
    ("Chảo chống dính 28cm", "Dùng được bếp từ", "{}"),
    ("Gối ôm cao su non", "Êm, thoáng", "{}"),
    ("Chăn lông cừu", "Ấm, mềm", "{}"),
    ("Đèn ngủ để bàn", "Ánh sáng vàng", "{}"),
];

pub async fn shop(world: &World, tenant: TenantId) -> Vec<String> {
    let mut ids = Vec::new();
    for (at, (name, description, extra_info)) in (0..).zip(SHOP) {
        let request = proto::CreateProductRequest {
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            price_minor: 50_000 + 5_000 * at,
            extra_info: (*extra_info).to_owned(),
            ..Default::default()
        };
        ids.push(world.products(tenant).create_product(request).await.unwrap().into_inner().id);
    }
    ids
}

pub async fn ask(world: &World, tenant: TenantId, text: &str, vector: Vec<f32>) -> Vec<proto::ScoredProduct> {
    let request = proto::SearchRequest {
        text: text.to_owned(),
        vector,
        model: MODEL.to_owned(),
        limit: 50,
        ..Default::default()
    };
    world.search(tenant).search(request).await.unwrap().into_inner().items
}

pub fn names(found: &[proto::ScoredProduct]) -> Vec<&str> {
    found.iter().map(|scored| scored.product.as_ref().unwrap().name.as_str()).collect()
}

#[tokio::test]
async fn questions_find_their_product_with_and_without_marks() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    shop(&world, tenant).await;
    let questions = [
        (["Áo thun đỏ giá bao nhiêu vậy shop?", "ao thun do gia bao nhieu vay shop"], "Áo thun đỏ cổ tròn"),
        (["shop ơi có áo sơ mi trắng không ạ", "shop oi co ao so mi trang ko a"], "Áo sơ mi trắng công sở"),
        (["cho mình xem quần jean nữ", "cho minh xem quan jean nu"], "Quần jean nữ lưng cao"),
        (["giày thể thao còn size 39 không", "giay the thao con sz 39 k"], "Giày thể thao trắng"),
        (["áo cổ lọ", "ao co lo"], "Áo len cổ lọ"),
        (["nồi chiên không dầu", "NOI CHIEN KHONG DAU"], "Nồi chiên không dầu 5 lít"),
        (["đầm màu hồng", "dam mau hong"], "Đầm hoa nhí dự tiệc"),
        (["bình giữ nhiệt inox", "binh giu nhiet inox"], "Bình giữ nhiệt 500ml"),
        (["có gì giá 50k không", "co gi gia 50.000d khong"], "Áo thun đỏ cổ tròn"),
    ];
    for (spellings, want) in questions {
        let with_marks = ask(&world, tenant, spellings[0], Vec::new()).await;
        for spelling in spellings {
            let found = ask(&world, tenant, spelling, Vec::new()).await;
            assert_eq!(names(&found).first(), Some(&want), "{spelling}: {:?}", names(&found));
            assert!(found[0].lexical_score > 0.5, "{spelling}: {}", found[0].lexical_score);
            assert_eq!(found[0].score, found[0].lexical_score);
        }
        // Some short forms are other words; the best answer and its weight in the question hardly move.
        let without = ask(&world, tenant, spellings[1], Vec::new()).await;
        assert!((with_marks[0].lexical_score - without[0].lexical_score).abs() < 0.3);
    }
}

#[tokio::test]
async fn what_the_shop_does_not_have_scores_low() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    shop(&world, tenant).await;
    for question in ["iphone 15 pro max", "xe máy honda cũ", "thời tiết hôm nay", "what is the capital of France"]
    {
        let found = ask(&world, tenant, question, Vec::new()).await;
        assert!(found.iter().all(|scored| scored.lexical_score < 0.35), "{question}: {found:?}");
    }
    for question in ["", "shop ơi", "???", "có gì không ạ"] {
        assert!(ask(&world, tenant, question, Vec::new()).await.is_empty(), "{question}");
    }
}

/// Pseudo-random unit vectors, the same each time.
fn vectors(count: usize) -> Vec<Vec<f32>> {
    let mut state = 42_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32) / 16_777_216.0 - 0.5
    };
    let mut unit = || {
        let raw: Vec<f32> = (0..384).map(|_| next()).collect();
        let length = raw.iter().map(|value| value * value).sum::<f32>().sqrt();
        raw.into_iter().map(|value| value / length).collect()
    };
    (0..count).map(|_| unit()).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[tokio::test]
async fn meaning_is_exact_and_the_fused_score_is_the_formula() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let ids = shop(&world, tenant).await;
    let mut made = vectors(ids.len() + 1);
    let question = made.pop().unwrap();
    // Leave one without: it is found by its words alone.
    let bare = ids.last().unwrap();
    for task in world.claim(MODEL, 0).await.iter().filter(|task| &task.entity_id != bare) {
        let at = ids.iter().position(|id| *id == task.entity_id).unwrap();
        assert_eq!(world.store(MODEL, task, made[at].clone()).await, 1);
    }

    let found = ask(&world, tenant, "", question.clone()).await;
    let mut brute: Vec<(f32, &String)> = made
        .iter()
        .zip(&ids)
        .filter(|(_, id)| id != &bare)
        .map(|(vector, id)| (cosine(vector, &question), id))
        .collect();
    brute.sort_by(|a, b| b.0.total_cmp(&a.0));
    let reachable = brute.iter().filter(|(cosine, _)| *cosine > 0.0).take(10);
    for (scored, (want, id)) in found.iter().zip(reachable) {
        assert_eq!(&scored.product.as_ref().unwrap().id, *id);
        assert!((scored.vector_score - want).abs() < 2e-3);
        assert!((scored.score - want / 6.0).abs() < 1e-3);
        assert_eq!(scored.lexical_score, 0.0);
    }

    let found = ask(&world, tenant, "đèn ngủ, áo thun đỏ", question.clone()).await;
    assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
    for scored in &found {
        let id = &scored.product.as_ref().unwrap().id;
        let at = ids.iter().position(|known| known == id).unwrap();
        let meaning = if id == bare { 0.0 } else { cosine(&made[at], &question) };
        assert!((scored.vector_score - meaning).abs() < 2e-3, "{at}");
        let formula = scored.lexical_score + (1.0 - scored.lexical_score) * scored.vector_score.max(0.0) / 6.0;
        assert!((scored.score - formula).abs() < 1e-5);
    }
    let lamp = found.iter().find(|scored| &scored.product.as_ref().unwrap().id == bare).unwrap();
    assert!(lamp.lexical_score > 0.0 && lamp.vector_score == 0.0);
}

#[tokio::test]
async fn another_tenants_products_are_never_found() {
    let world = World::new().await;
    let (own, other) = (world.tenant().await, world.tenant().await);
    let theirs = shop(&world, other).await;
    let ours = world.create(own, SHOP[0].0).await;
    for task in world.claim(MODEL, 0).await {
        world.store(MODEL, &task, leaning(5)).await;
    }
    let found = ask(&world, own, "áo thun đỏ", leaning(5)).await;
    assert_eq!(names(&found), [SHOP[0].0]);
    assert_eq!(found[0].product.as_ref().unwrap().id, ours.id);
    // The values of words are the tenant's own too: here each word is in every product.
    assert_eq!(found[0].lexical_score, 1.0);
    let found = ask(&world, other, "áo thun đỏ", leaning(5)).await;
    assert!(found.iter().all(|scored| theirs.contains(&scored.product.as_ref().unwrap().id)));
    assert!(ask(&world, world.tenant().await, "áo thun đỏ", leaning(5)).await.is_empty());
}

#[tokio::test]
async fn a_question_of_which_no_word_counts_is_answered_by_meaning() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    world.create(tenant, "Áo thun").await;
    let task = world.claim(MODEL, 0).await.remove(0);
    world.store(MODEL, &task, leaning(5)).await;
    for question in ["cần tìm", "shop ơi", ""] {
        let found = ask(&world, tenant, question, leaning(5)).await;
        assert_eq!((found.len(), found[0].lexical_score, found[0].score), (1, 0.0, 1.0 / 6.0), "{question}");
    }
}

#[tokio::test]
async fn a_changed_product_is_found_by_its_new_words() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let made = world.create(tenant, "Áo thun").await;
    let change = proto::UpdateProductRequest { id: made.id, name: Some("Mũ len".to_owned()), ..Default::default() };
    world.products(tenant).update_product(change).await.unwrap();
    assert_eq!(names(&ask(&world, tenant, "mu len", Vec::new()).await), ["Mũ len"]);
    assert!(ask(&world, tenant, "ao thun", Vec::new()).await.is_empty());
}

/// More products with a word than are counted: the common word still finds, the rare one still decides.
#[tokio::test]
async fn a_large_shop_is_searched_by_its_rarer_words() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let needle = world.create(tenant, "Áo thun xám tro").await;
    let pool = world.db.superuser().await;
    sqlx::raw_sql(
        "insert into catalog.products (tenant_id, product_id, name, description, price_minor, currency, status, extra_info,
             text_hash, created_at, updated_at)
         select tenant_id, uuidv7(), 'Áo thun mẫu ' || n, '', 0, 'VND', 'available', '{}', '', now(), now()
         from catalog.products, generate_series(1, 1200) n;
         insert into catalog.terms (tenant_id, term, product_id, weight)
         select tenant_id, term, product_id, 1 from catalog.products p, unnest(array['ao', 'thun', 'ao thun']) term
         where p.name like 'Áo thun mẫu %'",
    )
    .execute(&pool)
    .await
    .unwrap();
    for question in ["ao thun xam tro", "áo xám", "xám"] {
        let found = ask(&world, tenant, question, Vec::new()).await;
        assert_eq!(found[0].product.as_ref().unwrap().id, needle.id, "{question}");
    }
    let found = ask(&world, tenant, "áo thun", Vec::new()).await;
    assert_eq!(found.len(), 50);
    assert!(found.iter().all(|scored| (scored.lexical_score - 1.0).abs() < 1e-5));
}

#[tokio::test]
async fn bad_questions_are_named() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let bad = proto::SearchRequest {
        text: "a\0".to_owned(),
        vector: vec![1.0],
        model: String::new(),
        limit: 51,
        ..Default::default()
    };
    let fields = refused(&world.search(tenant).search(bad).await.unwrap_err());
    let names: Vec<_> = fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(names, ["text", "limit", "vector", "model"]);
    let long = proto::SearchRequest { text: "a ".repeat(4_001), ..Default::default() };
    assert_eq!(refused(&world.search(tenant).search(long).await.unwrap_err())[0].1, "too_long");
}
