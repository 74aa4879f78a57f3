//! Labels.

use chatdesk_proto::inbox::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Unreadable, names};

names! {
    /// How a label is painted.
    LabelColor of pb::LabelColor { Gray, Red, Orange, Green, Blue, Purple }
}

/// What people put on conversations to find them again.
#[derive(Serialize, ToSchema)]
pub struct Label {
    id: String,
    /// Unique in the business, whatever the case.
    name: String,
    color: LabelColor,
}

impl TryFrom<pb::Label> for Label {
    type Error = Unreadable;

    fn try_from(label: pb::Label) -> Result<Self, Unreadable> {
        Ok(Self { id: label.id, name: label.name, color: label.color.try_into()? })
    }
}
