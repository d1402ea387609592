//! What went wrong below HTTP, in words: name service, connection, TLS, time, a body that broke off.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::retry::Failure;
use crate::{Error, ErrorKind};

/// A failed exchange: the error to report, and whether it may be repeated.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) error: Error,
    pub(super) failure: Failure,
}

impl Trouble {
    /// One that no repetition cures.
    pub(super) fn last(error: Error) -> Self {
        Trouble { error, failure: Failure::Final }
    }

    /// Reads the client's error. `status` is there when the answer had begun.
    pub(super) fn of(tried: &str, error: &reqwest::Error, status: Option<u16>) -> Self {
        let (kind, came, advice, failure) = describe(error, status);
        let mut said = Error::new(kind, tried, came).advise(advice);
        if let Some(status) = status {
            said = said.with_http_status(status);
        }
        if failure.passes() {
            said = said.retryable(None);
        }
        if matches!(failure, Failure::Lost) {
            said = said.maybe_worked();
        }
        Trouble { error: said, failure }
    }
}

type Described = (ErrorKind, String, &'static str, Failure);

fn describe(error: &reqwest::Error, status: Option<u16>) -> Described {
    if let Some(tls) = find::<rustls::Error>(error) {
        let (came, advice) = tls_words(tls);
        return (ErrorKind::Tls, came, advice, Failure::Final);
    }
    if error.is_builder() {
        return (ErrorKind::InvalidArgument, root_cause(error), "", Failure::Final);
    }
    let not_sent = error.is_connect();
    let failure = if not_sent { Failure::NotSent } else { Failure::Lost };
    if error.is_timeout() {
        let came = match (not_sent, status) {
            (true, _) => "no connection in time",
            (false, None) => "no answer in time",
            (false, Some(_)) => "the answer did not end in time",
        };
        let advice = "check that the server can be reached from here (VPN, firewall, proxy)";
        return (ErrorKind::Timeout, came.to_owned(), advice, failure);
    }
    let cause = root_cause(error);
    let (came, advice) = if error.is_dns() {
        (format!("the name was not found ({cause})"), "check the address, the name service and the VPN")
    } else if not_sent {
        (
            format!("no connection ({cause})"),
            "check that the server runs and can be reached from here (VPN, firewall, proxy)",
        )
    } else if status.is_some() {
        (format!("the answer broke off ({cause})"), "")
    } else {
        (format!("the connection broke before an answer ({cause})"), "")
    };
    (ErrorKind::Network, came, advice, failure)
}

fn tls_words(error: &rustls::Error) -> (String, &'static str) {
    use CertificateError as C;
    let trust = "if you trust it, add the certificate of the authority that issued it to the system's trust store or \
                 with add_root_certs_pem";
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            C::UnknownIssuer => {
                ("the server's certificate was issued by an unknown authority".to_owned(), trust)
            }
            C::NotValidForName | C::NotValidForNameContext { .. } => (
                format!("the server's certificate is made out to another name ({why})"),
                "check the address; the server needs a certificate for the name that is asked",
            ),
            C::Expired | C::ExpiredContext { .. } => (
                "the server's certificate has expired".to_owned(),
                "renew it on the server, and check the clock of this computer",
            ),
            C::NotValidYet | C::NotValidYetContext { .. } => {
                ("the server's certificate is not valid yet".to_owned(), "check the clock of this computer")
            }
            C::Revoked => {
                ("the server's certificate was revoked".to_owned(), "the server needs a new certificate")
            }
            other => (format!("the server's certificate was not accepted ({other})"), trust),
        },
        rustls::Error::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure,
        )
        | rustls::Error::PeerIncompatible(_) => (
            format!("no common version of TLS ({error})"),
            "the server has to offer TLS 1.2 or 1.3 with a modern cipher suite",
        ),
        other => (format!("TLS failed ({other})"), "check that the address is that of an https server"),
    }
}

/// The first error of a type in the chain. An io::Error hides what it carries from `source`, hence the second look.
fn find<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match carried {
            Some(carried) => Some(carried),
            None => error.source(),
        };
    }
    None
}

/// The innermost text: "Connection refused (os error 111)". The outer ones repeat it around the URL, query included.
fn root_cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn StdError = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if std::ptr::addr_eq(innermost, error) {
        return "unknown cause".to_owned();
    }
    innermost.to_string()
}
