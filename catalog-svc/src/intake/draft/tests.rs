use super::*;
use crate::intake::{Columns, Groups};
use crate::model::{MOST_VARIANTS, Status, Stock};
use crate::sheet::{Cell, Line};

fn drafts(rows: &[&[&str]]) -> Vec<Draft> {
    let line = |(number, cells): (u64, &&[&str])| Line {
        number,
        cells: cells.iter().map(|cell| Cell::Text((*cell).to_owned())).collect(),
    };
    let lines: Vec<Line> = (1..).zip(rows).map(line).collect();
    let mut groups = Groups::new(Columns::find(&lines).unwrap());
    let mut drafts: Vec<Draft> = lines.iter().filter_map(|line| groups.push(line)).collect();
    drafts.extend(groups.finish());
    drafts
}

fn only(rows: &[&[&str]]) -> Content {
    let drafts = drafts(rows);
    assert_eq!(drafts.len(), 1, "{drafts:?}");
    drafts[0].content(None).unwrap()
}

fn refused(rows: &[&[&str]]) -> Vec<(String, String, u64)> {
    let errors = drafts(rows).remove(0).content(None).unwrap_err();
    errors.into_iter().map(|error| (error.field, error.code, error.line)).collect()
}

fn forms(content: &Content) -> Vec<(String, String, Option<i64>, Option<i64>)> {
    content.variants.drafts().into_iter().map(|one| (one.name, one.sku, one.price_minor, one.stock)).collect()
}

#[test]
fn a_line_is_a_product_with_all_there_is_to_say() {
    let head = ["Tên sản phẩm", "Giá bán", "Mã SP", "Tồn kho", "Màu", "Xuất xứ", "Hình ảnh", "Trạng thái", "Giá vốn"];
    let row = ["Áo thun", "150k", "AT01", "5", "Đỏ", "Việt Nam", "https://a.vn/1,https://a.vn/2", "Hết hàng", "90000"];
    let made = only(&[&head, &row]);
    assert_eq!((made.price.minor(), made.sku.as_str(), made.stock.map(Stock::count)), (150_000, "AT01", Some(5)));
    assert_eq!(made.status, Status::OutOfStock);
    assert_eq!(made.image_urls.texts(), ["https://a.vn/1", "https://a.vn/2"]);
    let mut pairs = made.extra_info.pairs();
    pairs.sort();
    assert_eq!(pairs, [("Màu".into(), "Đỏ".into()), ("Xuất xứ".to_owned(), "Việt Nam".to_owned())]);
    assert_eq!(made.variants.iter().count(), 0);
}

#[test]
fn lines_of_one_name_that_say_their_form_are_one_product() {
    let head: &[&str] = &["Tên", "Giá", "Mã SP", "Màu", "Size", "Tồn kho", "Mô tả"];
    let made = only(&[
        head,
        &["Áo thun", "150.000", "AT-DM", "Đỏ", "M", "3", "Cotton"],
        &["Áo thun", "150.000", "AT-DL", "Đỏ", "L", "0", ""],
        &["Áo thun", "170.000", "AT-XL", "Xanh", "L", "", ""],
    ]);
    assert_eq!((made.sku.as_str(), made.price.minor(), made.stock), ("", 150_000, None));
    assert_eq!(made.description.as_str(), "Cotton");
    let want = [
        ("Đỏ / M", "AT-DM", None, Some(3)),
        ("Đỏ / L", "AT-DL", None, Some(0)),
        ("Xanh / L", "AT-XL", Some(170_000), None),
    ];
    assert_eq!(forms(&made), want.map(|(name, sku, price, stock)| (name.to_owned(), sku.to_owned(), price, stock)));
}

