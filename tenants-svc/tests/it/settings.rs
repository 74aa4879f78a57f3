//! Assistant settings.

use chatdesk_platform::{Role, ServiceName};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::update_assistant_settings_request::Languages;
use tonic::Code;

use crate::house::{House, field, fields, problem};

#[tokio::test]
async fn settings_have_defaults_and_change_field_by_field() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let get = pb::GetAssistantSettingsRequest {};
    let settings = house.settings(shop.member(Role::Viewer)).get_assistant_settings(get).await.unwrap().into_inner();
    assert_eq!((settings.languages, settings.ai_enabled_by_default), (vec!["vi".to_owned(), "en".to_owned()], true));
    assert!(!settings.send_cards);
    assert_eq!((settings.tone.as_str(), settings.business_name.as_str()), ("", "Gốm Bát Tràng"));

    let change = pb::UpdateAssistantSettingsRequest {
        tone: Some("thân thiện, xưng em".into()),
        languages: Some(Languages { tags: vec!["en".into()] }),
        ..Default::default()
    };
    house.settings(shop.member(Role::Manager)).update_assistant_settings(change).await.unwrap();
    let change = pb::UpdateAssistantSettingsRequest {
        policies: Some("Phí giao hàng 30.000đ".into()),
        ai_enabled_by_default: Some(false),
        opening_hours: Some("8–21h".into()),
        send_cards: Some(true),
        ..Default::default()
    };
    let changed = house.settings(shop.owner()).update_assistant_settings(change).await.unwrap().into_inner();
    let expected = pb::AssistantSettings {
        tone: "thân thiện, xưng em".into(),
        policies: "Phí giao hàng 30.000đ".into(),
        languages: vec!["en".into()],
        ai_enabled_by_default: false,
        opening_hours: "8–21h".into(),
        business_name: "Gốm Bát Tràng".into(),
        business_description: "Gốm sứ thủ công".into(),
        phone: "0901 234 567".into(),
        send_cards: true,
        ..pb::AssistantSettings::default()
    };
    assert_eq!(changed, expected);
    for name in [ServiceName::Ai, ServiceName::Inbox] {
        let seen = house.settings(shop.service(name)).get_assistant_settings(get).await.unwrap().into_inner();
        assert_eq!(seen, expected);
    }
    let theirs = house.settings(other.owner()).get_assistant_settings(get).await.unwrap().into_inner();
    assert_eq!((theirs.tone.as_str(), theirs.ai_enabled_by_default), ("", true));
}

#[tokio::test]
async fn every_bad_field_is_named_and_nothing_changes() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let bad = pb::UpdateAssistantSettingsRequest {
        tone: Some("x".repeat(501)),
        policies: Some("a\0".into()),
        languages: Some(Languages { tags: vec![] }),
        ai_enabled_by_default: Some(false),
        opening_hours: Some("x".repeat(501)),
        send_cards: Some(true),
    };
    let expected = [
        field("tone", "too_long"),
        field("policies", "malformed"),
        field("languages", "required"),
        field("opening_hours", "too_long"),
    ];
    assert_eq!(fields(house.settings(shop.owner()).update_assistant_settings(bad).await), expected);
    let get = pb::GetAssistantSettingsRequest {};
    let settings = house.settings(shop.owner()).get_assistant_settings(get).await.unwrap().into_inner();
    assert!(settings.ai_enabled_by_default && !settings.send_cards);
    for role in [Role::Agent, Role::Viewer] {
        let change = pb::UpdateAssistantSettingsRequest::default();
        let refused = house.settings(shop.member(role)).update_assistant_settings(change).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
}
