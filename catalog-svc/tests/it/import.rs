//! Files taken over into the catalogue, through the wire.

use chatdesk_platform::Role;
use chrono::TimeDelta;
use tonic::Code;

use super::files::{catalogue, counts, export, hand_in, import, import_with, imports, is_over, look, refusals, until};
use super::*;

fn by(update_by: proto::UpdateBy) -> proto::ImportStart {
    proto::ImportStart { update_by: update_by.into(), ..Default::default() }
}

fn table(rows: usize) -> Vec<u8> {
    let rows = (0..rows).map(|n| format!("SP{n:05},Áo mẫu {n},{}\n", 1_000 + n));
    format!("Mã SP,Tên sản phẩm,Giá bán\n{}", rows.collect::<String>()).into_bytes()
}

#[tokio::test]
async fn a_file_becomes_products_that_are_found_at_once() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let text = "\u{feff}Tên sản phẩm;Giá bán;Mô tả;Tồn kho;Mã SP;Danh mục;Hình ảnh;Màu;Size;Xuất xứ\r\n\
        Áo thun;150.000 đ;Cotton;5;AT-D;Áo;https://a.vn/1;Đỏ;M;Việt Nam\r\n\
        Áo thun;150k;;0;AT-X;;;Xanh;M;\r\n\
        ;;;;;;;;;\r\n\
        Quần jean;1tr2;;;QJ;Quần;;;;\r\n";
    let done = import(&world, tenant, text.as_bytes()).await;
    assert_eq!((counts(&done), done.rows_total, done.rows_done), ([2, 0, 0, 0], Some(3), 3));
    assert_eq!((done.format(), done.columns.len()), (proto::FileFormat::Csv, 10));
    assert_eq!((done.columns[1].header.as_str(), done.columns[1].field.as_str()), ("Giá bán", "price"));
    assert_eq!(done.columns[9].field, "extra_info");
    let all = catalogue(&world, tenant).await;
    let [trousers, shirt] = [&all[0], &all[1]];
    assert_eq!((trousers.price_minor, trousers.sku.as_str(), trousers.stock), (1_200_000, "QJ", None));
    assert_eq!((shirt.price_minor, shirt.category.as_str(), shirt.variants.len()), (150_000, "Áo", 2));
    assert_eq!(shirt.extra_info, r#"{"Xuất xứ":"Việt Nam"}"#);
    assert_eq!(shirt.status(), proto::ProductStatus::Available, "one form is left");
    let search = proto::SearchRequest { text: "quan jean".to_owned(), ..Default::default() };
    let found = world.search(tenant).search(search).await.unwrap().into_inner().items;
    assert_eq!(found[0].product.as_ref().unwrap().name, "Quần jean");
    assert_eq!(world.claim(MODEL, 0).await.len(), 2, "and wait to be embedded");
    assert_eq!(world.count("select count(*) from catalog.import_files").await, 0);
}

#[tokio::test]
async fn a_dry_run_tells_and_writes_nothing() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let start = proto::ImportStart { dry_run: true, file_name: "giá.csv".to_owned(), ..Default::default() };
    let text = "Tên,Giá\nÁo,1000\nQuần,liên hệ\n";
    let done = import_with(&world, tenant, text.as_bytes(), start).await;
    assert_eq!((counts(&done), done.dry_run, done.file_name.as_str()), ([1, 0, 0, 1], true, "giá.csv"));
    assert!(catalogue(&world, tenant).await.is_empty());
    let want = [(3, vec![("price".to_owned(), "malformed".to_owned())])];
    assert_eq!(refusals(&world, tenant, &done.id).await, want);
}

#[tokio::test]
async fn products_that_are_there_are_changed_by_sku_or_name() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    counts(
        &import(&world, tenant, "Mã SP,Tên,Giá,Mô tả\nA,Áo,1000,Cotton\nB,Quần,2000,\n,Mũ,3000,\n".as_bytes()).await,
    );
    let text = "Mã SP,Tên,Giá\nA,Áo,1500\nB,Quần,2000\nC,Tất,500\n,Mũ,3500\n";
    let done = import_with(&world, tenant, text.as_bytes(), by(proto::UpdateBy::Sku)).await;
    assert_eq!(counts(&done), [1, 2, 1, 0]);
    let all = catalogue(&world, tenant).await;
    let prices: Vec<_> = all.iter().map(|product| (product.name.as_str(), product.price_minor)).collect();
    assert_eq!(prices, [("Mũ", 3_500), ("Quần", 2_000), ("Tất", 500), ("Áo", 1_500)]);
    assert_eq!(all[3].description, "Cotton", "what a file does not say stays");
    let again = import_with(&world, tenant, text.as_bytes(), by(proto::UpdateBy::Sku)).await;
    assert_eq!(counts(&again), [0, 0, 4, 0]);
    let named = import_with(&world, tenant, "Tên,Giá\nÁo,1600\n".as_bytes(), by(proto::UpdateBy::Name)).await;
    assert_eq!(counts(&named), [0, 1, 0, 0]);
    let noted = "select count(*) from catalog.price_changes where source = 'import' and changed_by is not null";
    assert_eq!(world.count(noted).await, 3);
}

