//! What belongs to a process, not to a program: after a fork the child has a new one, and never touches the parent's,
//! whose locks may have been held by threads that the child does not have.

use once_cell::race::OnceBox;

use crate::delivery::fork_generation;

/// A value for each process, made when it is first asked for. What belongs to a parent stays behind, untouched.
pub(crate) struct PerProcess<T: 'static> {
    first: OnceBox<Node<T>>,
}

struct Node<T> {
    generation: u64,
    value: T,
    /// That of a child, as only the child sees it.
    next: OnceBox<Node<T>>,
}

impl<T: Default> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        PerProcess { first: OnceBox::new() }
    }

    /// This process's own. Takes no lock.
    pub(crate) fn get(&self) -> &T {
        let generation = fork_generation();
        let mut place = &self.first;
        loop {
            // Two threads may both make one; the first wins and both get that.
            let node = place
                .get_or_init(|| Box::new(Node { generation, value: T::default(), next: OnceBox::new() }));
            if node.generation == generation {
                return &node.value;
            }
            place = &node.next;
        }
    }
}
