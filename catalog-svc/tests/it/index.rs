//! Texts handed out and vectors taken back.

use std::collections::BTreeSet;

use super::*;

#[tokio::test]
async fn a_text_is_handed_out_once_and_its_vector_kept() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let made = world.create(tenant, "Áo thun đỏ").await;
    let tasks = world.claim(MODEL, 0).await;
    assert_eq!(tasks.len(), 1);
    assert_eq!((&tasks[0].tenant_id, &tasks[0].entity_id), (&tenant.to_string(), &made.id));
    assert_eq!(tasks[0].text, "Áo thun đỏ - Giá: 0đ - available");
    assert!(world.claim(MODEL, 0).await.is_empty());
    assert_eq!(world.store(MODEL, &tasks[0], leaning(3)).await, 1);
    assert_eq!(world.product(tenant, &made.id).await.embedding_status(), proto::EmbeddingStatus::Ready);
    assert_eq!(world.count("select count(*) from routing.due_work").await, 0);
    // A second time is as good as the first.
    assert_eq!(world.store(MODEL, &tasks[0], leaning(3)).await, 1);
    assert_eq!(world.count("select count(*) from catalog.vectors").await, 1);
}

#[tokio::test]
async fn a_vector_of_an_older_text_is_dropped() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let made = world.create(tenant, "Áo thun đỏ").await;
    let old = world.claim(MODEL, 0).await.remove(0);
    let change = proto::UpdateProductRequest { id: made.id.clone(), price_minor: Some(9_000), ..Default::default() };
    world.products(tenant).update_product(change).await.unwrap();
    assert_eq!(world.store(MODEL, &old, leaning(3)).await, 0);
    assert_eq!(world.product(tenant, &made.id).await.embedding_status(), proto::EmbeddingStatus::Pending);
    assert_eq!(world.count("select count(*) from catalog.vectors").await, 0);
    // The new text does not wait for the lease of the old one.
    let new = world.claim(MODEL, 0).await.remove(0);
    assert_eq!(new.text, "Áo thun đỏ - Giá: 9.000đ - available");
    assert_eq!(world.store(MODEL, &new, leaning(3)).await, 1);
}

#[tokio::test]
async fn a_text_that_came_back_needs_no_new_vector() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let made = world.create(tenant, "Áo thun").await;
    let task = world.claim(MODEL, 0).await.remove(0);
    world.store(MODEL, &task, leaning(3)).await;
    for name in ["Áo len", "Áo thun"] {
        let change =
            proto::UpdateProductRequest { id: made.id.clone(), name: Some(name.to_owned()), ..Default::default() };
        world.products(tenant).update_product(change).await.unwrap();
    }
    assert!(world.claim(MODEL, 0).await.is_empty());
    assert_eq!(world.product(tenant, &made.id).await.embedding_status(), proto::EmbeddingStatus::Ready);
    assert_eq!(world.count("select count(*) from routing.due_work").await, 0);
}

#[tokio::test]
async fn a_text_that_cannot_be_embedded_is_not_asked_for_again() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let made = world.create(tenant, "Áo thun").await;
    let task = world.claim(MODEL, 0).await.remove(0);
    assert_eq!(world.store(MODEL, &task, Vec::new()).await, 0);
    assert_eq!(world.product(tenant, &made.id).await.embedding_status(), proto::EmbeddingStatus::Failed);
    assert_eq!(world.count("select count(*) from routing.due_work").await, 0);
    let request = proto::SearchRequest {
        text: "ao thun".to_owned(),
        vector: leaning(3),
        model: MODEL.to_owned(),
        limit: 5,
        ..Default::default()
    };
    let found = world.search(tenant).search(request).await.unwrap().into_inner().items;
    assert_eq!((found.len(), found[0].vector_score, found[0].lexical_score), (1, 0.0, 1.0));
}