#[tokio::test]
async fn what_could_mean_two_products_or_belongs_to_another_is_refused() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    counts(&import(&world, tenant, "Mã SP,Tên,Giá\nA,Áo,1\nB,Áo,2\n".as_bytes()).await);
    let named = import_with(&world, tenant, "Tên,Giá\nÁo,9\n".as_bytes(), by(proto::UpdateBy::Name)).await;
    assert_eq!(refusals(&world, tenant, &named.id).await, [(2, vec![("name".into(), "ambiguous".into())])]);
    let added = import(&world, tenant, "Mã SP,Tên,Giá\nA,Khác,1\n".as_bytes()).await;
    assert_eq!(refusals(&world, tenant, &added.id).await, [(2, vec![("sku".into(), "taken".into())])]);
    assert_eq!(catalogue(&world, tenant).await.len(), 2);
}

#[tokio::test]
async fn what_ends_in_between_goes_on_where_it_was() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let pool = world.db.superuser().await;
    // As if the database went away in the third piece, again and again.
    for statement in [
        "create function public.gone() returns trigger language plpgsql as
         $$ begin raise exception 'gone' using errcode = '55P03'; end $$",
        "create trigger gone before insert on catalog.import_rows for each row when (new.line > 250) execute function public.gone()",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    let started = hand_in(&world, tenant, &table(1_000), proto::ImportStart::default()).await.unwrap();
    let stuck = until(&world, tenant, &started.id, |import| import.rows_done == 200).await;
    assert_eq!((stuck.state(), stuck.added, stuck.rows_total), (proto::ImportState::Running, 200, Some(1_000)));
    sqlx::query("drop trigger gone on catalog.import_rows").execute(&pool).await.unwrap();
    let done = until(&world, tenant, &started.id, is_over).await;
    assert_eq!((counts(&done), done.rows_done), ([1_000, 0, 0, 0], 1_000));
    assert_eq!(world.count("select count(*) from catalog.products").await, 1_000, "and none twice");
    assert_eq!(world.count("select count(*) from catalog.import_rows").await, 1_000);
}

#[tokio::test]
async fn a_stopped_import_stays_where_it_is() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let pool = world.db.superuser().await;
    for statement in [
        "create function public.gone() returns trigger language plpgsql as
         $$ begin raise exception 'gone' using errcode = '55P03'; end $$",
        "create trigger gone before insert on catalog.import_rows for each row when (new.line > 150) execute function public.gone()",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    let started = hand_in(&world, tenant, &table(400), proto::ImportStart::default()).await.unwrap();
    until(&world, tenant, &started.id, |import| import.rows_done == 100).await;
    let busy = hand_in(&world, tenant, &table(1), proto::ImportStart::default()).await.unwrap_err();
    assert_eq!((busy.code(), Problem::from(&busy).code.as_str()), (Code::FailedPrecondition, "import_running"));
    let cancel = proto::CancelImportRequest { id: started.id.clone() };
    let stopped = imports(&world, tenant, Role::Manager).cancel_import(cancel.clone()).await.unwrap().into_inner();
    assert_eq!((stopped.state(), stopped.added), (proto::ImportState::Cancelled, 100));
    sqlx::query("drop trigger gone on catalog.import_rows").execute(&pool).await.unwrap();
    counts(&import(&world, tenant, b"name,price\nx,1\n").await);
    let still = imports(&world, tenant, Role::Manager).cancel_import(cancel).await.unwrap().into_inner();
    assert_eq!(still, stopped);
    assert_eq!(world.count("select count(*) from catalog.products").await, 101);
    let all = imports(&world, tenant, Role::Viewer).list_imports(proto::ListImportsRequest {}).await.unwrap();
    assert_eq!(all.into_inner().items.len(), 2);
}

