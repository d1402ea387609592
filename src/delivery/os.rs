//! The little that differs by system: the wait handle behind a reader, and how a fork is noticed.
//!
//! Linux: an eventfd; other POSIX systems: a pipe. Elsewhere [`Signal::new`] says `Unsupported`: on Windows this is
//! the place for a manual-reset event. In the models of `tests/loom` it is a flag.

/// What a host waits on.
#[cfg(all(unix, not(loom)))]
pub type WaitHandle = std::os::fd::OwnedFd;
/// What a host waits on.
#[cfg(all(windows, not(loom)))]
pub type WaitHandle = std::os::windows::io::OwnedHandle;
/// What a host waits on: nothing on this system.
#[cfg(not(any(unix, windows, loom)))]
pub type WaitHandle = std::convert::Infallible;
#[cfg(loom)]
pub use crate::sync::WaitHandle;

#[cfg(loom)]
pub(super) use crate::sync::Signal;
#[cfg(all(unix, not(loom)))]
pub(super) use posix::Signal;
#[cfg(not(any(unix, loom)))]
pub(super) use unsupported::Signal;

/// Which process this is: grows by one in each child of a fork. Never 0.
#[cfg(unix)]
pub fn fork_generation() -> u64 {
    fork::generation()
}

/// Which process this is: no system but POSIX forks.
#[cfg(not(unix))]
pub fn fork_generation() -> u64 {
    1
}

#[cfg(unix)]
#[allow(unsafe_code)]
mod fork {
    use std::sync::atomic::{AtomicU64, Ordering};

    static GENERATION: AtomicU64 = AtomicU64::new(0);

    /// Runs in the child, where only what is safe in a signal handler may be done.
    extern "C" fn in_child() {
        GENERATION.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn generation() -> u64 {
        let known = GENERATION.load(Ordering::SeqCst);
        if known != 0 {
            return known;
        }
        if GENERATION.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            // SAFETY: the handler does nothing but an atomic addition. The library is never unloaded (-z nodelete).
            let failed = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
            if failed != 0 {
                tracing::error!(target: "ucwa::delivery", failed, "a fork will not be noticed");
            }
        }
        GENERATION.load(Ordering::SeqCst)
    }
}

#[cfg(all(unix, not(loom)))]
mod posix {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

    use rustix::io::Errno;

    /// Eight bytes, because an eventfd wants a number; a pipe does not mind.
    const ONE: [u8; 8] = 1u64.to_ne_bytes();

    /// A level that can be polled: readable while raised. The owner serialises the calls.
    pub(in super::super) struct Signal {
        read: OwnedFd,
        /// The other end of a pipe; an eventfd is both.
        write: Option<OwnedFd>,
        raised: bool,
    }

    impl Signal {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        pub(in super::super) fn new() -> io::Result<Self> {
            use rustix::event::{EventfdFlags, eventfd};
            let read = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
            Ok(Signal { read, write: None, raised: false })
        }

        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        pub(in super::super) fn new() -> io::Result<Self> {
            Signal::pipe()
        }

        #[cfg(any(test, not(any(target_os = "linux", target_os = "android"))))]
        fn pipe() -> io::Result<Self> {
            use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
            use rustix::io::{FdFlags, fcntl_setfd};
            let (read, write) = rustix::pipe::pipe()?;
            for end in [&read, &write] {
                fcntl_setfd(end, FdFlags::CLOEXEC)?;
                fcntl_setfl(end, fcntl_getfl(end)? | OFlags::NONBLOCK)?;
            }
            Ok(Signal { read, write: Some(write), raised: false })
        }

        /// A duplicate for the host, which closes it.
        pub(in super::super) fn duplicate(&self) -> io::Result<OwnedFd> {
            self.read.try_clone()
        }

        /// Raises or lowers; nothing is done when it is so already.
        pub(in super::super) fn set(&mut self, raised: bool) {
            if raised == self.raised {
                return;
            }
            let done = rustix::io::retry_on_intr(|| {
                if raised {
                    rustix::io::write(self.write_end(), &ONE)
                } else {
                    rustix::io::read(&self.read, &mut [0; 8])
                }
            });
            // AGAIN: it was so already (a host that read it against the rules).
            if let Err(error) = done
                && error != Errno::AGAIN
            {
                tracing::error!(target: "ucwa::delivery", %error, raised, "the wait handle could not be set");
                return;
            }
            self.raised = raised;
        }

        fn write_end(&self) -> BorrowedFd<'_> {
            self.write.as_ref().unwrap_or(&self.read).as_fd()
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use rustix::event::{PollFd, PollFlags, Timespec, poll};

        fn readable(fd: &OwnedFd) -> bool {
            let mut fds = [PollFd::new(fd, PollFlags::IN)];
            poll(&mut fds, Some(&Timespec::default())).unwrap();
            fds[0].revents().contains(PollFlags::IN)
        }

        #[test]
        fn both_kinds_are_levels_and_survive_their_owner() {
            for mut signal in [Signal::new().unwrap(), Signal::pipe().unwrap()] {
                let handle = signal.duplicate().unwrap();
                assert!(!readable(&handle));
                for _ in 0..3 {
                    signal.set(true);
                    signal.set(true);
                    assert!(readable(&handle));
                    assert!(readable(&handle), "polling does not clear it");
                    signal.set(false);
                    signal.set(false);
                    assert!(!readable(&handle));
                }
                signal.set(true);
                drop(signal);
                assert!(readable(&handle), "raised for good");
            }
        }

        #[test]
        fn a_host_that_reads_the_handle_does_not_block_us() {
            for mut signal in [Signal::new().unwrap(), Signal::pipe().unwrap()] {
                let handle = signal.duplicate().unwrap();
                signal.set(true);
                rustix::io::read(&handle, &mut [0; 8]).unwrap();
                signal.set(false);
                signal.set(true);
                assert!(readable(&handle));
            }
        }

        #[test]
        fn children_do_not_inherit_it() {
            for signal in [Signal::new().unwrap(), Signal::pipe().unwrap()] {
                let handle = signal.duplicate().unwrap();
                let fds = [Some(&handle), Some(&signal.read), signal.write.as_ref()];
                for fd in fds.into_iter().flatten() {
                    let flags = rustix::io::fcntl_getfd(fd).unwrap();
                    assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
                }
            }
        }
    }
}

#[cfg(not(any(unix, loom)))]
mod unsupported {
    use std::io;

    use super::WaitHandle;

    /// No wait handle yet on this system.
    pub(in super::super) struct Signal;

    impl Signal {
        pub(in super::super) fn new() -> io::Result<Self> {
            Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "no wait handle on this system yet: use a wake-up callback",
            ))
        }

        pub(in super::super) fn duplicate(&self) -> io::Result<WaitHandle> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(in super::super) fn set(&mut self, _raised: bool) {}
    }
}
