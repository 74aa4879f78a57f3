//! The catalogue as a file that can be imported again.

use std::sync::Arc;
use std::time::Duration;

use chatdesk_platform::Error;
use chatdesk_platform::db::Db;
use chatdesk_platform::{Caller, Shutdown};
use chatdesk_proto::catalog::v1 as proto;
use tokio::sync::{Semaphore, mpsc};
use tonic::Status;

use crate::outlet::{self, Outlet};
use crate::sheet::Format;
use crate::store::products::{self, Filter};

/// Products read at once.
const PAGE: i64 = 200;

/// Bytes of one piece of the file.
const CHUNK: usize = 256 * 1024;

/// Files that are written at once, in all: each holds a page of products, and a workbook also its packed sheet.
const AT_ONCE: usize = 4;

/// Pieces on their way: the writer waits with the next until the reader took them.
pub type Chunks = mpsc::Receiver<Result<proto::ExportProductsResponse, Status>>;

/// Writes files. Cheap to clone.
#[derive(Clone)]
pub struct Export {
    db: Db,
    shutdown: Shutdown,
    longest: Duration,
    room: Arc<Semaphore>,
}

impl Export {
    /// Over the database; what is being written ends with the shutdown, and when it was not read to its end for so long.
    pub fn new(db: Db, shutdown: Shutdown, longest: Duration) -> Self {
        Self { db, shutdown, longest, room: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Begins a file of the caller's products.
    pub fn begin(&self, caller: Caller, format: Format) -> Result<Chunks, Error> {
        let retry_after = Some(Duration::from_secs(10));
        let full = |_| Error::Exhausted { code: "too_many_exports", retry_after };
        let place = Arc::clone(&self.room).try_acquire_owned().map_err(full)?;
        let (sender, receiver) = mpsc::channel(2);
        let export = self.clone();
        self.shutdown.spawn(async move {
            let written = tokio::time::timeout(export.longest, export.write(&caller, format, &sender)).await;
            // Whoever has stopped reading keeps nobody else from it.
            drop(place);
            if let Err(error) = written.unwrap_or(Err(Error::DeadlineExceeded)) {
                let stop = export.shutdown.token();
                tokio::select! {
                    () = stop.cancelled() => {}
                    // Nobody reads any more when this fails.
                    _ = sender.send(Err(error.into())) => {}
                }
            }
        });
        Ok(receiver)
    }

    async fn write(
        &self,
        caller: &Caller,
        format: Format,
        to: &mpsc::Sender<Result<proto::ExportProductsResponse, Status>>,
    ) -> Result<(), Error> {
        let mut outlet = Outlet::new(format)?;
        let mut before = None;
        loop {
            if self.shutdown.has_begun() {
                return Err(Error::Unavailable("the catalogue"));
            }
            let mut tx = self.db.begin(caller).await?;
            let page = products::list(&mut tx, &Filter::default(), before, PAGE).await?;
            tx.commit().await?;
            before = page.last().map(|product| product.id);
            for product in &page {
                outlet.write(&outlet::lines(product))?;
            }
            let is_last = before.is_none();
            let bytes = if is_last { outlet.finish()? } else { outlet.ready() };
            for chunk in bytes.chunks(CHUNK) {
                let sent = to.send(Ok(proto::ExportProductsResponse { chunk: chunk.to_vec() }));
                let stop = self.shutdown.token();
                tokio::select! {
                    // Whoever does not read keeps nobody from ending.
                    () = stop.cancelled() => return Err(Error::Unavailable("the catalogue")),
                    sent = sent => if sent.is_err() { return Ok(()) },
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }
}