#[test]
fn a_parent_column_or_one_code_puts_lines_together() {
    let made = only(&[
        &["Tên", "Giá", "Mã SP", "Mã cha", "Phiên bản"],
        &["Áo thun", "150000", "AT", "", ""],
        &["Áo thun đỏ", "150000", "AT-1", "AT", "Đỏ"],
        &["Áo thun xanh", "160000", "AT-2", "AT", "Xanh"],
    ]);
    assert_eq!((made.name.as_str(), made.sku.as_str()), ("Áo thun", "AT"));
    assert_eq!(forms(&made).len(), 2);
    let made = only(&[&["Mã SP", "Tên", "Giá", "Size"], &["Q1", "Quần", "1000", "S"], &["Q1", "", "", "M"]]);
    assert_eq!((made.sku.as_str(), made.price.minor()), ("Q1", 1_000));
    assert_eq!(forms(&made).len(), 2);
    let apart = drafts(&[&["Tên", "Giá", "Mã SP"], &["Áo", "1000", "A"], &["Áo", "1000", "B"]]);
    assert_eq!(apart.len(), 2, "lines that say no form are products of their own");
}

#[test]
fn everything_wrong_is_told_with_its_line() {
    let head: &[&str] = &["Tên", "Giá", "Tồn kho", "Mã SP", "Hình ảnh", "Size"];
    let long = "x".repeat(65);
    let errors = refused(&[head, &["", "liên hệ", "-1", &long, "http://a.vn/1", ""]]);
    let want = [
        ("name", "required"),
        ("price", "malformed"),
        ("sku", "too_long"),
        ("stock", "out_of_range"),
        ("image_urls[0]", "malformed"),
    ];
    assert_eq!(errors, want.map(|(field, code)| (field.to_owned(), code.to_owned(), 2)));
    let errors = refused(&[
        head,
        &["Áo", "1000", "x", "A", "", "M"],
        &["Áo", "1e30", "1", "A", "", "L"],
        &["Áo", "", "", "A", "", "M"],
    ]);
    let want = [("stock", "malformed", 2), ("price", "out_of_range", 3), ("variants[2].name", "duplicate", 4)];
    assert_eq!(errors, want.map(|(field, code, line)| (field.to_owned(), code.to_owned(), line)));
    assert_eq!(refused(&[&["Tên", "Giá"], &["Áo", "1", "?"]]), [("row".to_owned(), "too_many_cells".to_owned(), 2)]);
    assert_eq!(refused(&[&["Tên", "Giá"], &["Áo", ""]]), [("price".to_owned(), "required".to_owned(), 2)]);
}

#[test]
fn what_a_file_does_not_say_stays() {
    let old = only(&[
        &["Tên", "Giá", "Mã SP", "Mô tả", "Xuất xứ", "Size", "Tồn kho"],
        &["Áo", "1000", "A", "Cotton", "VN", "S", "1"],
        &["Áo", "1000", "A", "", "", "M", "2"],
    ]);
    let change = &drafts(&[
        &["Tên", "Giá", "Mã SP", "Size", "Tồn kho", "Vải"],
        &["Áo", "", "A", "M", "7", "thun"],
        &["Áo", "1500", "A", "L", "9", ""],
    ])[0];
    let new = change.content(Some(&old)).unwrap();
    assert_eq!((new.description.as_str(), new.price.minor()), ("Cotton", 1_000));
    let want = [("S", None, Some(1)), ("M", None, Some(7)), ("L", Some(1_500), Some(9))];
    assert_eq!(forms(&new), want.map(|(name, price, stock)| (name.to_owned(), String::new(), price, stock)));
    assert_eq!(new.extra_info.pairs().len(), 1);
    let same = &drafts(&[&["Tên", "Mã SP"], &["Áo", "A"]])[0];
    assert_eq!(same.content(Some(&old)).unwrap(), old);
}

fn shirt() -> Content {
    only(&[
        &["Tên", "Giá", "Mã SP", "Phiên bản", "Tồn kho", "Tiền tệ"],
        &["Áo", "1000", "A", "", "", "VND"],
        &["Áo", "", "A", "S", "1", ""],
        &["Áo", "1200", "A", "M", "2", ""],
        &["Áo", "", "A", "L", "", ""],
    ])
}

fn changed(rows: &[&[&str]]) -> Content {
    drafts(rows)[0].content(Some(&shirt())).unwrap()
}

