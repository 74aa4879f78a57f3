//! What the tenants' entries say, kept between questions: synonyms, and the words of questions, answers and policies. Each tenant's is
//! kept under its own id and used for no other. It is read anew as soon as a search sees that an entry changed.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Error, TenantId};
use uuid::Uuid;

use crate::query::{Asked, Table};
use crate::words;

/// Words that are kept of all tenants together; more than that and all are forgotten and read anew when they are needed.
const MOST_KEPT: usize = 2_000_000;
/// Entries of one tenant that are read.
const MOST_ENTRIES: i64 = 2_000;
/// Characters of an answer that are read.
const MOST_BODY: usize = 1_500;

const IN_TITLE: f32 = 1.0;
const IN_BODY: f32 = 0.5;

/// One tenant's.
#[derive(Debug, Default)]
pub struct Known {
    /// As the search tells them: how many, and a number that grows with each change.
    version: Vec<i64>,
    synonyms: Table,
    /// Of each question or policy, its words in order.
    texts: Vec<(Uuid, Vec<(u64, f32)>)>,
    counts: HashMap<u64, i64>,
}

/// All tenants'. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shelf {
    tenants: Arc<Mutex<HashMap<TenantId, Arc<Known>>>>,
}

fn key(term: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    term.hash(&mut hasher);
    hasher.finish()
}

fn weighed(title: &str, body: &str) -> Vec<(u64, f32)> {
    let body: String = body.chars().take(MOST_BODY).collect();
    let mut all: HashMap<u64, f32> = HashMap::new();
    for (text, weight) in [(body.as_str(), IN_BODY), (title, IN_TITLE)] {
        let words = words::split(text);
        let pairs = words::pairs(&words).map(|(a, b)| key(&format!("{a} {b}")));
        all.extend(words.iter().map(|word| key(word)).chain(pairs).map(|key| (key, weight)));
    }
    let mut all: Vec<(u64, f32)> = all.into_iter().collect();
    all.sort_unstable_by_key(|(key, _)| *key);
    all
}

impl Known {
    /// The shop's own.
    pub const fn synonyms(&self) -> &Table {
        &self.synonyms
    }

    /// Whether it is what the search has just seen.
    pub fn is_of(&self, version: &[i64]) -> bool {
        self.version == version || (self.version.is_empty() && version.iter().all(|number| *number == 0))
    }

    /// How many questions and policies there are.
    pub const fn len(&self) -> usize {
        self.texts.len()
    }

    /// How many of them have each term.
    pub fn counts(&self, asked: &[Asked]) -> Vec<i64> {
        asked.iter().map(|asked| self.counts.get(&key(&asked.term)).copied().unwrap_or(0)).collect()
    }

    /// Of each, the terms that it has and where they stand.
    pub fn matched(&self, asked: &[Asked]) -> impl Iterator<Item = (Uuid, Vec<(usize, f64)>)> {
        let keys: Vec<u64> = asked.iter().map(|asked| key(&asked.term)).collect();
        self.texts.iter().map(move |(id, words)| {
            let place = |(term, wanted): (usize, &u64)| {
                let at = words.binary_search_by_key(wanted, |(key, _)| *key).ok()?;
                words.get(at).map(|(_, weight)| (term, f64::from(*weight)))
            };
            (*id, keys.iter().enumerate().filter_map(place).collect())
        })
    }

    fn size(&self) -> usize {
        self.synonyms.size() + self.counts.len() + self.texts.iter().map(|(_, words)| words.len()).sum::<usize>()
    }
}

impl Shelf {
    /// What is kept of the tenant's; nothing when it was not asked for before.
    pub fn of(&self, tenant: TenantId) -> Arc<Known> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned().unwrap_or_default()
    }

    /// Reads the tenant's entries anew, which a search has just seen in this version.
    pub async fn fill(&self, tx: &mut TenantTx, version: Vec<i64>) -> Result<Arc<Known>, Error> {
        let rows = sqlx::query!(
            "select id, kind, title, body from catalog.entries where tenant_id = $1 order by id desc limit $2",
            tx.tenant().0,
            MOST_ENTRIES
        )
        .fetch_all(tx.conn())
        .await?;
        let mut known = Known { version, ..Known::default() };
        for row in rows {
            if row.kind == "synonym" {
                known.synonyms.add(row.title.split(','), &row.body);
                continue;
            }
            let words = weighed(&row.title, &row.body);
            for (key, _) in &words {
                *known.counts.entry(*key).or_default() += 1;
            }
            known.texts.push((row.id, words));
        }
        let known = Arc::new(known);
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.insert(tx.tenant(), Arc::clone(&known));
        if tenants.values().map(|known| known.size()).sum::<usize>() > MOST_KEPT {
            tenants.clear();
        }
        Ok(known)
    }
}
