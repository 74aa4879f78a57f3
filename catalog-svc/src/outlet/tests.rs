use std::collections::BTreeMap;

use chatdesk_platform::{Clock, Invalid, new_id};
use proptest::prelude::*;

use super::*;
use crate::intake::{Columns, Draft, Groups, is_known};
use crate::model::{
    Category, Content, Currency, Description, EmbeddingStatus, ExtraInfo, ImageUrls, Money, Name, Sku, Status,
    VariantDraft, Variants,
};
use crate::sheet::text::tidy;
use crate::sheet::{self, Line};

fn file(format: Format, products: &[Product]) -> Vec<u8> {
    let mut outlet = Outlet::new(format).unwrap();
    let mut bytes = outlet.ready();
    for product in products {
        outlet.write(&lines(product)).unwrap();
        bytes.extend(outlet.ready());
    }
    bytes.extend(outlet.finish().unwrap());
    bytes
}

fn read_back(format: Format, bytes: &[u8]) -> Vec<Draft> {
    let mut lines: Vec<Line> = Vec::new();
    sheet::read(format, bytes, &is_known, &mut |line| {
        lines.push(line);
        Ok(())
    })
    .unwrap();
    let mut groups = Groups::new(Columns::find(&lines).unwrap());
    let mut drafts: Vec<Draft> = lines.iter().filter_map(|line| groups.push(line)).collect();
    drafts.extend(groups.finish());
    drafts
}

/// Any text as a file gives it back: composed, without blanks around.
fn texts(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec("[a-zà-ỹđA-Z0-9 '=+@;:,|\"\\\\\t-]", 1..most).prop_map(|parts| tidy(&parts.concat()))
}

fn line_of(most: usize) -> impl Strategy<Value = String> {
    texts(most).prop_map(|text| text.replace('\t', " ")).prop_filter("not empty", |text| !text.is_empty())
}

fn drafts() -> impl Strategy<Value = Vec<VariantDraft>> {
    let attributes = proptest::collection::btree_map(line_of(8), line_of(8), 0..3);
    let one =
        (line_of(12), line_of(8), proptest::option::of(1_i64..1_000_000), proptest::option::of(0_i64..100), attributes);
    let draft = |(name, sku, price, stock, attributes): (String, String, Option<i64>, Option<i64>, BTreeMap<_, _>)| {
        VariantDraft {
            name,
            sku,
            // Never the product's own price, which is no price of a variant's own.
            price_minor: price.map(|price| price * 1_000 + 7),
            stock,
            attributes,
        }
    };
    proptest::collection::vec(one.prop_map(draft), 0..4)
}

fn products() -> impl Strategy<Value = Product> {
    let numbers = (0_i64..1_000_000_000, 0_usize..3, proptest::option::of(0_i64..1_000), any::<bool>());
    let words = (line_of(20), texts(40), line_of(8), line_of(8));
    let extra = proptest::collection::btree_map(line_of(6), line_of(6), 0..3);
    let pictures = proptest::collection::vec("https://a\\.vn/[a-z,;|]{1,8}x", 0..3);
    (words, numbers, drafts(), extra, pictures).prop_filter_map(
        "variants that are told apart",
        |(words, numbers, drafts, extra, pictures)| {
            let (name, description, sku, category) = words;
            let (minor, currency, stock, is_available) = numbers;
            let sku = Sku::parse(&sku).unwrap();
            let mut invalid = Invalid::default();
            let variants = Variants::parse(drafts, Some(&sku), &mut invalid)?;
            let image_urls = ImageUrls::parse(&pictures, &mut invalid)?;
            let currency = Currency::parse(["VND", "USD", "KWD"][currency]).unwrap();
            let content = Content {
                name: Name::parse(&name).unwrap(),
                description: Description::parse(&description).unwrap(),
                price: Money::new(Minor::parse(minor * 1_000).unwrap(), currency),
                status: if is_available { Status::Available } else { Status::OutOfStock },
                extra_info: ExtraInfo::parse(&serde_json::to_string(&extra).unwrap()).unwrap(),
                image_urls,
                sku,
                category: Category::parse(&category).unwrap(),
                stock: stock.map(Stock::stored),
                variants,
            };
            let now = Clock::system().now();
            Some(Product {
                id: new_id(),
                content,
                embedding: EmbeddingStatus::Pending,
                created_at: now,
                updated_at: now,
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_exported_is_imported_as_it_was(products in proptest::collection::vec(products(), 1..5)) {
        for format in [Format::Csv, Format::Xlsx] {
            let drafts = read_back(format, &file(format, &products));
            prop_assert_eq!(drafts.len(), products.len());
            for (draft, product) in drafts.iter().zip(&products) {
                prop_assert_eq!(draft.id, Some(product.id));
                prop_assert_eq!(&draft.content(None).unwrap(), &product.content);
                prop_assert_eq!(&draft.content(Some(&product.content)).unwrap(), &product.content);
            }
        }
    }

    #[test]
    fn no_cell_of_an_export_begins_like_a_formula(product in products()) {
        let bytes = file(Format::Csv, &[product]);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&bytes[3..]);
        for record in reader.records() {
            for cell in &record.unwrap() {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            }
        }
    }
}

#[test]
fn excel_sees_that_it_is_utf8() {
    assert!(file(Format::Csv, &[]).starts_with(b"\xef\xbb\xbf"));
}

#[test]
fn a_sheet_without_room_says_so() {
    let line: Cells = std::array::from_fn(|_| text("x"));
    let Outlet::Xlsx(book, 1) = Outlet::new(Format::Xlsx).unwrap() else { panic!("the header is the first line") };
    let mut outlet = Outlet::Xlsx(book, MOST_LINES - 1);
    outlet.write(std::slice::from_ref(&line)).unwrap();
    let full = outlet.write(&[line]).unwrap_err();
    assert!(matches!(full, Error::Precondition { code: "too_many_rows", .. }), "{full}");
}
