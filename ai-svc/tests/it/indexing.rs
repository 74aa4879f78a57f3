//! The indexer against a catalogue that hands out work.

use crate::world::World;
use chatdesk_platform::{TenantId, new_id};
use chatdesk_proto::catalog::v1::EmbeddingTask;

#[tokio::test]
async fn claimed_texts_come_back_as_vectors_of_their_own_tenant() {
    let world = World::without_a_key().await;
    let tenants = [TenantId(new_id()), TenantId(new_id())];
    let task = |n: usize| EmbeddingTask {
        tenant_id: tenants[n % 2].to_string(),
        entity_id: format!("product {n}"),
        text: format!("Áo thun số {n}"),
        text_hash: format!("hash {n}"),
        ..Default::default()
    };
    world.state.tasks.lock().unwrap().extend((0..40).map(task));
    world.state.changed.notify_waiters();
    world.until(|fakes| fakes.stored.lock().unwrap().len() == 40).await;
    for (tenant, item) in world.state.stored.lock().unwrap().iter() {
        let n: usize = item.entity_id.strip_prefix("product ").unwrap().parse().unwrap();
        assert_eq!((*tenant, item.text_hash.clone()), (tenants[n % 2], format!("hash {n}")));
        let length: f32 = item.vector.iter().map(|x| x * x).sum();
        assert!(item.vector.len() == 384 && (length - 1.0).abs() < 1e-4);
    }
    assert!(world.drain().await, "the indexer stops when the process drains");
}

#[tokio::test]
async fn a_broken_tenant_id_does_not_stop_the_rest() {
    let world = World::without_a_key().await;
    let task = |tenant: String| EmbeddingTask {
        tenant_id: tenant,
        entity_id: "p".into(),
        text: "áo".into(),
        text_hash: "h".into(),
        ..Default::default()
    };
    world.state.tasks.lock().unwrap().extend([task("nobody".into()), task(new_id().to_string())]);
    world.state.changed.notify_waiters();
    world.until(|fakes| fakes.stored.lock().unwrap().len() == 1).await;
}

fn tasks(tenant: TenantId, products: &[&str]) -> Vec<EmbeddingTask> {
    let task = |product: &&str| EmbeddingTask {
        tenant_id: tenant.to_string(),
        entity_id: (*product).to_owned(),
        text: format!("Áo thun {product}"),
        text_hash: "h".into(),
        ..Default::default()
    };
    products.iter().map(task).collect()
}

#[tokio::test]
async fn one_tenants_failure_does_not_drop_the_others_texts() {
    let world = World::without_a_key().await;
    let mut tenants = [TenantId(new_id()), TenantId(new_id()), TenantId(new_id())];
    tenants.sort();
    world.state.refused_tenants.lock().unwrap().extend([tenants[0], tenants[1]]);
    world.state.tasks.lock().unwrap().extend(tenants.iter().flat_map(|t| tasks(*t, &["p"])));
    world.state.changed.notify_waiters();
    world.until(|fakes| fakes.stored.lock().unwrap().len() == 1).await;
    assert_eq!(world.state.stored.lock().unwrap()[0].0, tenants[2]);
    // After the failure it claims again, and what failed comes through when the catalogue takes it.
    world.state.refused_tenants.lock().unwrap().clear();
    world.state.tasks.lock().unwrap().extend(tasks(tenants[0], &["p"]));
    world.state.changed.notify_waiters();
    world.until(|fakes| fakes.stored.lock().unwrap().len() == 2).await;
}

#[tokio::test]
async fn a_refused_vector_costs_its_neighbours_nothing() {
    let world = World::without_a_key().await;
    let tenant = TenantId(new_id());
    world.state.refused_products.lock().unwrap().push("bad".into());
    world.state.tasks.lock().unwrap().extend(tasks(tenant, &["a", "bad", "b"]));
    world.state.changed.notify_waiters();
    world.until(|fakes| fakes.stored.lock().unwrap().len() == 3).await;
    let stored = world.state.stored.lock().unwrap();
    let kept: Vec<(&str, usize)> = stored.iter().map(|(_, e)| (e.entity_id.as_str(), e.vector.len())).collect();
    assert_eq!(kept, [("a", 384), ("bad", 0), ("b", 384)]);
}
