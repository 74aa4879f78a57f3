//! What the sweep finds to do: work that was lost, and words that are not as they would be made today. A call for texts starts it.

use super::files::{hand_in, import, is_over, look, until};
use super::*;

/// Starts another sweep, and waits until the query counts so many. Each model has its own, one tenant after the other, oldest first.
async fn swept(world: &World, sql: &'static str, want: i64) {
    world.claim(&new_id().to_string(), 0).await;
    let looking = async {
        while world.count(sql).await != want {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, looking).await.unwrap();
}

async fn run(world: &World, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&world.db.superuser().await).await.unwrap();
}

/// An import that waits, and whose work is nowhere.
async fn lost(world: &World, tenant: TenantId, body: Option<&str>) -> String {
    let id = new_id();
    let pool = world.db.superuser().await;
    sqlx::query(
        "insert into catalog.imports (tenant_id, id, format, size, dry_run, update_by, created_at)
         values ($1, $2, 'csv', 1, false, 'nothing', now())",
    )
    .bind(tenant.0)
    .bind(id)
    .execute(&pool)
    .await
    .unwrap();
    if let Some(body) = body {
        let sql = "insert into catalog.import_files (tenant_id, import_id, body) values ($1, $2, $3)";
        sqlx::query(sql).bind(tenant.0).bind(id).bind(body.as_bytes()).execute(&pool).await.unwrap();
    }
    id.to_string()
}

#[tokio::test]
async fn an_import_whose_work_was_lost_is_worked_off() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let id = lost(&world, tenant, Some("Tên,Giá\nÁo,1\n")).await;
    swept(&world, "select count(*) from catalog.imports where state = 'done'", 1).await;
    assert_eq!(look(&world, tenant, &id).await.added, 1);
}

#[tokio::test]
async fn an_import_without_its_file_ends() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let id = lost(&world, tenant, None).await;
    swept(&world, "select count(*) from catalog.imports where state = 'failed'", 1).await;
    assert_eq!(look(&world, tenant, &id).await.failure, "internal");
    assert_eq!(import(&world, tenant, b"name,price\nx,1\n").await.added, 1, "and the next one begins");
}

#[tokio::test]
async fn an_import_that_could_not_say_that_it_failed_is_begun_anew() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let id = lost(&world, tenant, Some("Tên,Giá\nÁo,1\n")).await;
    let pool = world.db.superuser().await;
    let aside = "insert into routing.due_work (kind, tenant_id, entity_id, due_at, attempts) values ('import', $1, $2::uuid, 'infinity', 5)";
    sqlx::query(aside).bind(tenant.0).bind(&id).execute(&pool).await.unwrap();
    swept(&world, "select count(*) from catalog.imports where state = 'done'", 1).await;
}

#[tokio::test]
async fn what_a_business_handed_in_is_taken_over_though_it_is_suspended_meanwhile() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    run(
        &world,
        "create function public.gone() returns trigger language plpgsql as
         $$ begin raise exception 'gone' using errcode = '55P03'; end $$;
         create trigger gone before insert on catalog.import_rows for each row execute function public.gone()",
    )
    .await;
    let started = hand_in(&world, tenant, "Tên,Giá\nÁo,1\n".as_bytes(), Default::default()).await.unwrap();
    run(&world, "update routing.tenants set state = 'suspended'; drop trigger gone on catalog.import_rows").await;
    let done = until(&world, tenant, &started.id, is_over).await;
    assert_eq!((done.state(), done.added), (proto::ImportState::Done, 1));
    // What was lost waits until the business may work again.
    let other = world.tenant().await;
    let mine = lost(&world, tenant, Some("Tên,Giá\nMũ,1\n")).await;
    lost(&world, other, Some("Tên,Giá\nMũ,1\n")).await;
    swept(&world, "select count(*) from catalog.imports where state = 'done'", 2).await;
    assert_eq!(look(&world, tenant, &mine).await.state(), proto::ImportState::Queued);
    run(&world, "update routing.tenants set state = 'active'").await;
    swept(&world, "select count(*) from catalog.imports where state = 'done'", 3).await;
}

