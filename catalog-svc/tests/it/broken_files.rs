//! Files that are broken in every way (case 109 of the list of what goes wrong), each with a sane answer.

use rust_xlsxwriter::Workbook;

use super::files::{catalogue, counts, hand_in, import, refusals};
use super::*;

async fn failure(bytes: &[u8]) -> String {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let ended = import(&world, tenant, bytes).await;
    assert_eq!(ended.state(), proto::ImportState::Failed);
    assert_eq!(world.count("select count(*) from catalog.products").await, 0, "nothing was written");
    assert_eq!(world.count("select count(*) from catalog.import_files").await, 0, "and the file is gone");
    ended.failure
}

fn wide(text: &str) -> Vec<u8> {
    [vec![0xff, 0xfe], text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat()
}

#[tokio::test]
async fn every_encoding_and_separator_gives_the_same_products() {
    let world = World::new().await;
    let text = "Tên sản phẩm,Giá bán\nÁo đỏ,150000\n";
    // Windows-1258: é, ả as a and a tone apart.
    let old = b"T\xean s\x61\xd2n ph\xe2\xd2m,Gi\xe1 b\xe1n\n\xc1o \xf0o\xd2,150000\n".to_vec();
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        wide(text),
        wide(&text.replace(',', "\t")),
        text.replace(',', ";").into_bytes(),
        old,
    ] {
        let tenant = world.tenant().await;
        assert_eq!(counts(&import(&world, tenant, &bytes).await), [1, 0, 0, 0]);
        let all = catalogue(&world, tenant).await;
        assert_eq!((all[0].name.as_str(), all[0].price_minor), ("Áo đỏ", 150_000));
    }
}

#[tokio::test]
async fn rows_are_refused_one_by_one_with_their_reasons() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let long = "x".repeat(1024 * 1024);
    let text = format!(
        "Tên,Giá,Mã SP,Mô tả\nÁo,-1,,\nÁo,NaN,,\nÁo,1e30,,\nÁo,150.0,,\n,1,,\nMũ,1,M,\nMũ khác,2,M,\nA\0B,1,,\nDài,1,,{long}\n\
         Thừa,1,,,,gì đây\n=1+1,1,,\nTốt,1,,\n"
    );
    let done = import(&world, tenant, text.as_bytes()).await;
    assert_eq!(counts(&done), [3, 0, 0, 9]);
    let one = |line, field: &str, code: &str| (line, vec![(field.to_owned(), code.to_owned())]);
    let want = [
        one(2, "price", "out_of_range"),
        one(3, "price", "malformed"),
        one(4, "price", "out_of_range"),
        one(5, "price", "malformed"),
        one(6, "name", "required"),
        one(8, "sku", "duplicate"),
        one(9, "name", "malformed"),
        one(10, "description", "too_long"),
        one(11, "row", "too_many_cells"),
    ];
    let mut got = refusals(&world, tenant, &done.id).await;
    // The same name without a sku is a duplicate too, which is not what these rows are about.
    for (_, errors) in &mut got {
        errors.retain(|(field, code)| !(field == "name" && code == "duplicate"));
    }
    assert_eq!(got, want);
    let names: Vec<_> = catalogue(&world, tenant).await.into_iter().map(|product| product.name).collect();
    assert_eq!(names, ["=1+1", "Mũ", "Tốt"], "a formula is a text like any other");
}

