//! Refresh tokens and socket tickets, by hash. All of them are in `routing`: who holds one has not said yet which tenant is theirs.
//! What a user is told of their sessions besides is their tenant's.

use chatdesk_platform::db::{Connection, SystemTx, TenantTx};
use chatdesk_platform::{Error, Role, TenantId, UserId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::SessionInfo;
use crate::rotation::State;

/// A session and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Constant over its refreshes.
    pub id: Uuid,
    /// The person.
    pub user: UserId,
    /// Their business; none for a platform admin.
    pub tenant: Option<TenantId>,
}

/// Which session a refresh token belongs to.
pub async fn of_token(tx: &mut SystemTx, hash: &[u8]) -> Result<Option<Session>, Error> {
    let row =
        sqlx::query!("select session_id, user_id, tenant_id from routing.refresh_tokens where token_hash = $1", hash)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|row| Session { id: row.session_id, user: UserId(row.user_id), tenant: row.tenant_id.map(TenantId) }))
}

/// Holds the session until the end of the transaction. Every change of a session begins with it, so its tokens are judged one at a time.
pub async fn lock(connection: &mut Connection, session: Uuid) -> Result<(), Error> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1::text, 7203303))", session.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// A token's state.
pub async fn state(tx: &mut SystemTx, hash: &[u8]) -> Result<Option<State>, Error> {
    let row = sqlx::query!(
        r#"select expires_at, rotated_at, revoked_at is not null as "is_revoked!"
           from routing.refresh_tokens where token_hash = $1"#,
        hash
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| State { expires_at: row.expires_at, rotated_at: row.rotated_at, is_revoked: row.is_revoked }))
}

