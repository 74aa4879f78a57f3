//! Takes a piece of a file's products over, in one transaction.

use std::collections::{BTreeMap, HashMap};

use chatdesk_platform::db::{Db, DueItem, Job, TenantTx, Wakes, schedule, schedule_missing, unschedule};
use chatdesk_platform::{Error, new_id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::reading::Piece;
use crate::intake::{Draft, RowError};
use crate::model::import::{Counts, Import, Outcome, UpdateBy};
use crate::model::price::{self, PriceSource};
use crate::model::{Content, EmbeddingStatus, Product};
use crate::store::imports::{self, ImportRow};
use crate::store::prices::{self, Author, Changed};
use crate::store::{products, terms};
use crate::work::EMBED;

/// One file's import at one moment.
pub struct Taking<'a> {
    pub wakes: &'a Wakes,
    pub now: DateTime<Utc>,
    pub import: &'a Import,
}

/// What a piece comes to.
#[derive(Default)]
struct Plan {
    rows: Vec<ImportRow>,
    added: Vec<Product>,
    /// As they were, and as they will be.
    changed: BTreeMap<Uuid, (Content, Product)>,
}

impl Taking<'_> {
    /// Takes it over; false when the import was stopped meanwhile.
    pub async fn take(&self, db: &Db, job: &Job, piece: Piece) -> Result<bool, Error> {
        let mut tx = db.begin(&job.caller()?).await?;
        job.fence(tx.conn()).await?;
        if imports::lock(&mut tx, self.import.id).await?.is_none_or(|state| state.is_over()) {
            return Ok(false);
        }
        let plan = self.plan(&mut tx, &piece.drafts).await?;
        let mut counts = Counts::default();
        plan.rows.iter().for_each(|row| counts.add(row.outcome));
        imports::add_rows(&mut tx, self.import.id, &plan.rows).await?;
        if !self.import.dry_run {
            self.write(&mut tx, plan).await?;
        }
        let place = piece.drafts.last().map_or(0, |last| last.last_line);
        let rows: u64 = piece.drafts.iter().map(|draft| draft.rows).sum();
        imports::advance(&mut tx, self.import.id, whole(place)?, whole(rows)?, counts).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn plan(&self, tx: &mut TenantTx, drafts: &[Draft]) -> Result<Plan, Error> {
        let known = Known::of(tx, drafts).await?;
        let targets: Vec<Result<Option<Uuid>, RowError>> =
            drafts.iter().map(|draft| known.target(draft, self.import.update_by)).collect();
        let ids: Vec<Uuid> = targets.iter().filter_map(|target| target.as_ref().ok().copied().flatten()).collect();
        let there = products::lock_all(tx, &ids).await?;
        let mut there: HashMap<Uuid, Product> = there.into_iter().map(|product| (product.id, product)).collect();
        let mut plan = Plan::default();
        for (draft, target) in drafts.iter().zip(targets) {
            let (outcome, product, errors) = match target {
                Ok(target) => {
                    let old = target.and_then(|id| there.get_mut(&id));
                    self.outcome(draft, old, &mut plan)
                }
                Err(error) => {
                    let others = draft.content(None).err().unwrap_or_default();
                    (Outcome::Refused, None, std::iter::once(error).chain(others).collect())
                }
            };
            plan.rows.push(ImportRow { line: whole(draft.line)?, outcome, product, name: draft.label(), errors });
        }
        Ok(plan)
    }

    fn outcome(
        &self,
        draft: &Draft,
        old: Option<&mut Product>,
        plan: &mut Plan,
    ) -> (Outcome, Option<Uuid>, Vec<RowError>) {
        let content = match draft.content(old.as_ref().map(|old| &old.content)) {
            Ok(content) => content,
            Err(errors) => return (Outcome::Refused, None, errors),
        };
        let Some(product) = old else {
            let (id, now) = (new_id(), self.now);
            let product =
                Product { id, content, embedding: EmbeddingStatus::Pending, created_at: now, updated_at: now };
            let told = Some(id).filter(|_| !self.import.dry_run);
            plan.added.push(product);
            return (Outcome::Added, told, Vec::new());
        };
        if product.content == content {
            return (Outcome::Unchanged, Some(product.id), Vec::new());
        }
        let former = std::mem::replace(&mut product.content, content);
        product.updated_at = self.now;
        // Another line may have changed it already; what it was before this piece is what counts.
        let former = plan.changed.remove(&product.id).map_or(former, |(former, _)| former);
        plan.changed.insert(product.id, (former, product.clone()));
        (Outcome::Updated, Some(product.id), Vec::new())
    }

    async fn write(&self, tx: &mut TenantTx, plan: Plan) -> Result<(), Error> {
        products::insert_all(tx, &plan.added).await?;
        let mut words: Vec<_> = plan.added.iter().map(|product| (product.id, product.content.terms())).collect();
        let ids: Vec<Uuid> = plan.added.iter().map(|product| product.id).collect();
        let tenant = tx.tenant();
        schedule_missing(tx.conn(), EMBED, tenant, &ids, self.now).await?;
        let mut changes = Vec::new();
        for (id, (former, mut product)) in plan.changed {
            let is_other_text = former.text_hash() != product.content.text_hash();
            if is_other_text {
                product.embedding = EmbeddingStatus::Pending;
            }
            products::update(tx, &product).await?;
            let terms = product.content.terms();
            if terms != former.terms() {
                words.push((id, terms));
            }
            if is_other_text {
                let item = DueItem { kind: EMBED, tenant: Some(tenant), entity: id };
                unschedule(tx.conn(), item).await?;
                schedule(tx.conn(), item, self.now).await?;
            }
            changes.push(Changed { product: id, changes: price::changes(&former, &product.content) });
        }
        terms::replace_all(tx, words).await?;
        let author = Author { user: self.import.started_by, source: PriceSource::Import, at: self.now };
        prices::note(tx, &changes, author).await?;
        let wakes = self.wakes.clone();
        tx.after_commit(move || wakes.wake(EMBED));
        Ok(())
    }
}

