//! The made-up pages, accounts, customers and people of the demo. Owns their names and ids; nothing here exists at Meta.
//!
//! | page | platform | whose |
//! |---|---|---|
//! | 100200300400501, 17841400100200501 | Facebook, Instagram | the demo shop's: taken for every other business |
//! | 100200300400601 | Facebook, with the account 17841400100200601 linked | nobody's yet |
//! | 100200300400701, 17841400100200701 | Facebook, Instagram | nobody's yet; the page is not in `/me/accounts`, only in `granular_scopes` |
//! | 100200300400801 | Facebook | nobody's; its people have no MESSAGING task |

use chatdesk_meta::Platform;

use crate::config::{Customer, Page, Person, Role};

/// The demo shop's Facebook Page and Instagram account.
#[must_use]
pub fn demo_pages() -> Vec<Page> {
    vec![
        page(
            Platform::Facebook,
            "100200300400501",
            "Tiệm Chiều Gió",
            &[
                ("7000000000000101", "Nguyễn Minh Anh"),
                ("7000000000000102", "Trần Quốc Bảo"),
                ("7000000000000103", "Emma Clark"),
            ],
        ),
        page(
            Platform::Instagram,
            "17841400100200501",
            "Tiệm Chiều Gió",
            &[
                ("9000000000000101", "Lê Thu Hà"),
                ("9000000000000102", "Phạm Gia Huy"),
                ("9000000000000103", "Oliver Reed"),
            ],
        ),
    ]
}

/// Pages and accounts that nobody has connected yet.
#[must_use]
pub fn connectable_pages() -> Vec<Page> {
    vec![
        Page {
            instagram: Some("17841400100200601".to_owned()),
            ..page(
                Platform::Facebook,
                "100200300400601",
                "Gốm Bến Trăng",
                &[("7000000000000201", "Đỗ Khánh Linh"), ("7000000000000202", "Vũ Đức Mạnh")],
            )
        },
        page(
            Platform::Facebook,
            "100200300400701",
            "Vườn Nhỏ Ban Công",
            &[("7000000000000301", "Bùi Ngọc Mai"), ("7000000000000302", "Hoàng Anh Tuấn")],
        ),
        page(
            Platform::Instagram,
            "17841400100200601",
            "Gốm Bến Trăng",
            &[("9000000000000201", "Đặng Phương Thảo"), ("9000000000000202", "Ngô Hải Nam")],
        ),
        page(
            Platform::Instagram,
            "17841400100200701",
            "Vườn Nhỏ Ban Công",
            &[("9000000000000301", "Phan Bảo Ngọc"), ("9000000000000302", "Lý Thành Đạt")],
        ),
    ]
}

/// A page whose people may look at it and not answer in it.
#[must_use]
pub fn view_only_pages() -> Vec<Page> {
    vec![page(Platform::Facebook, "100200300400801", "Xưởng Gỗ Tháng Ba", &[])]
}

/// Who can log in: the first has every kind of page, the second some of the same.
#[must_use]
pub fn demo_people() -> Vec<Person> {
    let role = |page_id: &str, tasks: &[&str]| Role {
        page_id: page_id.to_owned(),
        tasks: tasks.iter().map(|task| (*task).to_owned()).collect(),
        is_listed: true,
    };
    let all = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"];
    let person = |id: &str, name: &str, roles: Vec<Role>, accounts: &[&str]| Person {
        id: id.to_owned(),
        name: name.to_owned(),
        roles,
        accounts: accounts.iter().map(|account| (*account).to_owned()).collect(),
    };
    vec![
        person(
            "10158800123456701",
            "Trần Mai Chi",
            vec![
                role("100200300400501", &all),
                role("100200300400601", &all),
                Role { is_listed: false, ..role("100200300400701", &all) },
                role("100200300400801", &["ADVERTISE", "ANALYZE"]),
            ],
            &["17841400100200501", "17841400100200601", "17841400100200701"],
        ),
        person(
            "10158800123456702",
            "Lê Hoàng Nam",
            vec![role("100200300400501", &all), role("100200300400701", &all)],
            &["17841400100200501"],
        ),
    ]
}

fn page(platform: Platform, page_id: &str, name: &str, customers: &[(&str, &str)]) -> Page {
    let prefix = match platform {
        Platform::Facebook => "EAAsandbox",
        Platform::Instagram => "IGAAsandbox",
    };
    Page {
        platform,
        page_id: page_id.to_owned(),
        name: name.to_owned(),
        access_token: format!("{prefix}{page_id}"),
        instagram: None,
        customers: customers
            .iter()
            .map(|(id, name)| Customer { id: (*id).to_owned(), name: (*name).to_owned() })
            .collect(),
    }
}
