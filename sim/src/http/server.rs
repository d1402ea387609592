//! The listener, and the task that runs the clock.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

use super::connection::{Shared, serve};

/// A client that does not say hello is not waited for.
const HELLO: Duration = Duration::from_secs(30);
/// The first byte of a TLS connection.
const HANDSHAKE: u8 = 0x16;

/// Accepts connections for ever.
pub(crate) async fn listen(listener: TcpListener, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(welcome(stream, Arc::clone(&shared), tls.clone()));
            }
            // Out of descriptors, most likely: others have to go first.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn welcome(stream: TcpStream, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    let Some(tls) = tls else {
        return serve(stream, shared, "http", false).await;
    };
    let mut first = [0];
    let encrypted = match timeout(HELLO, stream.peek(&mut first)).await {
        Ok(Ok(1)) => first == [HANDSHAKE],
        _ => return,
    };
    if !encrypted {
        return serve(stream, shared, "http", true).await;
    }
    if let Ok(Ok(stream)) = timeout(HELLO, tls.accept(stream)).await {
        serve(stream, shared, "https", false).await;
    }
}

/// Lets happen what the clock brings.
pub(crate) async fn run_clock(shared: Arc<Shared>) {
    let clock = shared.world().clock();
    loop {
        let next = shared.with(|world| {
            world.tick(std::time::Instant::now());
            world.next_timer()
        });
        match next {
            Some(at) => tokio::select! {
                () = sleep_until(Instant::from_std(at)) => {}
                () = clock.notified() => {}
            },
            None => clock.notified().await,
        }
    }
}
