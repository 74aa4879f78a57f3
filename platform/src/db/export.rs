//! A tenant's data written down: every service that owns some writes its share, part after part, into a table of its own, and gives it back
//! the same way. Nobody ever holds more than a part. What is written, `routing.exports` and its shares say; a share that was cut off begins
//! anew.

use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::{Connection, Db, Done, Handler, Job, TenantTx};
use crate::{Caller, Clock, Error, ServiceName, Shutdown, TenantId};

/// Bytes after which a part is full. A line is never cut.
const PART: usize = 512 * 1024;
/// How long a reader may take in all.
const LONGEST: Duration = Duration::from_secs(3600);

/// One thing as a line of JSON.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it stands among those of its file; what comes after it has a greater one.
    pub place: Uuid,
    /// An object, without a line's end.
    pub json: String,
}

/// A part of a file.
#[derive(Debug, Clone)]
pub struct Part {
    /// The file's name.
    pub file: String,
    /// Whole lines; empty for a file without any.
    pub lines: Vec<u8>,
}

/// A table of parts: see [`export_parts!`](crate::export_parts).
pub trait Parts: 'static {
    /// Keeps a part.
    fn keep(tx: &mut TenantTx, export: Uuid, no: i32, part: &Part) -> impl Future<Output = Result<(), Error>> + Send;

    /// A part that was kept; none after the last.
    fn part(tx: &mut TenantTx, export: Uuid, no: i32) -> impl Future<Output = Result<Option<Part>, Error>> + Send;

    /// Forgets some parts; how many.
    fn forget(tx: &mut TenantTx, export: Uuid) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// What one service has to write down, and where.
pub trait Share: Clone + Send + Sync + 'static {
    /// Whose share it is.
    const SERVICE: ServiceName;
    /// The kind of its due work, whose entity is the export.
    const KIND: &'static str;
    /// The files, in their order.
    const FILES: &'static [&'static str];
    /// Where its parts are kept.
    type Parts: Parts;

    /// The next lines of a file, in the order of their places; none at its end.
    fn lines(
        &self,
        tx: &mut TenantTx,
        file: &'static str,
        after: Uuid,
    ) -> impl Future<Output = Result<Vec<Line>, Error>> + Send;

    /// The export is over, and its parts are gone.
    fn over(&self, _tx: &mut TenantTx, _export: Uuid) -> impl Future<Output = Result<(), Error>> + Send {
        async { Ok(()) }
    }
}

/// `Parts` over the table `export_parts` of a schema: `export_parts!("inbox")`.
#[macro_export]
macro_rules! export_parts {
    ($schema:tt) => {
        /// This service's parts of exports.
        pub struct Parts;

        impl $crate::db::export::Parts for Parts {
            async fn keep(
                tx: &mut $crate::db::TenantTx,
                export: uuid::Uuid,
                no: i32,
                part: &$crate::db::export::Part,
            ) -> Result<(), $crate::Error> {
                sqlx::query!(
                    "insert into " + $schema + ".export_parts (export_id, no, file, lines) values ($1, $2, $3, $4)",
                    export,
                    no,
                    part.file,
                    part.lines
                )
                .execute(tx.conn())
                .await?;
                Ok(())
            }

            async fn part(
                tx: &mut $crate::db::TenantTx,
                export: uuid::Uuid,
                no: i32,
            ) -> Result<Option<$crate::db::export::Part>, $crate::Error> {
                let part = sqlx::query_as!(
                    $crate::db::export::Part,
                    "select file, lines from " + $schema + ".export_parts where export_id = $1 and no = $2",
                    export,
                    no
                )
                .fetch_optional(tx.conn())
                .await?;
                Ok(part)
            }

            // Few enough to hold nobody up.
            async fn forget(tx: &mut $crate::db::TenantTx, export: uuid::Uuid) -> Result<u64, $crate::Error> {
                let gone = sqlx::query!(
                    "delete from "
                        + $schema
                        + ".export_parts where export_id = $1 and no in (select no from "
                        + $schema
                        + ".export_parts where export_id = $1 limit 100)",
                    export
                )
                .execute(tx.conn())
                .await?;
                Ok(gone.rows_affected())
            }
        }
    };
}

