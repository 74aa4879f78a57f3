//! The figures of a small history that is known to the letter, in the days of a time zone.

use chatdesk_platform::Problem;
use chatdesk_proto::inbox::v1::stats_service_client::StatsServiceClient;
use chatdesk_proto::inbox::v1::*;
use uuid::Uuid;

use crate::house::House;
use crate::vendors::handover;

/// A conversation of the shop, out of nothing.
async fn conversation(house: &House) -> Uuid {
    let id = chatdesk_platform::new_id();
    sqlx::query(
        "with person as (
             insert into inbox.contacts (tenant_id, id, channel_id, platform, platform_user_id, created_at)
             values ($1, $2, $2, 'facebook', $2::text, now()))
         insert into inbox.conversations (tenant_id, id, channel_id, contact_id, platform, ai_mode, last_message_at, created_at)
         values ($1, $2, $2, $2, 'facebook', 'active', now(), now())",
    )
    .bind(house.shop.tenant.0)
    .bind(id)
    .execute(&house.admin)
    .await
    .unwrap();
    id
}

/// Messages as (who, status, UTC time, turn, handover's line).
async fn said(house: &House, conversation: Uuid, lines: &[(&str, &str, &str, Option<u128>, bool)]) {
    for (arrival, (who, status, at, turn, line)) in (1_i64..).zip(lines) {
        sqlx::query(
            "insert into inbox.messages (tenant_id, id, conversation_id, channel_id, arrival, sender_type, content, status,
                 failure_code, provenance, platform_at, received_at, turn, part_no)
             values ($1, gen_random_uuid(), $2, $2, $3, $4, 'x', $5, case when $5 = 'failed' then 'x' end,
                 case when $8 then '{\"handover_reason\": \"asks_for_person\"}'::jsonb
                      when $4 = 'ai' then '{\"handover_reason\": \"\"}'::jsonb end,
                 $6::timestamptz, now(), $7, $3)",
        )
        .bind(house.shop.tenant.0)
        .bind(conversation)
        .bind(arrival)
        .bind(who)
        .bind(status)
        .bind(format!("{at}Z"))
        .bind(turn.map(Uuid::from_u128))
        .bind(line)
        .execute(&house.admin)
        .await
        .unwrap();
    }
}

