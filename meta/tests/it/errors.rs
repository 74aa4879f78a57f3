//! Meta's error table, row by row: what each number means for a message, and what is to be done about it, there and for
//! calls that send nothing.

use chatdesk_meta::graph::{Group, RefusedReason as R, SendOutcome, Unclear, classify_call, classify_send};
use std::time::Duration;

/// Codes with their subcodes.
type Codes = &'static [(i64, Option<i64>)];

/// A reply with this code and subcode.
fn reply(code: i64, subcode: Option<i64>) -> Vec<u8> {
    let subcode = subcode.map(|subcode| format!(r#","error_subcode":"{subcode}""#)).unwrap_or_default();
    format!(r#"{{"error":{{"message":"No","type":"OAuthException","code":{code}{subcode},"fbtrace_id":"A1"}}}}"#)
        .into_bytes()
}

fn send_group(status: u16, code: i64, subcode: Option<i64>) -> Option<Group> {
    classify_send(status, None, &reply(code, subcode)).group()
}

fn call_group(status: u16, code: i64, subcode: Option<i64>) -> Group {
    classify_call(status, None, &reply(code, subcode)).group()
}

#[test]
fn temporary_is_tried_again_and_a_message_is_not_simply_repeated() {
    for (code, subcode) in
        [(1, None), (2, None), (1200, None), (1_545_133, None), (100, Some(1_545_133)), (1, Some(1_357_046))]
    {
        assert_eq!(call_group(400, code, subcode), Group::Retry, "{code}");
        let outcome = classify_send(400, None, &reply(code, subcode));
        assert_eq!(outcome, SendOutcome::Unknown { why: Unclear::Temporary(code) });
        assert_eq!(outcome.group(), Some(Group::Retry));
    }
    let transient = br#"{"error":{"code":555,"is_transient":true}}"#;
    assert_eq!(classify_call(400, None, transient).group(), Group::Retry);
    for status in [408, 500, 502, 503, 504] {
        assert_eq!(classify_send(status, None, b""), SendOutcome::Unknown { why: Unclear::Status(status) });
        assert_eq!(classify_call(status, None, b"").group(), Group::Retry);
    }
}

#[test]
fn limits_are_waited_for() {
    let rows = [
        (4, None),
        (17, None),
        (32, None),
        (341, None),
        (613, None),
        (80001, None),
        (80002, None),
        (80006, None),
        (4, Some(2_018_022)),
        (100, Some(2_534_013)),
        (2_534_013, None),
    ];
    for (code, subcode) in rows {
        assert_eq!(call_group(400, code, subcode), Group::Wait, "{code}");
        assert_eq!(send_group(400, code, subcode), Some(Group::Wait), "{code}");
    }
    assert_eq!((call_group(429, 99, None), send_group(429, 99, None)), (Group::Wait, Some(Group::Wait)));
    let after = Duration::from_secs(120);
    assert!(matches!(classify_send(429, Some(after), b""), SendOutcome::TryLater { after: got, .. } if got == after));
}

#[test]
fn every_final_row_has_its_reason_and_group() {
    let rows: [(&str, Codes, R, Group); 9] = [
        (
            "outside the window",
            &[
                (10, Some(2_018_278)),
                (10, Some(2_018_065)),
                (10, Some(2_018_276)),
                (10, Some(2_534_022)),
                (10, Some(2_534_044)),
                (2_534_022, None),
            ],
            R::WindowClosed,
            Group::Fail,
        ),
        (
            "the person cannot receive",
            &[(10, Some(2_018_108)), (200, Some(1_545_041)), (551, None)],
            R::RecipientUnavailable,
            Group::Fail,
        ),
        (
            "page or account restricted",
            &[
                (10, Some(1_893_063)),
                (10, Some(2_534_029)),
                (2_534_029, None),
                (100, Some(2_534_122)),
                (368, None),
                (368, Some(1)),
            ],
            R::Restricted,
            Group::Restricted,
        ),
        ("invalid parameter", &[(100, None), (100, Some(7))], R::InvalidRequest, Group::Fail),
        (
            "no matching user",
            &[(100, Some(2_018_001)), (100, Some(2_534_014)), (2_534_014, None)],
            R::RecipientUnknown,
            Group::Fail,
        ),
        (
            "too big, empty or invalid data",
            &[
                (100, Some(2_018_109)),
                (36_000, None),
                (100, Some(2_018_015)),
                (100, Some(2_018_034)),
                (100, Some(2_018_032)),
                (100, Some(2_018_047)),
            ],
            R::InvalidContent,
            Group::Fail,
        ),
        (
            "token dead",
            &[
                (190, None),
                (190, Some(458)),
                (190, Some(459)),
                (190, Some(460)),
                (190, Some(463)),
                (190, Some(464)),
                (190, Some(467)),
                (190, Some(492)),
                (102, None),
            ],
            R::NeedsReconnect,
            Group::Reconnect,
        ),
        (
            "missing permission",
            &[(200, None), (200, Some(2_018_028)), (200, Some(2_018_027)), (200, Some(2_018_021)), (10, None)],
            R::Permission,
            Group::Reconnect,
        ),
        (
            "conversation gone or private reply used",
            &[(100, Some(2_534_001)), (2_534_001, None), (100, Some(2_534_025)), (2_534_025, None), (10_900, None)],
            R::ThreadGone,
            Group::Fail,
        ),
    ];
    for (row, codes, expected, group) in rows {
        for (code, finer) in codes {
            // Meta was seen to answer errors with a success, too.
            for status in [400, 403, 200] {
                let outcome = classify_send(status, None, &reply(*code, *finer));
                assert_eq!(outcome.group(), Some(group), "{row}: {code} {finer:?}");
                let SendOutcome::Refused { reason, code: got, subcode, fbtrace_id } = outcome else { panic!("{row}") };
                assert_eq!((reason, got, subcode, fbtrace_id.as_deref()), (expected, Some(*code), *finer, Some("A1")));
                assert_eq!(call_group(status, *code, *finer), group, "{row}: {code} {finer:?}");
            }
        }
    }
}

#[test]
fn a_missing_consent_is_the_persons_alone() {
    let outcome = classify_send(400, None, &reply(230, None));
    assert!(matches!(outcome, SendOutcome::Refused { reason: R::ConsentRequired, .. }));
    assert_eq!((outcome.group(), call_group(400, 230, None)), (Some(Group::Fail), Group::Fail));
}

#[test]
fn what_nobody_knows_fails_alone() {
    assert_eq!((send_group(400, 424_242, None), call_group(400, 424_242, None)), (Some(Group::Fail), Group::Fail));
    assert_eq!(classify_call(401, None, b"<html>").group(), Group::Retry);
    assert_eq!(classify_send(200, None, br#"{"message_id":"m"}"#).group(), None);
}
