//! Whose turn it is: a few calls run at once, and the tenants that wait get the next ones in turn, so that one tenant's burst makes that
//! tenant wait and no other.

use chatdesk_platform::TenantId;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// The queue. Cheap to clone.
#[derive(Clone)]
pub struct Fair(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// Tenants in the order of their turns, each with its calls in the order they came.
    waiting: VecDeque<(TenantId, VecDeque<oneshot::Sender<Turn>>)>,
}

/// The right to make one call; ends when it is dropped.
pub struct Turn(Option<Fair>);

impl Fair {
    /// With so many calls at once.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(State { free: at_once.max(1), waiting: VecDeque::new() })))
    }

    /// Waits for the tenant's turn. Dropping the future leaves the queue.
    pub async fn turn(&self, tenant: TenantId) -> Turn {
        let receiver = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.free > 0 {
                state.free -= 1;
                return Turn(Some(self.clone()));
            }
            let (sender, receiver) = oneshot::channel();
            match state.waiting.iter_mut().find(|(t, _)| *t == tenant) {
                Some((_, calls)) => calls.push_back(sender),
                None => state.waiting.push_back((tenant, VecDeque::from([sender]))),
            }
            receiver
        };
        // The sender is dropped only with the queue, which `self` keeps.
        receiver.await.unwrap_or(Turn(None))
    }

    /// Hands a turn that ended to the next tenant's oldest call that still waits.
    fn pass_on(&self) {
        loop {
            let next = {
                let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let Some((tenant, mut calls)) = state.waiting.pop_front() else {
                    state.free += 1;
                    return;
                };
                let next = calls.pop_front();
                if !calls.is_empty() {
                    state.waiting.push_back((tenant, calls));
                }
                next
            };
            let Some(next) = next else { continue };
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // It gave up waiting: the turn is not spent.
                Err(mut turn) => turn.0 = None,
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(fair) = self.0.take() {
            fair.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatdesk_platform::new_id;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn is_ready(call: &mut (impl Future<Output = Turn> + Unpin)) -> Option<Turn> {
        match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_burst_of_one_tenant_does_not_starve_another() {
        let fair = Fair::new(1);
        let (loud, quiet) = (TenantId(new_id()), TenantId(new_id()));
        let mut first = Box::pin(fair.turn(loud));
        let mut turn = is_ready(&mut first).expect("nobody waits");
        let mut burst: Vec<_> = (0..100).map(|_| Box::pin(fair.turn(loud))).collect();
        assert!(burst.iter_mut().all(|call| is_ready(call).is_none()));
        let mut other = Box::pin(fair.turn(quiet));
        assert!(is_ready(&mut other).is_none());
        let mut before = 0;
        loop {
            drop(turn);
            if is_ready(&mut other).is_some() {
                break;
            }
            turn = burst.iter_mut().skip(before).find_map(is_ready).expect("somebody's turn");
            before += 1;
        }
        assert_eq!(before, 1, "one call of the burst at most goes first");
    }

    #[test]
    fn a_call_that_gave_up_does_not_keep_its_turn() {
        let fair = Fair::new(1);
        let tenant = TenantId(new_id());
        let mut first = Box::pin(fair.turn(tenant));
        let turn = is_ready(&mut first).expect("nobody waits");
        let mut gone = Box::pin(fair.turn(tenant));
        let mut patient = Box::pin(fair.turn(tenant));
        assert!(is_ready(&mut gone).is_none() && is_ready(&mut patient).is_none());
        drop(gone);
        drop(turn);
        let turn = is_ready(&mut patient).expect("its turn");
        drop(turn);
        assert!(is_ready(&mut Box::pin(fair.turn(tenant))).is_some(), "the turn came back");
    }

    #[test]
    fn as_many_run_at_once_as_are_allowed() {
        let fair = Fair::new(2);
        let tenant = TenantId(new_id());
        let mut calls: Vec<_> = (0..3).map(|_| Box::pin(fair.turn(tenant))).collect();
        let turns: Vec<Turn> = calls.iter_mut().filter_map(is_ready).collect();
        assert_eq!(turns.len(), 2);
    }
}
