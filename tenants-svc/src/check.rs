//! Asks Meta how a channel is, mends what can be mended, and notes what cannot.

use chatdesk_meta::graph::{Account, GraphError};
use chatdesk_platform::{Caller, Error};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::Service;
use crate::channel::{self, Channel, Outcome};
use crate::envelope;
use crate::health::Trouble;
use crate::held::{Held, place, refusal};
use crate::store::{channel as rows, page as pages};

impl Service {
    /// The channel as it is after Meta was asked. An error when it could not be asked: nothing is known then, and nothing changes.
    pub async fn check(&self, caller: &Caller, id: Uuid) -> Result<Channel, Error> {
        let mut held = self.held(caller, id).await?;
        if !held.channel.is_active {
            return Err(refusal(&Outcome::DISCONNECTED));
        }
        if held.token.is_none() && held.channel.trouble == Trouble::None {
            // It is stored and does not open: it will never work again.
            self.set_trouble(caller, id, &held.sealed, (Trouble::TokenRefused, false)).await?;
        }
        // Without a token there is nothing to ask with, and what is wrong is known.
        if let Some(token) = held.token.clone() {
            let account = held.channel.account(token);
            let trouble = self.ask(caller, &account, &mut held).await?;
            if trouble == Trouble::None && held.channel.was_refused {
                // That the page can be asked for does not prove that it may send: a message will.
                self.let_try(caller, &held).await?;
            } else {
                let was_refused = held.channel.was_refused && trouble == held.channel.trouble;
                // What is as it was is not written: a message may have met something meanwhile.
                if !held.channel.is_known(trouble, was_refused) {
                    self.set_trouble(caller, id, &held.sealed, (trouble, was_refused)).await?;
                }
            }
        }
        let mut tx = self.state.db.begin(caller).await?;
        rows::checked(&mut tx, id, self.state.clock.now()).await?;
        let channel = rows::get(&mut tx, id).await?;
        tx.commit().await?;
        Ok(channel)
    }

    /// What is wrong with the account, once its token is renewed and its subscription mended.
    async fn ask(&self, caller: &Caller, account: &Account, held: &mut Held) -> Result<Trouble, Error> {
        let profile = match self.state.graph.page_profile(account).await {
            Ok(profile) => profile,
            Err(error) => return self.judge(&error, held),
        };
        if let Some(page) = profile.via_page {
            let mut tx = self.state.db.begin(caller).await?;
            pages::spoken_through(&mut tx, held.channel.id, &page).await?;
            tx.commit().await?;
        }
        // Before the subscription: one that cannot be asked must not let a good token run out.
        self.renew_token(caller, held, account).await?;
        match self.mend(account).await {
            Ok(()) => Ok(Trouble::None),
            Err(error @ GraphError::Rejected { .. }) => {
                tracing::warn!(channel = %held.channel.id, %error, "a subscription cannot be asked about");
                Ok(Trouble::None)
            }
            Err(error) => self.judge(&error, held),
        }
    }

    /// What an error tells about the channel; an error when it tells nothing.
    fn judge(&self, error: &GraphError, held: &Held) -> Result<Trouble, Error> {
        let is_over = held.channel.token_expires_at.is_some_and(|end| end <= self.state.clock.now());
        match Trouble::of_check(error) {
            Some(Trouble::TokenRefused) if is_over => Ok(Trouble::Expired),
            // Meta told more when a message was refused than it tells here.
            Some(trouble @ (Trouble::TokenRefused | Trouble::Restricted))
                if held.channel.trouble.health() == trouble.health() =>
            {
                Ok(held.channel.trouble)
            }
            Some(trouble) => Ok(trouble),
            None => Err(channel::read_error(error, "channel")),
        }
    }

    async fn mend(&self, account: &Account) -> Result<(), GraphError> {
        let graph = &self.state.graph;
        let subscription = graph.subscription(account).await?;
        if subscription.is_ours && subscription.missing.is_empty() {
            return Ok(());
        }
        tracing::info!(page = account.page_id, missing = ?subscription.missing, "a page is subscribed again");
        graph.subscribe(account).await
    }

    /// Renews a token that is about to end. The old one works until its end, so a failure loses nothing and comes again tomorrow.
    async fn renew_token(&self, caller: &Caller, held: &mut Held, account: &Account) -> Result<(), Error> {
        let now = self.state.clock.now();
        if !held.channel.wants_renewal(now) {
            return Ok(());
        }
        let id = held.channel.id;
        let (token, lasts) = match self.state.graph.refresh_instagram(account).await {
            Ok(renewed) => renewed,
            Err(error) => {
                tracing::warn!(channel = %id, %error, "a token could not be renewed");
                return Ok(());
            }
        };
        let end = TimeDelta::from_std(lasts).ok().and_then(|lasts| now.checked_add_signed(lasts));
        let end = end.ok_or_else(|| Error::internal("a token lasts beyond the calendar"))?;
        let mut tx = self.state.db.begin(caller).await?;
        let place = place(tx.tenant(), id);
        let sealed = envelope::seal(tx.conn(), &self.state.keys, &place, &token).await?;
        let kept = rows::renew(&mut tx, id, &held.sealed, &sealed, end, now).await?;
        tx.commit().await?;
        if kept {
            held.sealed = sealed;
        }
        Ok(())
    }
}