#[test]
fn forms_of_a_file_change_no_other_forms_price() {
    let prices = |content: &Content| {
        let own = content.variants.drafts().into_iter().map(|one| one.price_minor).collect::<Vec<_>>();
        (content.price.minor(), own)
    };
    let head: &[&str] = &["Tên", "Giá", "Phiên bản"];
    let new = changed(&[head, &["Áo", "1500", "S"], &["Áo", "", "L"], &["Áo", "1300", "XL"]]);
    assert_eq!(prices(&new), (1_000, vec![Some(1_500), Some(1_200), None, Some(1_300)]));
    // A line alone is of the form that it names, or that its colour or size is.
    for head in [head, &["Tên", "Giá", "Size"]] {
        let new = changed(&[head, &["Áo", "1500", "L"]]);
        assert_eq!(prices(&new), (1_000, vec![None, Some(1_200), Some(1_500)]));
        assert_eq!((new.sku.as_str(), new.extra_info.pairs().len()), ("A", 0));
    }
    // The product's own line is about all that have no price of their own.
    let new = changed(&[&["Tên", "Giá"], &["Áo", "900"]]);
    assert_eq!(prices(&new), (900, vec![None, Some(1_200), None]));
    // Nor does another currency make prices up.
    let errors = drafts(&[&["Tên", "Giá", "Tiền tệ"], &["Áo", "9.00", "USD"]])[0].content(Some(&shirt())).unwrap_err();
    let told = |errors: Vec<RowError>| errors.into_iter().map(|one| (one.field, one.code)).collect::<Vec<_>>();
    assert_eq!(told(errors), [("variants[1].price".to_owned(), "required".to_owned())]);
    let head: &[&str] = &["Tên", "Giá", "Tiền tệ", "Phiên bản"];
    let new = changed(&[head, &["Áo", "9.00", "USD", ""], &["Áo", "9.50", "USD", "M"]]);
    assert_eq!(prices(&new), (900, vec![None, Some(950), None]));
    let errors = drafts(&[head, &["Áo", "9.50", "USD", "M"]])[0].content(Some(&shirt())).unwrap_err();
    assert_eq!(told(errors), [("price".to_owned(), "required".to_owned())]);
}

#[test]
fn a_form_that_is_sold_out_says_nothing_of_the_others() {
    let head: &[&str] = &["Tên", "Giá", "Phiên bản", "Trạng thái", "Tồn kho"];
    let stocks = |content: &Content| content.variants.drafts().into_iter().map(|one| one.stock).collect::<Vec<_>>();
    let new = changed(&[head, &["Áo", "", "S", "hết hàng", "5"], &["Áo", "", "L", "Còn hàng", ""]]);
    assert_eq!((new.status, stocks(&new)), (Status::Available, vec![Some(0), Some(2), None]));
    let again = drafts(&[head, &["Áo", "", "S", "còn hàng", ""]])[0].content(Some(&new)).unwrap();
    assert_eq!(stocks(&again), [None, Some(2), None], "there are some, and nobody said how many");
    let all = only(&[head, &["Áo", "1", "S", "hết hàng", ""], &["Áo", "1", "M", "hết hàng", ""]]);
    assert_eq!((all.status, all.left().is_sold_out), (Status::Available, true));
    let odd = drafts(&[head, &["Áo", "1", "S", "?", ""], &["Áo", "1", "M", "", ""]])[0].content(None).unwrap_err();
    assert_eq!((odd[0].field.as_str(), odd[0].code.as_str(), odd[0].line), ("status", "unknown_value", 2));
}

#[test]
fn only_a_products_own_line_changes_what_is_said_of_all_its_forms() {
    let head: &[&str] = &["Tên", "Giá", "Phiên bản", "Mô tả", "Danh mục", "Hình ảnh", "Vải", "Trạng thái"];
    let rest = ["Cotton", "Áo", "https://a.vn/1", "thun", "hết hàng"];
    let row = |form: &'static str, rest: [&'static str; 5]| [&["Áo", "1000", form][..], &rest].concat();
    let old = only(&[head, &row("", rest), &row("S", [""; 5]), &row("M", [""; 5])]);
    let other = ["Lụa", "Đầm", "https://a.vn/2", "lụa", "còn hàng"];
    for rows in [vec![row("S", other)], vec![row("S", other), row("M", other)]] {
        let rows: Vec<&[&str]> = std::iter::once(head).chain(rows.iter().map(Vec::as_slice)).collect();
        assert_eq!(drafts(&rows)[0].content(Some(&old)).unwrap(), old);
    }
    let new = drafts(&[head, &row("", other)])[0].content(Some(&old)).unwrap();
    assert_eq!((new.description.as_str(), new.category.as_str(), new.status), ("Lụa", "Đầm", Status::Available));
    assert_eq!(
        (new.image_urls.texts(), new.extra_info.pairs()[0].1.as_str()),
        (vec!["https://a.vn/2".to_owned()], "lụa")
    );
    // Of a new product there may be no other line.
    let made = only(&[head, &row("S", other), &row("M", rest)]);
    assert_eq!((made.description.as_str(), made.category.as_str()), ("Lụa", "Đầm"));
}

