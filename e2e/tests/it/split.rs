//! The same system as five processes.

use crate::api::text;
use crate::fleet::Fleet;
use crate::process::eventually;
use crate::shop::{GOODS, register, sent};

#[tokio::test]
async fn five_processes_do_the_main_job_too() {
    let mut fleet = Fleet::prepare(&[]).await;
    let mut processes = Vec::new();
    // In the order of the calls they make.
    for service in ["tenants", "catalog", "ai", "inbox"] {
        processes.push(fleet.serve(service).await);
    }
    let (_gateway, api) = fleet.gateway().await;
    fleet.sandbox.set_webhook_target(api.base());

    let shop = register(&api, "Tiệm Năm").await;
    for (product, price, status) in GOODS {
        shop.product(product, price, status).await;
    }
    for (platform, customer) in
        [(chatdesk_meta::Platform::Facebook, "67000000000001"), (chatdesk_meta::Platform::Instagram, "67000000000002")]
    {
        let page = fleet.page(platform);
        shop.connect(&page).await.expect(201);
        fleet.write(&page, customer, "Quần jean xanh giá bao nhiêu?").await;
        let answers = eventually("the customer is answered", || async {
            let sent = sent(&fleet.outside, &page, customer).await;
            (!sent.is_empty()).then_some(sent)
        })
        .await;
        assert!(text(&answers[0]["text"]).contains("420.000"), "{answers:?}");
        shop.message_where(customer, "the answer is shown as sent", |message| {
            message["sender_type"] == "ai" && message["status"] == "sent"
        })
        .await;
    }
}
