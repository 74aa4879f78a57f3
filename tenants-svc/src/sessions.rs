//! Starts, renews and ends sessions. What several calls share of one transaction: the refresh tokens of a session, judged one at a time.

use chatdesk_platform::db::{Connection, SystemTx};
use chatdesk_platform::{Error, TenantId, UserId, new_id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::keys::Keys;
use crate::rotation::{LIFE, Opaque, Verdict, judge};
use crate::store::session::{self, Session};

/// A refresh token to hand out.
#[derive(Debug)]
pub struct Issued {
    /// Of which session.
    pub session: Session,
    /// The token.
    pub token: Opaque,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

/// Starts a session, in any transaction.
pub async fn start(
    connection: &mut Connection,
    user: UserId,
    tenant: Option<TenantId>,
    now: DateTime<Utc>,
) -> Result<Issued, Error> {
    let session = Session { id: new_id(), user, tenant };
    let issued = Issued { session, token: Opaque::random()?, expires_at: now + LIFE };
    session::insert(connection, &session, &issued.token.hash(), now, issued.expires_at).await?;
    Ok(issued)
}

/// Turns a token into its successor, or hands the successor out once more. None when the session is over, which it also is from now on
/// when the token had been used before; commit in either case.
pub async fn refresh(
    tx: &mut SystemTx,
    keys: &Keys,
    token: &Opaque,
    now: DateTime<Utc>,
) -> Result<Option<Issued>, Error> {
    let hash = token.hash();
    let Some(session) = session::of_token(tx, &hash).await? else { return Ok(None) };
    session::lock(tx.conn(), session.id).await?;
    // Read after the lock: whoever held it may have changed everything.
    let Some(state) = session::state(tx, &hash).await? else { return Ok(None) };
    let successor = token.successor(keys);
    let next = match state.rotated_at {
        Some(_) => session::state(tx, &successor.hash()).await?,
        None => None,
    };
    match (judge(&state, next.as_ref(), now), next) {
        (Verdict::Rotate, _) => {
            let expires_at = now + LIFE;
            let next = successor.hash();
            session::insert(tx.conn(), &session, &next, now, expires_at).await?;
            session::rotated(tx, &hash, now).await?;
            Ok(Some(Issued { session, token: successor, expires_at }))
        }
        (Verdict::Repeat, Some(next)) => Ok(Some(Issued { session, token: successor, expires_at: next.expires_at })),
        (Verdict::Reused | Verdict::Repeat, _) => {
            tracing::warn!(session = %session.id, user = %session.user, "a used refresh token came back: the session is ended");
            session::revoke(tx.conn(), session.id, now).await?;
            Ok(None)
        }
        (Verdict::Over, _) => Ok(None),
    }
}

/// Ends the session of any of its tokens, and gives it; an unknown token ends nothing.
pub async fn end(tx: &mut SystemTx, token: &Opaque, now: DateTime<Utc>) -> Result<Option<Session>, Error> {
    let Some(session) = session::of_token(tx, &token.hash()).await? else { return Ok(None) };
    session::lock(tx.conn(), session.id).await?;
    session::revoke(tx.conn(), session.id, now).await?;
    Ok(Some(session))
}

/// Ends one session of a user; not found when it is somebody else's or over.
pub async fn end_own(
    connection: &mut Connection,
    user: UserId,
    session: Uuid,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    session::lock(&mut *connection, session).await?;
    if !session::live_of(&mut *connection, user, now).await?.contains(&session) {
        return Err(Error::NotFound("session"));
    }
    session::revoke(connection, session, now).await
}

/// Ends all sessions of a user but one to keep; gives those that it ended.
pub async fn end_others(
    connection: &mut Connection,
    user: UserId,
    keep: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, Error> {
    let mut ended = session::live_of(&mut *connection, user, now).await?;
    ended.retain(|session| Some(*session) != keep);
    for session in &ended {
        // In the order of their ids, so that two that end several wait for each other and never both.
        session::lock(&mut *connection, *session).await?;
        session::revoke(&mut *connection, *session, now).await?;
    }
    Ok(ended)
}