#[tokio::test]
async fn a_long_import_gives_its_place_to_whoever_waits() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let pool = world.db.superuser().await;
    for statement in [
        "create table public.turns (entity_id uuid)",
        "grant insert on public.turns to cd_catalog",
        "create function public.taken() returns trigger language plpgsql as
         $$ begin insert into public.turns values (new.entity_id); return null; end $$",
        "create trigger taken after update on routing.due_work for each row
         when (new.kind = 'import' and new.lease_epoch > old.lease_epoch) execute function public.taken()",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    let turns = "select count(*) from public.turns";
    // Not ahead of the database's clock, by which work is due.
    world.hand.advance(TimeDelta::minutes(-10));
    let start = proto::ImportStart { dry_run: true, ..Default::default() };
    let done = import_with(&world, tenant, &table(5_100), start.clone()).await;
    assert_eq!((counts(&done), world.count(turns).await), ([5_100, 0, 0, 0], 1), "in no time, one turn is enough");
    sqlx::query("truncate public.turns").execute(&pool).await.unwrap();

    let started = hand_in(&world, tenant, &table(5_100), start).await.unwrap();
    until(&world, tenant, &started.id, |import| import.rows_done > 0).await;
    // A piece waits for this lock, and meanwhile its turn ends.
    let mut holder = pool.begin().await.unwrap();
    sqlx::query("select 1 from catalog.imports where state = 'running' for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    world.hand.advance(TimeDelta::seconds(60));
    holder.commit().await.unwrap();
    let done = until(&world, tenant, &started.id, is_over).await;
    assert_eq!((counts(&done), done.rows_done), ([5_100, 0, 0, 0], 5_100));
    assert!(world.count(turns).await > 1);
    assert_eq!(world.count("select count(*) from catalog.import_rows").await, 2 * 5_100, "and none twice");
}

#[tokio::test]
async fn a_report_is_paged_in_the_order_of_the_file() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let done = import(&world, tenant, &table(120)).await;
    let (mut lines, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = proto::ListImportRowsRequest { id: done.id.clone(), cursor, limit: 50, ..Default::default() };
        let page = imports(&world, tenant, Role::Agent).list_import_rows(request).await.unwrap().into_inner();
        lines.extend(page.items.into_iter().map(|row| row.line));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(lines, (2..=121).collect::<Vec<u64>>());
}

#[tokio::test]
async fn what_is_exported_is_imported_as_it_was() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let text = "Tên,Giá,Mã SP,Màu,Size,Tồn kho,Mô tả,Danh mục,Hình ảnh,Vải\n\
        Áo,150000,A1,Đỏ,M,3,\"Hai\ndòng\",Áo,https://a.vn/1 https://a.vn/2,thun\n\
        Áo,160000,A2,Đen,L,0,,,,\n\
        '=Mũ,5000,M1,,,,-giảm giá,,,\n";
    assert_eq!(counts(&import(&world, tenant, text.as_bytes()).await), [2, 0, 0, 0]);
    let mine = catalogue(&world, tenant).await;
    for format in [proto::FileFormat::Csv, proto::FileFormat::Xlsx] {
        let file = export(&world, tenant, format).await;
        let done = import_with(&world, tenant, &file, by(proto::UpdateBy::Sku)).await;
        assert_eq!((counts(&done), done.format()), ([0, 0, 2, 0], format));
        let there = world.tenant().await;
        assert_eq!(counts(&import(&world, there, &file).await), [2, 0, 0, 0]);
        assert_eq!(catalogue(&world, there).await, mine);
    }
    let nothing = export(&world, other, proto::FileFormat::Csv).await;
    assert!(
        nothing.starts_with("\u{feff}Tên sản phẩm,".as_bytes()) && !String::from_utf8(nothing).unwrap().contains("Áo")
    );
}

#[tokio::test]
async fn managers_import_and_everybody_looks() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let done = import(&world, tenant, b"name,price\nx,1\n").await;
    for role in [Role::Viewer, Role::Agent] {
        let mut client = imports(&world, tenant, role);
        let start = tokio_stream::iter([proto::StartImportRequest::default()]);
        assert_eq!(client.start_import(start).await.unwrap_err().code(), Code::PermissionDenied);
        let cancel = proto::CancelImportRequest { id: done.id.clone() };
        assert_eq!(client.cancel_import(cancel).await.unwrap_err().code(), Code::PermissionDenied);
        client.export_products(proto::ExportProductsRequest::default()).await.unwrap();
    }
    let own = world.gateway.own_client(Some(tenant), LONG).unwrap();
    let mut gateway = proto::import_service_client::ImportServiceClient::new(own);
    gateway.get_import(proto::GetImportRequest { id: done.id.clone() }).await.unwrap();
    let mut stranger = imports(&world, other, Role::Owner);
    let id = done.id.clone();
    let get = stranger.get_import(proto::GetImportRequest { id: id.clone() }).await.unwrap_err();
    let rows = proto::ListImportRowsRequest { id: id.clone(), ..Default::default() };
    let rows = stranger.list_import_rows(rows).await.unwrap_err();
    let cancel = stranger.cancel_import(proto::CancelImportRequest { id }).await.unwrap_err();
    assert_eq!([get.code(), rows.code(), cancel.code()], [Code::NotFound; 3]);
    assert_eq!(look(&world, tenant, &done.id).await, done);
}
