//! Vectors of questions that were asked lately. Bounded by count; the one not asked for longest goes first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Questions kept: 6 MB of vectors.
pub(super) const KEPT: usize = 4096;
/// Bytes of the longest question that is kept. A long one does not come again.
const LONGEST: usize = 512;

/// The cache of one model, which is half of its key; the text is the other.
pub(super) struct Cache {
    kept: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: u64,
    vectors: HashMap<Arc<str>, (u64, Vec<f32>)>,
    /// When each was last asked for.
    order: BTreeMap<u64, Arc<str>>,
}

impl Cache {
    /// Keeps so many.
    pub fn new(kept: usize) -> Self {
        Self { kept, state: Mutex::default() }
    }

    /// The vector of a text, if it was asked for lately.
    pub fn get(&self, text: &str) -> Option<Vec<f32>> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let (asked, vector) = state.vectors.get_mut(text)?;
        state.now += 1;
        if let Some(key) = state.order.remove(asked) {
            state.order.insert(state.now, key);
        }
        *asked = state.now;
        Some(vector.clone())
    }

    /// Keeps a vector, and lets the oldest go when there are too many.
    pub fn put(&self, text: &str, vector: &[f32]) {
        if text.len() > LONGEST || self.kept == 0 {
            return;
        }
        let mut guard = self.lock();
        let state = &mut *guard;
        state.now += 1;
        let key: Arc<str> = text.into();
        if let Some((before, _)) = state.vectors.insert(Arc::clone(&key), (state.now, vector.to_vec())) {
            state.order.remove(&before);
        }
        state.order.insert(state.now, key);
        if state.vectors.len() > self.kept
            && let Some((_, oldest)) = state.order.pop_first()
        {
            state.vectors.remove(&oldest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_not_asked_for_longest_goes() {
        let cache = Cache::new(2);
        cache.put("a", &[1.0]);
        cache.put("b", &[2.0]);
        assert_eq!(cache.get("a"), Some(vec![1.0]));
        cache.put("c", &[3.0]);
        assert_eq!((cache.get("a"), cache.get("b"), cache.get("c")), (Some(vec![1.0]), None, Some(vec![3.0])));
        cache.put("a", &[4.0]);
        cache.put("d", &[5.0]);
        assert_eq!((cache.get("a"), cache.get("c"), cache.get("d")), (Some(vec![4.0]), None, Some(vec![5.0])));
        let state = cache.lock();
        assert_eq!((state.vectors.len(), state.order.len()), (2, 2));
    }

    #[test]
    fn long_texts_are_not_kept() {
        let cache = Cache::new(2);
        let long = "a".repeat(LONGEST + 1);
        cache.put(&long, &[1.0]);
        assert_eq!(cache.get(&long), None);
    }
}
