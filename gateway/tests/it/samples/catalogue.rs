//! Products, entries and files of products.

use chatdesk_proto::catalog::v1 as catalog;

use super::{ENTRY, IMPORT, MESSAGE, PRODUCT, USER, at};

pub fn product() -> catalog::Product {
    catalog::Product {
        id: PRODUCT.into(),
        name: "Áo thun đỏ".into(),
        description: "Vải cotton".into(),
        price_minor: 129_000,
        currency: "VND".into(),
        status: catalog::ProductStatus::OutOfStock.into(),
        extra_info: r#"{"sizes":["M","L"]}"#.into(),
        embedding_status: catalog::EmbeddingStatus::Ready.into(),
        created_at: at(7),
        updated_at: at(8),
        image_url: "https://cdn.test/ao.jpg".into(),
        sku: "AT-01".into(),
        category: "Áo".into(),
        stock: Some(12),
        variants: vec![catalog::Variant {
            name: "Đỏ / M".into(),
            sku: "AT-01-DM".into(),
            price_minor: Some(119_000),
            stock: Some(0),
            attributes: [("Màu", "Đỏ"), ("Size", "M")].map(|(name, value)| (name.into(), value.into())).into(),
        }],
        image_urls: vec!["https://cdn.test/ao.jpg".into(), "https://cdn.test/lung.jpg".into()],
    }
}

pub fn price_change() -> catalog::PriceChange {
    catalog::PriceChange {
        id: MESSAGE.into(),
        variant: "Đỏ / M".into(),
        old_minor: None,
        new_minor: Some(119_000),
        currency: "VND".into(),
        old_currency: "VND".into(),
        changed_at: at(9),
        changed_by: USER.into(),
        source: catalog::PriceSource::Import.into(),
    }
}

pub fn entry() -> catalog::Entry {
    catalog::Entry {
        id: ENTRY.into(),
        kind: catalog::EntryKind::Faq.into(),
        title: "Phí ship?".into(),
        body: "30.000đ".into(),
        embedding_status: catalog::EmbeddingStatus::Pending.into(),
        created_at: at(2),
        updated_at: at(3),
    }
}

/// An import that was looked at so often, and is done at the third look.
pub fn import(looks: u64) -> catalog::Import {
    let state = match looks {
        0 => catalog::ImportState::Queued,
        1 | 2 => catalog::ImportState::Running,
        _ => catalog::ImportState::Done,
    };
    let done = looks.min(3) * 100;
    catalog::Import {
        id: IMPORT.into(),
        file_name: "giá.csv".into(),
        format: catalog::FileFormat::Csv.into(),
        size: 4_096,
        dry_run: false,
        update_by: catalog::UpdateBy::Sku.into(),
        state: state.into(),
        failure: String::new(),
        columns: vec![catalog::ImportColumn { header: "Tên".into(), field: "name".into() }],
        rows_total: Some(300),
        rows_done: done,
        added: done,
        updated: 0,
        unchanged: 0,
        refused: 0,
        started_by: USER.into(),
        created_at: at(1),
        finished_at: if looks > 2 { at(9) } else { None },
    }
}

pub fn import_row() -> catalog::ImportRow {
    catalog::ImportRow {
        line: 7,
        outcome: catalog::ImportOutcome::Refused.into(),
        product_id: String::new(),
        name: "Áo".into(),
        errors: vec![catalog::ImportError {
            field: "price".into(),
            code: "malformed".into(),
            detail: "is not a price".into(),
            line: 8,
        }],
    }
}
