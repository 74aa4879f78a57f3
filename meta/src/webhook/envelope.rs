//! A body of one item. Owns the way back from a kept item to what Meta sent, so that it can be parsed anew by newer
//! code; refuses to judge the item.

use super::{Section, lenient::FIRST_MILLIS};
use crate::Platform;

/// A body that holds this one item: [`super::parse`] makes of it the same item again, with the index 0. All but the
/// platform is as in [`super::Item`].
#[must_use]
pub fn envelope(platform: Platform, page_id: &str, section: Section, entry_ms: Option<i64>, raw: &str) -> Vec<u8> {
    let object = match platform {
        Platform::Facebook => "page",
        Platform::Instagram => "instagram",
    };
    // Of an entry without a page nothing else is told either.
    let id = if page_id.is_empty() { "null".to_owned() } else { serde_json::Value::from(page_id).to_string() };
    // A small number is read as seconds.
    let time = entry_ms.map(|millis| if millis < FIRST_MILLIS { millis / 1000 } else { millis });
    let time = time.map_or_else(|| "null".to_owned(), |time| time.to_string());
    let section = section.as_str();
    format!(r#"{{"object":"{object}","entry":[{{"id":{id},"time":{time},"{section}":[{raw}]}}]}}"#).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::{Item, parse};
    use proptest::prelude::*;

    fn again(item: &Item) -> Vec<Item> {
        let body = envelope(item.platform, &item.page_id, item.section, item.entry_ms, &item.raw);
        // The endpoint does not matter: the body says what it is.
        let endpoint = match item.platform {
            Platform::Facebook => Platform::Instagram,
            Platform::Instagram => Platform::Facebook,
        };
        let parsed = parse(endpoint, &body);
        assert_eq!(parsed.unparsed, None, "{}", String::from_utf8_lossy(&body));
        parsed.items
    }

    fn comes_back(body: &[u8]) {
        for item in parse(Platform::Facebook, body).items {
            assert_eq!(again(&item), [Item { index: 0, ..item }]);
        }
    }

    #[test]
    fn odd_items_come_back() {
        for body in [
            r#"{"object":"page","entry":[5,null,[],{"id":"1","messaging":7},{"id":"1","messaging":[null,[[]],"x"]}]}"#,
            r#"{"object":"page","entry":[{"messaging":[5,{"message":{"mid":"m"}}]},{"id":"","changes":[{}]}]}"#,
            r#"{"object":"page","entry":[{"id":"0","messaging":[5,{}]}]}"#,
            r#"{"object":"page","entry":[{"id":1,"time":5,"messaging":{"sender":{"id":2},"read":{"watermark":9}}}]}"#,
            r#"{"object":"page","entry":[{"id":"1","time":"1795366800.5","standby":[{"delivery":{}}]}]}"#,
            r#"{"object":"instagram","entry":[{"id":"9","time":1795366800,"field":"comments","value":{"id":"5"}}]}"#,
            r#"{"object":"instagram","entry":[{"id":"9","time":3,"changes":[{"field":"standby","value":{"sender":{"id":"2"},"message":{"mid":"m"}}}]}]}"#,
            r#"{"object":"instagram","entry":[{"id":"9\u0001\"\ud83d","changes":[{"field":"messages","value":{"sender":{"id":"2"},"message":{"mid":"m"}}}]}]}"#,
        ] {
            assert!(!parse(Platform::Facebook, body.as_bytes()).items.is_empty(), "{body}");
            comes_back(body.as_bytes());
        }
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just("1e999".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
            Just(r#""\ud83d""#.to_owned()),
        ];
        let key = prop::sample::select(vec![
            "id",
            "time",
            "messaging",
            "standby",
            "changes",
            "field",
            "value",
            "message",
            "mid",
            "sender",
            "recipient",
            "timestamp",
            "is_deleted",
            "read",
            "watermark",
            "reaction",
            "postback",
            "text",
            "referral",
        ]);
        leaf.prop_recursive(6, 60, 5, move |inner| {
            let object = prop::collection::vec((key.clone(), inner.clone()), 0..5).prop_map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(key, value)| format!(" {key:?} : {value}")).collect();
                format!("{{{}}}", fields.join(","))
            });
            let array = prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(", ")));
            prop_oneof![3 => object, 1 => array]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_item_comes_back(entry in json(), items in prop::collection::vec(json(), 0..4), at in -9_i64..1 << 50) {
            let items = items.join(",");
            let body = format!(
                r#"{{"object":"page","entry":[{entry},{{"id":"1","time":{at},"messaging":[{items}]}},{{"id":2,"changes":[{items}]}}]}}"#
            );
            comes_back(body.as_bytes());
        }
    }
}