/// Adds a session's newest token; also within the transaction that makes a business.
pub async fn insert(
    connection: &mut Connection,
    session: &Session,
    hash: &[u8],
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into routing.refresh_tokens (token_hash, session_id, user_id, tenant_id, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        hash,
        session.id,
        session.user.0,
        session.tenant.map(|tenant| tenant.0),
        now,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a token was turned into its successor.
pub async fn rotated(tx: &mut SystemTx, hash: &[u8], now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!("update routing.refresh_tokens set rotated_at = $2 where token_hash = $1", hash, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends a session: none of its tokens works any more.
pub async fn revoke(connection: &mut Connection, session: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "update routing.refresh_tokens set revoked_at = $2 where session_id = $1 and revoked_at is null",
        session,
        now
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of these sessions of a tenant go on, and whose they are.
pub async fn live(
    tx: &mut SystemTx,
    tenant: TenantId,
    sessions: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Session>, Error> {
    let rows = sqlx::query!(
        "select session_id, user_id, tenant_id from routing.refresh_tokens
         where session_id = any($1) and tenant_id = $2
             and rotated_at is null and revoked_at is null and expires_at > $3",
        sessions,
        tenant.0,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    let read = rows.into_iter().map(|row| Session {
        id: row.session_id,
        user: UserId(row.user_id),
        tenant: row.tenant_id.map(TenantId),
    });
    Ok(read.collect())
}

/// Which of these sessions go on: the business's with what their people may do now, and platform admins' with nothing.
pub async fn live_now(
    tx: &mut TenantTx,
    sessions: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<(Uuid, Option<Role>)>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"select t.session_id, u.role as "role?" from routing.refresh_tokens t
           left join tenants.users u on u.tenant_id = $2 and u.id = t.user_id and u.removed_at is null
           where t.session_id = any($1) and (t.tenant_id is null or (t.tenant_id = $2 and u.id is not null))
               and t.rotated_at is null and t.revoked_at is null and t.expires_at > $3"#,
        sessions,
        tenant.0,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    let role = |role: Option<String>| role.map(|role| role.parse().map_err(Error::internal)).transpose();
    rows.into_iter().map(|row| Ok((row.session_id, role(row.role)?))).collect()
}

/// Which of these sessions of platform admins go on.
pub async fn live_of_admins(tx: &mut SystemTx, sessions: &[Uuid], now: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select session_id from routing.refresh_tokens
         where session_id = any($1) and tenant_id is null
             and rotated_at is null and revoked_at is null and expires_at > $2",
        sessions,
        now
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// The sessions of a user that go on, by id.
pub async fn live_of(connection: &mut Connection, user: UserId, now: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select session_id from routing.refresh_tokens
         where user_id = $1 and rotated_at is null and revoked_at is null and expires_at > $2 order by session_id",
        user.0,
        now
    )
    .fetch_all(connection)
    .await?;
    Ok(ids)
}

/// Keeps what a member is told of a session: a new one, or one whose browser calls itself something else now.
pub async fn describe(tx: &mut TenantTx, session: &Session, user_agent: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into tenants.sessions as s (tenant_id, id, user_id, user_agent, created_at)
         select $1, $2, $3, $4, coalesce(min(created_at), $5) from routing.refresh_tokens where session_id = $2
         on conflict (tenant_id, id) do update set user_agent = excluded.user_agent
         where s.user_agent <> excluded.user_agent and excluded.user_agent <> ''",
        tenant.0,
        session.id,
        session.user.0,
        user_agent,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets what was told of a member's sessions that are over.
pub async fn forget_over(tx: &mut TenantTx, user: UserId, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "delete from tenants.sessions s where tenant_id = $1 and user_id = $2 and not exists (
             select from routing.refresh_tokens t
             where t.session_id = s.id and rotated_at is null and revoked_at is null and expires_at > $3)",
        tenant.0,
        user.0,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A member's sessions that go on, the newest use first.
pub async fn of_member(tx: &mut TenantTx, user: UserId, now: DateTime<Utc>) -> Result<Vec<SessionInfo>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        SessionInfo,
        r#"select t.session_id as "id!", coalesce(min(s.created_at), min(t.created_at)) as "created_at!",
               max(t.created_at) as "last_used_at!", coalesce(min(s.user_agent), '') as "user_agent!"
           from routing.refresh_tokens t left join tenants.sessions s on s.tenant_id = $1 and s.id = t.session_id
           where t.user_id = $2 and t.tenant_id = $1
           group by t.session_id
           having bool_or(t.rotated_at is null and t.revoked_at is null and t.expires_at > $3)
           order by max(t.created_at) desc, t.session_id desc"#,
        tenant.0,
        user.0,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A platform admin's sessions that go on, the newest use first. Nothing is kept of their browsers.
pub async fn of_admin(tx: &mut SystemTx, user: UserId, now: DateTime<Utc>) -> Result<Vec<SessionInfo>, Error> {
    let rows = sqlx::query_as!(
        SessionInfo,
        r#"select session_id as "id!", min(created_at) as "created_at!", max(created_at) as "last_used_at!",
               '' as "user_agent!"
           from routing.refresh_tokens where user_id = $1 and tenant_id is null
           group by session_id having bool_or(rotated_at is null and revoked_at is null and expires_at > $2)
           order by max(created_at) desc, session_id desc"#,
        user.0,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A ticket for a live socket, and who holds it.
#[derive(Debug, Clone, Copy)]
pub struct Ticket {
    /// The person.
    pub user: UserId,
    /// Their business.
    pub tenant: TenantId,
    /// What they may do.
    pub role: Role,
    /// The session that asked for it.
    pub session: Uuid,
}

/// Keeps a ticket.
pub async fn insert_ticket(
    tx: &mut SystemTx,
    hash: &[u8],
    ticket: &Ticket,
    expires_at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into routing.socket_tickets (ticket_hash, user_id, tenant_id, role, session_id, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        hash,
        ticket.user.0,
        ticket.tenant.0,
        ticket.role.as_str(),
        ticket.session,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a ticket out, once; none when it is unknown, spent or too old.
pub async fn take_ticket(tx: &mut SystemTx, hash: &[u8], now: DateTime<Utc>) -> Result<Option<Ticket>, Error> {
    let row = sqlx::query!(
        "delete from routing.socket_tickets where ticket_hash = $1
         returning user_id, tenant_id, role, session_id, expires_at",
        hash
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row.filter(|row| now < row.expires_at) else { return Ok(None) };
    Ok(Some(Ticket {
        user: UserId(row.user_id),
        tenant: TenantId(row.tenant_id),
        role: row.role.parse().map_err(Error::internal)?,
        session: row.session_id,
    }))
}

/// Forgets tokens and tickets that expired before `before`; how many.
pub async fn forget_expired(tx: &mut SystemTx, before: DateTime<Utc>) -> Result<u64, Error> {
    let tokens = sqlx::query!(
        "delete from routing.refresh_tokens where token_hash in (
             select token_hash from routing.refresh_tokens where expires_at < $1 order by expires_at limit 5000)",
        before
    )
    .execute(tx.conn())
    .await?;
    let tickets =
        sqlx::query!("delete from routing.socket_tickets where expires_at < $1", before).execute(tx.conn()).await?;
    Ok(tokens.rows_affected() + tickets.rows_affected())
}
