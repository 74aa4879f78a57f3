//! Asks Meta, through tenants-svc, for a new contact's name and picture. What cannot be had is left empty; nothing waits for it.

use chatdesk_platform::Error;
use chatdesk_platform::db::{Done, Handler, Job};
use chatdesk_proto::tenants::v1::FetchContactProfileRequest;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use tonic::Code;

use crate::desk::Desk;
use crate::model::EventType;
use crate::store;
use crate::timeline::Timeline;

/// The longest name or link kept, in characters.
const LONGEST: usize = 2000;

/// The work of kind `profile`, whose entity is a contact.
pub struct Profile {
    desk: Desk,
}

impl Profile {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn keep(&self, job: &Job, name: &str, picture: &str) -> Result<(), Error> {
        let tidy = |text: &str| -> String { text.chars().filter(|c| *c != '\0').take(LONGEST).collect() };
        let mut line = Timeline::begin(&self.desk, &job.caller()?).await?;
        job.fence(line.tx.conn()).await?;
        let now = line.now;
        let name = tidy(name);
        if store::contacts::set_profile(&mut line.tx, job.entity, &name, &tidy(picture), now).await? {
            for conversation in store::conversations::of_contact(&mut line.tx, job.entity).await? {
                line.index(conversation, None, &name, now);
            }
            line.note(EventType::ContactUpdated, job.entity);
        }
        line.commit().await
    }
}

impl Handler for Profile {
    const KIND: &'static str = "profile";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let mut tx = self.desk.db.begin(&job.caller()?).await?;
        let contact = store::contacts::unprofiled(&mut tx, job.entity).await?;
        tx.commit().await?;
        let Some((channel, user)) = contact else { return Ok(Done::Finished) };
        let client =
            self.desk.tenants.own_client(job.tenant, self.desk.config.send_deadline).map_err(Error::internal)?;
        let request = FetchContactProfileRequest { channel_id: channel.to_string(), platform_user_id: user };
        match ChannelServiceClient::new(client).fetch_contact_profile(request).await {
            Ok(profile) => {
                let profile = profile.into_inner();
                self.keep(&job, &profile.display_name, &profile.profile_pic_url).await?;
            }
            Err(status) if is_final(status.code()) => self.keep(&job, "", "").await?,
            // Counted, although it may pass: a name is worth a few tries and no more.
            Err(status) => return Err(Error::internal(format!("the contact's profile: {:?}", status.code()))),
        }
        Ok(Done::Finished)
    }

    async fn set_aside(&self, job: &Job) {
        if let Err(error) = self.keep(job, "", "").await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot note that a profile is not to be had");
        }
    }
}

/// Whether asking again would bring the same answer.
const fn is_final(code: Code) -> bool {
    matches!(
        code,
        Code::NotFound
            | Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::PermissionDenied
            | Code::Unimplemented
    )
}
