//! One call for all who ask the same at the same time.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

type Landing<V> = watch::Receiver<Option<V>>;

/// Calls under way, by what they ask.
#[derive(Debug)]
pub struct Flights<K, V>(Arc<Mutex<HashMap<K, Landing<V>>>>);

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Landing<V>>> {
        // Insert and remove only: nothing can be left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the call for `key` that is under way, or starts `call` in a task of its own, so that it ends and is shared
    /// though its first caller goes away. `None` when the call panicked.
    pub async fn join<F>(&self, key: &K, call: impl FnOnce() -> F) -> Option<V>
    where
        F: Future<Output = V> + Send + 'static,
    {
        let mut landing = {
            let mut flights = self.lock();
            match flights.get(key) {
                Some(landing) => landing.clone(),
                None => {
                    let (send, landing) = watch::channel(None);
                    flights.insert(key.clone(), landing.clone());
                    let ticket = Ticket {
                        flights: Arc::clone(&self.0),
                        key: key.clone(),
                    };
                    let call = call();
                    tokio::spawn(async move {
                        let value = call.await;
                        // From here on a new caller starts a call of its own: this answer is of the past.
                        drop(ticket);
                        let _ = send.send(Some(value));
                    });
                    landing
                }
            }
        };
        landing.wait_for(Option::is_some).await.ok()?.clone()
    }
}

/// Takes the flight off the board, also when its call panics.
struct Ticket<K: Eq + Hash, V> {
    flights: Arc<Mutex<HashMap<K, Landing<V>>>>,
    key: K,
}

impl<K: Eq + Hash, V> Drop for Ticket<K, V> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        flights.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

    #[tokio::test]
    async fn callers_at_once_share_one_call_and_later_ones_start_anew() {
        let flights = Flights::<u8, usize>::default();
        let calls = Arc::new(AtomicUsize::new(0));
        let go = Arc::new(Notify::new());
        let call = || {
            let (calls, go) = (Arc::clone(&calls), Arc::clone(&go));
            async move {
                go.notified().await;
                calls.fetch_add(1, Ordering::SeqCst)
            }
        };
        let both = async { tokio::join!(flights.join(&1, call), flights.join(&1, call)) };
        let (both, ()) = tokio::join!(both, async { go.notify_one() });
        assert_eq!(both, (Some(0), Some(0)));
        go.notify_one();
        assert_eq!(flights.join(&1, call).await, Some(1));
    }

    #[tokio::test]
    async fn a_call_ends_though_its_caller_left() {
        let flights = Arc::new(Flights::<u8, u8>::default());
        let go = Arc::new(Notify::new());
        let first = {
            let (flights, go) = (Arc::clone(&flights), Arc::clone(&go));
            tokio::spawn(async move {
                let call = || async move {
                    go.notified().await;
                    7
                };
                flights.join(&1, call).await
            })
        };
        while flights.lock().is_empty() {
            tokio::task::yield_now().await;
        }
        first.abort();
        let second = flights.join(&1, || async { 9 });
        let (second, ()) = tokio::join!(second, async { go.notify_one() });
        assert_eq!(second, Some(7));
    }

    #[tokio::test]
    async fn a_panic_frees_the_key() {
        let flights = Flights::<u8, u8>::default();
        assert_eq!(
            flights.join(&1, || async { panic!("on purpose") }).await,
            None
        );
        assert_eq!(flights.join(&1, || async { 2 }).await, Some(2));
    }
}