#[tokio::test]
async fn two_claimers_never_get_the_same_text() {
    let world = World::new().await;
    let (one, two) = (world.tenant().await, world.tenant().await);
    for n in 0..20 {
        world.create(one, &format!("Áo {n}")).await;
        world.create(two, &format!("Quần {n}")).await;
    }
    let claim = || async {
        let mut got = Vec::new();
        loop {
            let request = proto::ClaimEmbeddingsRequest { model: MODEL.to_owned(), limit: 3, wait_ms: 0 };
            let items = world.index(None).claim_embeddings(request).await.unwrap().into_inner().items;
            if items.is_empty() {
                return got;
            }
            got.extend(items);
        }
    };
    let (a, b, c) = tokio::join!(claim(), claim(), claim());
    let all: Vec<_> = [a, b, c].concat().into_iter().map(|task| (task.tenant_id, task.entity_id)).collect();
    assert_eq!(all.len(), 40);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 40);
}

#[tokio::test]
async fn a_long_poll_ends_when_there_is_work() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let wait = world.claim(MODEL, 20_000);
    let (tasks, made) = tokio::join!(wait, world.create(tenant, "Áo thun"));
    assert_eq!(tasks.into_iter().map(|task| task.entity_id).collect::<Vec<_>>(), [made.id]);
}

#[tokio::test]
async fn a_long_poll_ends_when_the_process_does() {
    let world = World::new().await;
    let begin = async { world.shutdown.begin() };
    let (tasks, ()) = tokio::join!(tokio::time::timeout(LONG / 3, world.claim(MODEL, 20_000)), begin);
    assert!(tasks.unwrap().is_empty());
    assert!(world.shutdown.drain(LONG).await);
}

#[tokio::test]
async fn a_lost_claim_is_handed_out_again() {
    let world = World::with(Limits { embed_lease: Duration::from_millis(1), ..LIMITS }).await;
    let tenant = world.tenant().await;
    let made = world.create(tenant, "Áo thun").await;
    // Taken and never brought back, until it is held for a text that ends whoever takes it.
    for _ in 0..8 {
        assert_eq!(world.claim(MODEL, 20_000).await.len(), 1);
    }
    while world.count("select count(*) from routing.due_work").await > 0 {
        assert!(world.claim(MODEL, 0).await.is_empty());
    }
    assert_eq!(world.product(tenant, &made.id).await.embedding_status(), proto::EmbeddingStatus::Failed);
}

#[tokio::test]
async fn a_new_model_gets_every_text_and_the_old_vectors_stay() {
    let world = World::new().await;
    let (one, two) = (world.tenant().await, world.tenant().await);
    let mut made = BTreeSet::new();
    for tenant in [one, two] {
        made.insert(world.create(tenant, "Áo thun").await.id);
        made.insert(world.create(tenant, "Áo len").await.id);
    }
    for task in world.claim(MODEL, 0).await {
        world.store(MODEL, &task, leaning(1)).await;
    }
    let mut again = Vec::new();
    while again.len() < 4 {
        again.extend(world.claim("another-model", 20_000).await);
    }
    assert_eq!(again.iter().map(|task| task.entity_id.clone()).collect::<BTreeSet<_>>(), made);
    let search = |model: &str| proto::SearchRequest {
        text: String::new(),
        vector: leaning(1),
        model: model.to_owned(),
        limit: 5,
        ..Default::default()
    };
    assert_eq!(world.search(one).search(search(MODEL)).await.unwrap().into_inner().items.len(), 2);
    assert_eq!(world.search(one).search(search("another-model")).await.unwrap().into_inner().items.len(), 0);
    for task in &again {
        assert_eq!(world.store("another-model", task, leaning(1)).await, 1);
    }
    assert_eq!(world.search(one).search(search("another-model")).await.unwrap().into_inner().items.len(), 2);
    assert_eq!(world.count("select count(*) from catalog.vectors").await, 8);
    // Once the text is another, the other model's vector is of no use any more.
    let id = made.first().unwrap().clone();
    let change = proto::UpdateProductRequest { id, price_minor: Some(5), ..Default::default() };
    world.products(one).update_product(change).await.unwrap();
    let task = world.claim("another-model", 20_000).await.remove(0);
    world.store("another-model", &task, leaning(1)).await;
    assert_eq!(world.count("select count(*) from catalog.vectors").await, 7);
}

