//! Work on many items, a few at a time.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use anyhow::Result;

/// Works on the items in order, `jobs` at a time or one per core; the results in the order in which they came.
///
/// # Errors
/// The first error. No item is begun after it, and those that were begun are waited for.
pub fn in_parallel<T: Send, R: Send>(
    items: Vec<T>,
    jobs: Option<NonZeroUsize>,
    work: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let jobs = jobs.unwrap_or_else(cores).get().min(items.len());
    let queue = Mutex::new(Some(items.into_iter()));
    let next = || queue.lock().expect("no thread panics").as_mut()?.next();
    let results = Mutex::new(Vec::new());
    let worker = || -> Result<()> {
        while let Some(item) = next() {
            match work(item) {
                Ok(result) => results.lock().expect("no thread panics").push(result),
                Err(error) => {
                    *queue.lock().expect("no thread panics") = None;
                    return Err(error);
                }
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))
    })?;
    Ok(results.into_inner().expect("no thread panics"))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn every_item_is_worked_on_once() {
        let mut squares = in_parallel((0..100).collect(), NonZeroUsize::new(3), |n: u32| Ok(n * n)).unwrap();
        squares.sort_unstable();
        assert_eq!(squares, (0..100).map(|n| n * n).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_begins_after_an_error() {
        let begun = Mutex::new(Vec::new());
        let error = in_parallel((0..100).collect(), NonZeroUsize::new(1), |n: u32| {
            begun.lock().unwrap().push(n);
            if n == 2 { bail!("two") } else { Ok(()) }
        });
        assert_eq!(error.unwrap_err().to_string(), "two");
        assert_eq!(*begun.lock().unwrap(), [0, 1, 2]);
    }
}