#[tokio::test]
async fn three_hundred_columns_are_said_of_the_product_and_more_than_a_thousand_are_refused() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let wide = |columns: usize| {
        let header: String = (0..columns).map(|n| format!(",c{n}")).collect();
        let row: String = (0..columns).map(|n| format!(",{n}")).collect();
        format!("Tên,Giá{header}\nÁo,1{row}\n").into_bytes()
    };
    assert_eq!(counts(&import(&world, tenant, &wide(300)).await), [1, 0, 0, 0]);
    assert!(catalogue(&world, tenant).await[0].extra_info.contains(r#""c299":"299""#));
    assert_eq!(failure(&wide(1_000)).await, "too_many_columns");
}

#[tokio::test]
async fn more_rows_than_a_file_may_have_are_refused_before_any_is_written() {
    assert_eq!(failure(&[b"name,price\n".to_vec(), b"x,1\n".repeat(100_001)].concat()).await, "too_many_rows");
}

#[tokio::test]
async fn files_that_say_nothing_of_products_are_refused() {
    assert_eq!(failure(b"\n\n ,\n").await, "empty_file");
    assert_eq!(failure("Tên,Giá\n".as_bytes()).await, "empty_file");
    assert_eq!(failure("Giá,Mô tả\n1,2\n".as_bytes()).await, "no_name_column");
    assert_eq!(failure(b"\0\x01\x02\x03 binary \xfe\xff").await, "no_name_column");
    assert_eq!(failure("Tên,Giá,Giá\nÁo,1,2\n".as_bytes()).await, "duplicate_column");
    assert_eq!(failure("Tên,Giá\n\"Áo,1\nQuần,2\n".as_bytes()).await, "broken_quotes");
    assert_eq!(failure(b"\xff\xfe\x41").await, "encoding");
}

#[tokio::test]
async fn broken_workbooks_are_refused() {
    let mut book = Workbook::new();
    book.add_worksheet().write_string(0, 0, "Tên").unwrap();
    let good = book.save_to_buffer().unwrap();
    assert_eq!(failure(&good[..good.len() / 2]).await, "broken_file");
    assert_eq!(failure(b"PK\x03\x04 nothing of a zip").await, "broken_file");
}

#[tokio::test]
async fn a_workbook_with_a_title_merged_cells_formulas_and_gaps_is_taken() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 3, "BẢNG GIÁ THÁNG 11", &rust_xlsxwriter::Format::new()).unwrap();
    for (column, header) in (0..).zip(["Tên hàng", "Đơn giá", "SL tồn", "Mã hàng"]) {
        sheet.write_string(2, column, header).unwrap();
    }
    sheet.write_string(3, 0, "Nồi").unwrap().write_number(3, 1, 250_000.0).unwrap();
    sheet.write_formula(3, 2, rust_xlsxwriter::Formula::new("=2+3").set_result("5")).unwrap();
    sheet.write_number(3, 3, 12_345.0).unwrap();
    sheet.write_string(6, 0, "Chảo").unwrap();
    sheet.write_formula(6, 1, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let done = import(&world, tenant, &book.save_to_buffer().unwrap()).await;
    assert_eq!((counts(&done), done.rows_total), ([1, 0, 0, 1], Some(2)));
    let pot = &catalogue(&world, tenant).await[0];
    assert_eq!((pot.price_minor, pot.stock, pot.sku.as_str()), (250_000, Some(5), "12345"));
    let errors = &refusals(&world, tenant, &done.id).await[0];
    assert_eq!((errors.0, errors.1[0].clone()), (7, ("price".to_owned(), "formula_error".to_owned())));
}

#[tokio::test]
async fn what_is_no_table_or_too_large_is_refused_at_the_door() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let start = proto::ImportStart::default;
    for (bytes, code) in [
        (Vec::new(), "required"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old Excel".to_vec(), "format_not_supported"),
        (b"%PDF-1.7".to_vec(), "format_not_supported"),
        (vec![b'x'; 20 * 1024 * 1024 + 1], "too_large"),
    ] {
        let refusal = hand_in(&world, tenant, &bytes, start()).await.unwrap_err();
        assert_eq!(refused(&refusal), [("body".to_owned(), code.to_owned())]);
    }
    let odd = proto::ImportStart { update_by: 9, ..start() };
    let refusal = hand_in(&world, tenant, b"x", odd).await.unwrap_err();
    assert_eq!(refused(&refusal), [("update_by".to_owned(), "unknown".to_owned())]);
    assert_eq!(world.count("select count(*) from catalog.imports").await, 0);
}