#[tokio::test]
async fn words_of_other_rules_are_made_anew() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    for tenant in [tenant, other] {
        world.create(tenant, "Chảo chống dính").await;
        world.create(tenant, "Áo mưa").await;
        // Nobody finds it by a word.
        world.create(tenant, "?!").await;
    }
    let words = "select coalesce(string_agg(term || ' ' || weight, ',' order by tenant_id, product_id, term), '') from catalog.terms";
    let pool = world.db.superuser().await;
    let today = sqlx::query_scalar::<_, String>(words).fetch_one(&pool).await.unwrap();
    // As an older version left them: a word that it did not know, one that is none any more, one of another weight, and no spellings.
    run(
        &world,
        "delete from catalog.terms where term = 'chao';
         insert into catalog.terms (tenant_id, term, product_id, weight) select tenant_id, 'cu', product_id, 1 from catalog.products;
         update catalog.terms set weight = 0.5 where term = 'ao';
         delete from catalog.spellings;
         update catalog.products set words_version = 0",
    )
    .await;
    swept(&world, "select count(*) from catalog.products where words_version = 0", 0).await;
    assert_eq!(sqlx::query_scalar::<_, String>(words).fetch_one(&pool).await.unwrap(), today);
    let spelled = "select count(*) from catalog.spellings where term in ('chao', 'chong', 'dinh', 'ao', 'mua') and spelling = term";
    assert_eq!(world.count(spelled).await, 10, "also the words that stayed as they were");
    let search = proto::SearchRequest { text: "chảo chốg dính".to_owned(), ..Default::default() };
    let found = world.search(tenant).search(search).await.unwrap().into_inner().items;
    assert_eq!(found[0].product.as_ref().unwrap().name, "Chảo chống dính");
}

#[tokio::test]
async fn words_that_no_product_has_lose_their_spellings() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let made = world.create(tenant, "Nồi cơm").await;
    world.create(tenant, "Nồi hấp").await;
    world.create(other, "Cơm rang").await;
    let spellings = "select count(*) from catalog.spellings";
    let before = world.count(spellings).await;
    let change = proto::UpdateProductRequest { id: made.id, name: Some("Nồi gang".to_owned()), ..Default::default() };
    world.products(tenant).update_product(change).await.unwrap();
    // "com" itself and without a letter: "om", "cm", "co". "gang" comes with "ang", "gng", "gag" and "gan".
    assert_eq!(world.count(spellings).await, before + 5);
    swept(&world, spellings, before + 1).await;
    let left = "select count(*) from catalog.spellings where term = 'com'";
    assert_eq!(world.count(left).await, 4, "of the other shop, which has it still");
    // And come back with it.
    world.create(tenant, "Cơm cháy").await;
    assert_eq!(world.count(left).await, 8);
}

#[tokio::test]
async fn a_word_that_somebody_is_writing_keeps_its_spellings() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let kept = world.create(tenant, "Nồi").await;
    for (tenant, name) in [(tenant, "Cơm"), (other, "Gang")] {
        let made = world.create(tenant, name).await;
        world.delete(tenant, &made.id).await;
    }
    let pool = world.db.superuser().await;
    let mut writer = pool.begin().await.unwrap();
    let sql = "insert into catalog.terms (tenant_id, term, product_id, weight) values ($1, 'com', $2::uuid, 1)";
    sqlx::query(sql).bind(tenant.0).bind(&kept.id).execute(&mut *writer).await.unwrap();
    // The other business comes after this one, whose word looks as dead.
    swept(&world, "select count(*) from catalog.spellings where term = 'gang'", 0).await;
    writer.commit().await.unwrap();
    assert_eq!(world.count("select count(*) from catalog.spellings where term = 'com'").await, 4);
}

#[tokio::test]
async fn what_fails_for_one_business_keeps_nothing_else_from_being_done() {
    let world = World::new().await;
    // The sweep comes to the older one first.
    let (failing, other) = (world.tenant().await, world.tenant().await);
    world.create(failing, "Nồi hỏng").await;
    world.create(other, "Nồi tốt").await;
    for tenant in [failing, other] {
        let made = world.create(tenant, "Gang").await;
        world.delete(tenant, &made.id).await;
    }
    run(
        &world,
        "update catalog.products set words_version = 0;
         create function public.gone() returns trigger language plpgsql as $$ begin raise exception 'gone'; end $$;
         create trigger gone before update on catalog.products for each row when (new.name = 'Nồi hỏng')
             execute function public.gone()",
    )
    .await;
    swept(&world, "select count(*) from catalog.spellings where term = 'gang'", 0).await;
    let old = "select count(*) from catalog.products where words_version = 0";
    let failing = "select count(*) from catalog.products where words_version = 0 and name = 'Nồi hỏng'";
    assert_eq!((world.count(old).await, world.count(failing).await), (1, 1), "the step that fails was tried");
}