fn whole(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(Error::internal)
}

/// The products that a piece may mean.
struct Known {
    ids: Vec<Uuid>,
    by_sku: HashMap<String, Uuid>,
    by_name: HashMap<String, Vec<Uuid>>,
}

impl Known {
    async fn of(tx: &mut TenantTx, drafts: &[Draft]) -> Result<Self, Error> {
        let ids: Vec<Uuid> = drafts.iter().filter_map(|draft| draft.id).collect();
        // Postgres cannot be asked for a text with NUL; such a draft is refused anyway.
        let asked = |text: &String| !text.is_empty() && !text.contains('\0');
        let skus: Vec<String> = drafts.iter().map(|draft| draft.sku.clone()).filter(asked).collect();
        let names: Vec<String> = drafts.iter().map(|draft| draft.name.clone()).filter(asked).collect();
        let mut known = Self { ids: Vec::new(), by_sku: HashMap::new(), by_name: HashMap::new() };
        for (id, sku, name) in products::named(tx, &ids, &skus, &names).await? {
            known.ids.push(id);
            known.by_name.entry(name).or_default().push(id);
            if !sku.is_empty() {
                known.by_sku.insert(sku, id);
            }
        }
        Ok(known)
    }

    /// The product that a draft changes; none for one that is added.
    fn target(&self, draft: &Draft, update_by: UpdateBy) -> Result<Option<Uuid>, RowError> {
        let owner = self.by_sku.get(&draft.sku).copied();
        let exact = draft.id.filter(|id| update_by != UpdateBy::Nothing && self.ids.contains(id));
        let same_name = || match self.by_name.get(&draft.name).map(Vec::as_slice) {
            Some([one]) => Ok(Some(*one)),
            Some([_, ..]) => {
                let detail = "is the name of several products; give each a sku";
                Err(RowError::new("name", "ambiguous", detail, draft.line))
            }
            _ => Ok(None),
        };
        let target = match (exact, update_by) {
            (Some(id), _) => Some(id),
            (None, UpdateBy::Sku) if !draft.sku.is_empty() => owner,
            (None, UpdateBy::Sku | UpdateBy::Name) => same_name()?,
            (None, UpdateBy::Nothing) => None,
        };
        if owner.is_some_and(|owner| Some(owner) != target) {
            return Err(RowError::new("sku", "taken", "another product has this sku", draft.line));
        }
        Ok(target)
    }
}