async fn stats(house: &House, from: &str, to: &str, zone: &str) -> Result<Stats, tonic::Status> {
    let request = GetStatsRequest { from: from.to_owned(), to: to.to_owned(), time_zone: zone.to_owned() };
    Ok(StatsServiceClient::new(house.agent()).get_stats(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_history_has_known_figures_in_each_zones_days() {
    let house = House::new().await;
    let (a, b) = (conversation(&house).await, conversation(&house).await);
    said(
        &house,
        a,
        &[
            // 23:59:50 on the 9th in Vietnam, and the answer ten seconds into the 10th.
            ("contact", "received", "2026-03-09T16:59:50", None, false),
            ("ai", "sent", "2026-03-09T17:00:00", Some(1), false),
            ("ai", "read", "2026-03-09T17:00:01", Some(1), false),
            // Two questions, one answer: the first one waited 60 s.
            ("contact", "received", "2026-03-10T02:00:00", None, false),
            ("contact", "received", "2026-03-10T02:00:30", None, false),
            ("business", "failed", "2026-03-10T02:00:40", None, false),
            ("business", "delivered", "2026-03-10T02:01:00", None, false),
            ("business", "sent", "2026-03-10T02:02:00", None, false),
        ],
    )
    .await;
    said(
        &house,
        b,
        &[
            // A handover's line answers nothing; a person did after 100 s.
            ("contact", "received", "2026-03-10T05:00:00", None, false),
            ("ai", "sent", "2026-03-10T05:00:05", Some(2), true),
            ("business", "sent", "2026-03-10T05:01:40", None, false),
            ("contact", "received", "2026-03-10T06:00:00", None, false),
            ("ai", "failed", "2026-03-10T06:00:05", Some(3), false),
        ],
    )
    .await;
    for (reason, at) in [("asks_for_person", 5), ("nothing_found", 6), ("asks_for_person", 7)] {
        sqlx::query(
            "insert into inbox.handovers (tenant_id, id, conversation_id, reason, at)
             values ($1, gen_random_uuid(), $2, $3, '2026-03-10T00:00:00Z'::timestamptz + make_interval(hours => $4))",
        )
        .bind(house.shop.tenant.0)
        .bind(b)
        .bind(reason)
        .bind(at)
        .execute(&house.admin)
        .await
        .unwrap();
    }
    let day = |date: &str, conversations, messages_in, answers_ai, answers_human, handovers| DayStats {
        date: date.to_owned(),
        conversations,
        messages_in,
        answers_ai,
        answers_human,
        handovers,
    };
    let vietnam = stats(&house, "2026-03-08", "2026-03-10", "Asia/Ho_Chi_Minh").await.unwrap();
    let handovers = [("asks_for_person", 2), ("nothing_found", 1)];
    let wanted = Stats {
        from: "2026-03-08".to_owned(),
        to: "2026-03-10".to_owned(),
        time_zone: "Asia/Ho_Chi_Minh".to_owned(),
        conversations: 2,
        messages_in: 5,
        answers_ai: 1,
        answers_human: 3,
        handovers: handovers.map(|(reason, count)| HandoverCount { reason: reason.to_owned(), count }).to_vec(),
        // Of 10, 60 and 100 s.
        median_answer_seconds: Some(60.0),
        days: vec![
            day("2026-03-08", 0, 0, 0, 0, 0),
            day("2026-03-09", 1, 1, 0, 0, 0),
            day("2026-03-10", 2, 4, 1, 3, 3),
        ],
    };
    assert_eq!(vietnam, wanted);
    let utc = stats(&house, "2026-03-09", "2026-03-10", "UTC").await.unwrap();
    assert_eq!(utc.days, [day("2026-03-09", 1, 1, 1, 0, 0), day("2026-03-10", 2, 4, 0, 3, 3)]);
    let one = stats(&house, "2026-03-09", "2026-03-09", "").await.unwrap();
    assert_eq!((one.messages_in, one.median_answer_seconds), (1, None), "its answer is another day's");
    let request = GetStatsRequest { from: "2026-03-08".to_owned(), to: "2026-03-10".to_owned(), ..Default::default() };
    let others = StatsServiceClient::new(house.stranger()).get_stats(request).await.unwrap().into_inner();
    assert_eq!((others.messages_in, others.conversations, others.handovers.len()), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_counted_today_and_what_is_no_period_is_refused() {
    let house = House::new().await;
    house.writes("c1", "một").await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.ai.script.lock().unwrap().push_back(Ok(handover("Chờ chút ạ.", "asks_for_person")));
    house.writes("c1", "cho gặp người").await;
    house.see("the handover's line", |all| all.len() == 4 && all[3].status() == MessageStatus::Sent).await;
    house.idle().await;
    let week = stats(&house, "", "", "").await.unwrap();
    assert_eq!((week.time_zone.as_str(), week.days.len()), ("Asia/Ho_Chi_Minh", 7));
    assert_eq!((week.conversations, week.messages_in, week.answers_ai, week.answers_human), (1, 2, 1, 0));
    assert_eq!(week.handovers, [HandoverCount { reason: "asks_for_person".to_owned(), count: 1 }]);
    assert!(week.median_answer_seconds.is_some());

    let name = |error: tonic::Status| {
        let field = Problem::from(&error).fields.remove(0);
        (field.field, field.code)
    };
    for (from, to, zone, field, code) in [
        ("", "", "Mars/Olympus", "time_zone", "unknown"),
        ("", "", "FOO+3", "time_zone", "unknown"),
        ("2026-02-30", "", "", "from", "malformed"),
        ("", "yesterday", "", "to", "malformed"),
        ("", "0001-01-01", "", "to", "malformed"),
        ("2026-03-02", "2026-03-01", "", "to", "out_of_range"),
        ("2025-01-01", "2026-01-02", "", "to", "out_of_range"),
    ] {
        let error = stats(&house, from, to, zone).await.unwrap_err();
        assert_eq!(name(error), (field.to_owned(), code.to_owned()), "{from} {to} {zone}");
    }
    let leap = stats(&house, "2024-01-01", "2024-12-31", "Europe/Paris").await.unwrap();
    assert_eq!(leap.days.len(), 366);
}