#[tokio::test]
async fn work_of_a_product_that_is_gone_is_forgotten() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let made = world.create(tenant, "Áo thun").await;
    let pool = world.db.superuser().await;
    sqlx::query("delete from catalog.products").execute(&pool).await.unwrap();
    assert!(world.claim(MODEL, 0).await.is_empty());
    assert_eq!(world.count("select count(*) from routing.due_work").await, 0);
    let ghost = proto::EmbeddingTask {
        tenant_id: tenant.to_string(),
        entity_id: made.id,
        text: String::new(),
        text_hash: "x".to_owned(),
        ..Default::default()
    };
    assert_eq!(world.store(MODEL, &ghost, leaning(1)).await, 0);
}

#[tokio::test]
async fn a_vector_goes_to_the_callers_tenant_only() {
    let world = World::new().await;
    let (own, other) = (world.tenant().await, world.tenant().await);
    world.create(other, "Áo thun").await;
    let mut task = world.claim(MODEL, 0).await.remove(0);
    task.tenant_id = own.to_string();
    assert_eq!(world.store(MODEL, &task, leaning(1)).await, 0);
    assert_eq!(world.count("select count(*) from catalog.vectors").await, 0);
    assert_eq!(world.count("select count(*) from routing.due_work").await, 1);
}

#[tokio::test]
async fn bad_claims_and_vectors_are_named() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let bad = proto::ClaimEmbeddingsRequest { model: "a b".to_owned(), limit: 257, wait_ms: 20_001 };
    let fields = refused(&world.index(None).claim_embeddings(bad).await.unwrap_err());
    let names: Vec<_> = fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(names, ["model", "limit", "wait_ms"]);
    let item = |vector: Vec<f32>| proto::Embedding {
        entity_id: new_id().to_string(),
        text_hash: "x".to_owned(),
        vector,
        ..Default::default()
    };
    let items = vec![item(leaning(0)), item(vec![1.0]), item(vec![f32::NAN; 384])];
    let bad = proto::StoreEmbeddingsRequest { model: MODEL.to_owned(), items };
    let fields = refused(&world.index(Some(tenant)).store_embeddings(bad).await.unwrap_err());
    let names: Vec<_> = fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(names, ["items[1].vector", "items[2].vector"]);
}

/// Three shirts, of which the first is asked for by its words; `MODEL` finds all near.
async fn two_models_shop(world: &World, tenant: TenantId) -> Vec<proto::Product> {
    let mut made = Vec::new();
    for name in ["Áo thun đỏ", "Quần jean", "Mũ len"] {
        made.push(world.create(tenant, name).await);
    }
    for task in world.claim(MODEL, 0).await {
        world.store(MODEL, &task, leaning(7)).await;
    }
    made
}

async fn found(world: &World, tenant: TenantId, text: &str, model: &str) -> Vec<(String, f32)> {
    let request = proto::SearchRequest {
        text: text.to_owned(),
        vector: if model.is_empty() { Vec::new() } else { leaning(7) },
        model: model.to_owned(),
        limit: 5,
        ..Default::default()
    };
    let items = world.search(tenant).search(request).await.unwrap().into_inner().items;
    items.into_iter().map(|item| (item.product.unwrap().name, item.vector_score)).collect()
}