/// Writes shares, and forgets them when their time is over.
pub struct Exporter<S> {
    db: Db,
    clock: Clock,
    shutdown: Shutdown,
    share: S,
}

/// How a share stands.
struct Standing {
    expires_at: chrono::DateTime<chrono::Utc>,
    state: String,
}

impl<S: Share> Exporter<S> {
    /// A handler of the share's due work.
    pub const fn new(db: Db, clock: Clock, shutdown: Shutdown, share: S) -> Self {
        Self { db, clock, shutdown, share }
    }

    /// A transaction in which the work is this worker's.
    async fn begin(&self, job: &Job) -> Result<TenantTx, Error> {
        if self.shutdown.has_begun() {
            return Err(Error::Unavailable("the export"));
        }
        let mut tx = self.db.begin(&job.caller()?).await?;
        job.fence(tx.conn()).await?;
        Ok(tx)
    }

    async fn forget(&self, job: &Job) -> Result<(), Error> {
        loop {
            let mut tx = self.begin(job).await?;
            let gone = S::Parts::forget(&mut tx, job.entity).await?;
            tx.commit().await?;
            if gone == 0 {
                return Ok(());
            }
        }
    }

    async fn write(&self, job: &Job) -> Result<(), Error> {
        // What a worker before this one left is of no use: nobody knows where it stopped.
        self.forget(job).await?;
        let (mut no, mut lines, mut size) = (0, 0, 0);
        for file in S::FILES {
            let (mut after, mut is_begun) = (Uuid::nil(), false);
            loop {
                let mut tx = self.begin(job).await?;
                let page = self.share.lines(&mut tx, file, after).await?;
                let parts = parts(file, &page);
                if parts.is_empty() && is_begun {
                    break;
                }
                // A file without a line is there as well: that says that there was nothing.
                let empty = Part { file: (*file).to_owned(), lines: Vec::new() };
                for part in if parts.is_empty() { vec![empty] } else { parts } {
                    S::Parts::keep(&mut tx, job.entity, no, &part).await?;
                    no += 1;
                    size += i64::try_from(part.lines.len()).unwrap_or(0);
                }
                lines += i64::try_from(page.len()).unwrap_or(0);
                if !set(tx.conn(), job, S::SERVICE, "running", Some((lines, size))).await? {
                    // Ended meanwhile: what was just written goes with the transaction.
                    return Ok(());
                }
                tx.commit().await?;
                is_begun = true;
                match page.last() {
                    Some(last) => after = last.place,
                    None => break,
                }
            }
        }
        let mut tx = self.begin(job).await?;
        set(tx.conn(), job, S::SERVICE, "ready", None).await?;
        tx.commit().await
    }
}

impl<S: Share> Handler for Exporter<S> {
    const KIND: &'static str = S::KIND;

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let mut tx = self.begin(&job).await?;
        let standing = standing(&mut tx, S::SERVICE, job.entity).await?;
        tx.commit().await?;
        match standing {
            Some(Standing { expires_at, state }) if expires_at > self.clock.now() => {
                if state == "running" {
                    self.write(&job).await?;
                }
                Ok(Done::At(expires_at))
            }
            Some(_) | None => {
                self.forget(&job).await?;
                let mut tx = self.begin(&job).await?;
                self.share.over(&mut tx, job.entity).await?;
                tx.commit().await?;
                Ok(Done::Finished)
            }
        }
    }

    /// The plan brings it back, so that it is forgotten in time.
    async fn set_aside(&self, job: &Job) {
        let noted = async {
            let mut tx = self.begin(job).await?;
            set(tx.conn(), job, S::SERVICE, "failed", None).await?;
            tx.commit().await
        };
        if let Err(error) = noted.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot say that an export failed");
        }
    }
}

/// Lines as parts.
fn parts(file: &str, page: &[Line]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in page {
        match parts.last_mut() {
            Some(part) if part.lines.len() + line.json.len() < PART => {
                part.lines.extend_from_slice(line.json.as_bytes());
                part.lines.push(b'\n');
            }
            Some(_) | None => {
                parts.push(Part { file: file.to_owned(), lines: format!("{}\n", line.json).into_bytes() });
            }
        }
    }
    parts
}

