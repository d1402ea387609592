//! Whom TLS trusts: the platform and the extra roots. One configuration per distinct trust, shared by the process.
//!
//! There is no switch that turns the checks off, and no process-wide default provider is installed: a host may have
//! its own opinion of rustls.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use crate::sync::Mutex;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::process::PerProcess;
use crate::{Error, ErrorKind};

/// Certificates (DER) to trust besides those of the platform.
pub(super) type Roots = BTreeSet<Vec<u8>>;

/// A trust and its configuration.
type Made = (Roots, Weak<ClientConfig>);

/// Configurations in use. Weak, so that the last session of a trust lets go of it and the next one sees what the
/// platform trusts by then.
static IN_USE: PerProcess<Mutex<Vec<Made>>> = PerProcess::new();

/// The configuration that trusts the platform's roots and these. Reads the platform's certificates from disk, unless
/// it is in use already.
pub(super) fn shared(roots: &Roots) -> Result<Arc<ClientConfig>, Error> {
    if let Some(config) = in_use(roots, None) {
        return Ok(config);
    }
    let made = Arc::new(make(roots)?);
    Ok(in_use(roots, Some(&made)).unwrap_or(made))
}

/// Finds a configuration, or takes in this one when there is none.
fn in_use(roots: &Roots, made: Option<&Arc<ClientConfig>>) -> Option<Arc<ClientConfig>> {
    let mut in_use = IN_USE.get().lock();
    in_use.retain(|(_, config)| config.strong_count() > 0);
    let found = in_use.iter().find(|(known, _)| known == roots).and_then(|(_, config)| config.upgrade());
    if let (None, Some(made)) = (&found, made) {
        in_use.push((roots.clone(), Arc::downgrade(made)));
    }
    found
}

/// A configuration that trusts nobody, for a client that speaks plain http only but cannot be made without one.
pub(super) fn nobody() -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(builder.map_err(failed)?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

/// Reads the certificates of the host.
pub(super) fn parse(blobs: &[Vec<u8>]) -> Result<Roots, Error> {
    let bad = |number: usize, why: String| {
        Error::new(ErrorKind::InvalidArgument, format!("extra root certificates, blob {number}"), why)
            .advise("give certificates in PEM form (-----BEGIN CERTIFICATE-----)")
    };
    let mut roots = Roots::new();
    for (number, blob) in (1..).zip(blobs) {
        let mut seen = false;
        for certificate in CertificateDer::pem_slice_iter(blob) {
            let certificate = certificate.map_err(|why| bad(number, why.to_string()))?;
            RootCertStore::empty().add(certificate.clone()).map_err(|why| bad(number, why.to_string()))?;
            roots.insert(certificate.as_ref().to_vec());
            seen = true;
        }
        if !seen {
            return Err(bad(number, "no certificate in it".to_owned()));
        }
    }
    Ok(roots)
}

fn failed(why: rustls::Error) -> Error {
    Error::new(ErrorKind::Tls, "prepare TLS", why.to_string())
        .advise("check that the system has a store of trusted certificates, or add the roots yourself")
}

fn make(roots: &Roots) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let extra = roots.iter().map(|der| CertificateDer::from(der.clone()));
    let verifier = Verifier::new_with_extra_roots(extra, provider.clone()).map_err(failed)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .dangerous() // rustls' word for any verifier of one's own; this one checks as the platform does
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Vec<u8> {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["ca.test".to_owned()]).unwrap();
        certificate.self_signed(&key).unwrap().pem().into_bytes()
    }

    #[test]
    fn one_configuration_per_distinct_trust() {
        let (one, two) = (root(), root());
        let trusting = |blobs: &[Vec<u8>]| shared(&parse(blobs).unwrap()).unwrap();
        let first = trusting(&[one.clone(), two.clone()]);
        let both_in_one_blob = [two.clone(), one.clone()].concat();
        let again = trusting(&[both_in_one_blob]);
        assert!(Arc::ptr_eq(&first, &again));
        assert!(!Arc::ptr_eq(&first, &trusting(&[one])));
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        for blob in [
            &b""[..],
            b"hello",
            b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
            b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
        ] {
            let error = parse(&[root(), blob.to_vec()]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.tried().contains("blob 2"), "{error}");
        }
    }
}