#[tokio::test]
async fn a_new_model_serves_once_it_is_complete_and_never_ranks_worse_than_the_words() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    two_models_shop(&world, tenant).await;
    let lexical = found(&world, tenant, "ao thun", "").await;
    let mut tasks = Vec::new();
    while tasks.len() < 3 {
        tasks.extend(world.claim("another-model", 20_000).await);
    }
    tasks.sort_by_key(|task| task.text.contains("Áo thun"));
    // The vectors of what is not meant say that it is just what is meant: alone they would win.
    for task in &tasks[..2] {
        assert_eq!(world.store("another-model", task, leaning(7)).await, 1);
        assert_eq!(found(&world, tenant, "ao thun", "another-model").await, lexical);
        // Whoever still asks with the model before is served by it.
        let old = world.count("select count(*) from catalog.serving_models where model = 'all-MiniLM-L6-v2'").await;
        assert_eq!(old, 1);
    }
    assert_eq!(world.store("another-model", &tasks[2], leaning(7)).await, 1);
    let both = found(&world, tenant, "ao thun", "another-model").await;
    assert_eq!((both[0].0.as_str(), both[0].1), ("Áo thun đỏ", 1.0));
    // From now on a product that waits for its vector changes nothing.
    world.create(tenant, "Khăn choàng").await;
    assert_eq!(found(&world, tenant, "ao thun", "another-model").await[0].1, 1.0);
    assert_eq!(world.count("select count(*) from catalog.serving_models").await, 1);
}

#[tokio::test]
async fn a_model_that_comes_back_serves_when_the_sweep_finds_nothing_lacking() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    two_models_shop(&world, tenant).await;
    let mut tasks = Vec::new();
    while tasks.len() < 3 {
        tasks.extend(world.claim("another-model", 20_000).await);
    }
    for task in &tasks {
        world.store("another-model", task, leaning(2)).await;
    }
    world.hand.advance(chrono::TimeDelta::seconds(601));
    assert!(world.claim(MODEL, 0).await.is_empty());
    let serving = "select count(*) from catalog.serving_models where model = 'all-MiniLM-L6-v2'";
    let deadline = tokio::time::Instant::now() + LONG;
    while world.count(serving).await == 0 {
        assert!(tokio::time::Instant::now() < deadline, "the sweep never let the model serve");
        tokio::task::yield_now().await;
    }
    assert_eq!(found(&world, tenant, "mu len", MODEL).await[0], ("Mũ len".to_owned(), 1.0));
}

#[tokio::test]
async fn entries_are_embedded_by_the_same_calls() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let pool = world.db.superuser().await;
    let add = async |kind: &str, hash: &str| {
        let id = new_id();
        let sql = "insert into catalog.entries (tenant_id, id, kind, title, body, text_hash, created_at, updated_at)
             values ($1, $2, $3, 'Phí ship', '20k nội thành', $4, now(), now())";
        sqlx::query(sql).bind(tenant.0).bind(id).bind(kind).bind(hash).execute(&pool).await.unwrap();
        id
    };
    // The sweep schedules what nobody did, and leaves synonyms out.
    let hash = "3b60eb9b0e8d0eb3f4c2bbd3b1a6d5c7";
    let (faq, _synonym) = (add("faq", hash).await, add("synonym", hash).await);
    let tasks = world.claim(MODEL, 20_000).await;
    let [task] = tasks.as_slice() else { panic!("{tasks:?}") };
    assert_eq!((task.entity_id.clone(), task.kind()), (faq.to_string(), proto::EmbeddingKind::Entry));
    assert_eq!(task.text, "Phí ship - 20k nội thành");
    // Its row names another text than it has, so the vector is of an older one.
    assert_eq!(world.store(MODEL, task, leaning(1)).await, 0);
    let sql = "update catalog.entries set text_hash = $1";
    sqlx::query(sql).bind(&task.text_hash).execute(&pool).await.unwrap();
    // As a product it is unknown.
    let wrong = proto::EmbeddingTask { kind: proto::EmbeddingKind::Product.into(), ..task.clone() };
    assert_eq!(world.store(MODEL, &wrong, leaning(1)).await, 0);
    assert_eq!(world.store(MODEL, task, leaning(1)).await, 1);
    assert_eq!(world.count("select count(*) from catalog.entry_vectors").await, 1);
    assert_eq!(world.count("select count(*) from catalog.entries where embedding_status = 'ready'").await, 1);
    assert_eq!(world.count("select count(*) from routing.due_work").await, 0);
    let text = "select count(*) from catalog.serving_models where model = 'all-MiniLM-L6-v2'";
    assert_eq!(world.count(text).await, 1);
}