#[test]
fn a_product_without_end_is_refused_and_not_held() {
    let head = ["Tên", "Giá", "Mã cha", "Mã SP", "Phiên bản"].map(str::to_owned).to_vec();
    let row = |n: usize| ["Áo", "1", "A", &format!("A{n}"), &format!("mẫu {n}")].map(str::to_owned).to_vec();
    let file = |forms: usize| {
        let rows: Vec<Vec<String>> = std::iter::once(head.clone()).chain((0..forms).map(row)).collect();
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let drafts = drafts(&rows);
        let [draft] = drafts.as_slice() else { panic!("{} products", drafts.len()) };
        let codes = |errors: Vec<RowError>| errors.into_iter().map(|one| one.code).collect::<Vec<_>>();
        (draft.clone(), draft.content(None).map_err(codes))
    };
    assert_eq!(file(MOST_VARIANTS).1.unwrap().variants.iter().count(), MOST_VARIANTS);
    for many in [MOST_VARIANTS + 1, MOST_VARIANTS + 2, 10 * MOST_VARIANTS] {
        let (draft, made) = file(many);
        assert_eq!(made.unwrap_err(), ["too_many"], "{many}");
        let lines = u64::try_from(many).unwrap();
        assert_eq!((draft.line, draft.last_line, draft.rows, draft.label()), (2, lines + 1, lines, "Áo".to_owned()));
    }
    // Ten thousand lines of a thousand columns: what is held of them is what one line says.
    let wide: Vec<String> = (0..900).map(|n| format!("cột {n}")).collect();
    let columns = ["Tên", "Giá", "Mã cha", "Phiên bản"].into_iter().map(str::to_owned).chain(wide).collect::<Vec<_>>();
    let line = |number: u64, cells: Vec<String>| Line { number, cells: cells.into_iter().map(Cell::Text).collect() };
    let mut groups = Groups::new(Columns::find(&[line(1, columns)]).unwrap());
    let cells = |n: u64| {
        let own = ["Áo".to_owned(), "1".to_owned(), "A".to_owned(), n.to_string()];
        own.into_iter().chain((0..900).map(|n| n.to_string())).collect::<Vec<_>>()
    };
    let mut kept = 0;
    for n in 2..2_002 {
        assert!(groups.push(&line(n, cells(n))).is_none());
        kept = kept.max(groups.kept());
    }
    assert_eq!((kept, groups.kept()), (MOST_VARIANTS + 1, 1));
    let draft = groups.finish().unwrap();
    assert_eq!((draft.rows, draft.last_line, draft.errors.len()), (2_000, 2_001, 1));
    assert_eq!(groups.finish().map(|draft| draft.line), None);
}

#[test]
fn the_words_of_a_product_are_counted_before_they_are_made() {
    let head = ["Tên", "Giá", "Mô tả", "Màu", "Vải"];
    let draft = &drafts(&[&head, &["Áo thun,đỏ", "150.000", "rất đẹp; bền-chắc", "Đỏ", "cotton"]])[0];
    assert!(draft.words() >= draft.content(None).unwrap().terms().len(), "{}", draft.words());
    let long = "từ ".repeat(4_000);
    assert_eq!(drafts(&[&["Tên", "Giá", "Mô tả"], &["Áo", "1", &long]])[0].words(), MOST_OF_PRODUCT);
}

#[test]
fn attributes_are_read_as_they_are_written() {
    let want = [("Màu", "Đỏ: sẫm"), ("a;b", "c\\d")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(attributes(r"Màu: Đỏ\: sẫm; a\;b: c\\d; ; x:"), want);
}