async fn standing(tx: &mut TenantTx, service: ServiceName, export: Uuid) -> Result<Option<Standing>, Error> {
    let tenant = tx.tenant().0;
    let standing = sqlx::query_as!(
        Standing,
        "select e.expires_at, s.state from routing.exports e
         join routing.export_shares s on s.tenant_id = e.tenant_id and s.export_id = e.id and s.service = $3
         where e.tenant_id = $1 and e.id = $2",
        tenant,
        export,
        service.as_str()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(standing)
}

/// Whether the share was still being written, and is now as it says.
async fn set(
    connection: &mut Connection,
    job: &Job,
    service: ServiceName,
    state: &str,
    written: Option<(i64, i64)>,
) -> Result<bool, Error> {
    let tenant = job.tenant.map_or(Uuid::nil(), |TenantId(id)| id);
    let changed = sqlx::query!(
        "update routing.export_shares set state = $4, lines = coalesce($5, lines), size = coalesce($6, size)
         where tenant_id = $1 and export_id = $2 and service = $3 and state = 'running'",
        tenant,
        job.entity,
        service.as_str(),
        state,
        written.map(|(lines, _)| lines),
        written.map(|(_, size)| size)
    )
    .execute(connection)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// Takes away every share of the transaction's tenant that this service wrote or writes: what was forgotten must not stand in it. The caller
/// deletes the parts, in the same transaction and after this.
pub async fn withdraw_all(tx: &mut TenantTx, service: ServiceName) -> Result<(), Error> {
    let tenant = tx.tenant().0;
    sqlx::query!(
        "update routing.export_shares set state = 'withdrawn'
         where tenant_id = $1 and service = $2 and state in ('running', 'ready')",
        tenant,
        service.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives a share back, part after part, to whoever the caller is: their tenant's, when it is written and not over. What is being read ends
/// with the shutdown.
pub async fn read<S: Share>(
    (db, clock, shutdown): (Db, Clock, Shutdown),
    caller: Caller,
    export: Uuid,
) -> Result<mpsc::Receiver<Result<Part, Error>>, Error> {
    let mut tx = db.begin(&caller).await?;
    let standing = standing(&mut tx, S::SERVICE, export).await?.filter(|standing| standing.expires_at > clock.now());
    tx.commit().await?;
    let refused = match standing.ok_or(Error::NotFound("export"))?.state.as_str() {
        "ready" => None,
        "withdrawn" => Some(("export_withdrawn", "Somebody in it was forgotten since; begin another.")),
        _ => Some(("export_not_ready", "The export is not written yet.")),
    };
    if let Some((code, detail)) = refused {
        return Err(Error::Precondition { code, detail: detail.to_owned() });
    }
    let (sender, receiver) = mpsc::channel(2);
    shutdown.clone().spawn(async move {
        let give = async {
            for no in 0.. {
                let mut tx = db.begin(&caller).await?;
                // In this order: an export that is ended while it is read must not look whole.
                let part = S::Parts::part(&mut tx, export, no).await?;
                let now = self::standing(&mut tx, S::SERVICE, export).await?;
                tx.commit().await?;
                if now.is_none_or(|now| now.state != "ready") {
                    return Err(Error::NotFound("export"));
                }
                let Some(part) = part else { return Ok(()) };
                if sender.send(Ok(part)).await.is_err() {
                    return Ok(());
                }
            }
            Ok(())
        };
        let stop = shutdown.token();
        let given = tokio::select! {
            () = stop.cancelled() => Err(Error::Unavailable("the export")),
            given = tokio::time::timeout(LONGEST, give) => given.unwrap_or(Err(Error::DeadlineExceeded)),
        };
        if let Err(error) = given {
            // Nobody reads any more when this fails; whoever does not read keeps nobody from ending.
            sender.try_send(Err(error)).ok();
        }
    });
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_between_lines() {
        let line = |length: usize| Line { place: Uuid::nil(), json: "x".repeat(length) };
        let sizes = |page: &[Line]| parts("a", page).iter().map(|part| part.lines.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&[]), Vec::<usize>::new());
        assert_eq!(sizes(&[line(1), line(2)]), [5]);
        assert_eq!(sizes(&[line(PART), line(1), line(PART - 10), line(20)]), [PART + 1, 2 + PART - 9, 21]);
    }
}
