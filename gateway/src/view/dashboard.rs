//! The figures of a period.

use chatdesk_proto::inbox::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::Unreadable;

/// Handovers of one reason.
#[derive(Serialize, ToSchema)]
pub struct HandoverCount {
    /// A stable code, such as `asks_for_person`.
    reason: String,
    count: u32,
}

/// The figures of one day.
#[derive(Serialize, ToSchema)]
pub struct DashboardDay {
    #[schema(format = Date, example = "2026-11-22")]
    date: String,
    /// With any message of their customer.
    conversations: u32,
    messages_in: u32,
    answers_ai: u32,
    answers_human: u32,
    handovers: u32,
}

/// What happened in a period.
#[derive(Serialize, ToSchema)]
pub struct Dashboard {
    /// The first day.
    #[schema(format = Date, example = "2026-11-16")]
    from: String,
    /// The last day.
    #[schema(format = Date, example = "2026-11-22")]
    to: String,
    /// Whose days.
    #[schema(example = "Asia/Ho_Chi_Minh")]
    time_zone: String,
    /// With any message of their customer in the period.
    conversations: u32,
    /// Messages of customers.
    messages_in: u32,
    /// Answers of the assistant that went out; one in several parts is one.
    answers_ai: u32,
    /// Messages of people that went out, here or in Meta's own apps.
    answers_human: u32,
    /// By reason, most first.
    handovers: Vec<HandoverCount>,
    /// From a customer's first unanswered message to the next answer, whoever answered; null when nobody did.
    median_answer_seconds: Option<f64>,
    /// Every day of the period, in order.
    days: Vec<DashboardDay>,
}

impl TryFrom<pb::Stats> for Dashboard {
    type Error = Unreadable;

    fn try_from(told: pb::Stats) -> Result<Self, Unreadable> {
        let handover = |one: pb::HandoverCount| HandoverCount { reason: one.reason, count: one.count };
        let day = |one: pb::DayStats| DashboardDay {
            date: one.date,
            conversations: one.conversations,
            messages_in: one.messages_in,
            answers_ai: one.answers_ai,
            answers_human: one.answers_human,
            handovers: one.handovers,
        };
        Ok(Self {
            from: told.from,
            to: told.to,
            time_zone: told.time_zone,
            conversations: told.conversations,
            messages_in: told.messages_in,
            answers_ai: told.answers_ai,
            answers_human: told.answers_human,
            handovers: told.handovers.into_iter().map(handover).collect(),
            median_answer_seconds: told.median_answer_seconds.filter(|seconds| seconds.is_finite()),
            days: told.days.into_iter().map(day).collect(),
        })
    }
}
