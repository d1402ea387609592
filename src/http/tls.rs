//! Whom TLS trusts: the platform and the extra roots. One configuration per distinct trust, shared by the process.
//!
//! There is no switch that turns the checks off, and no process-wide default provider is installed: a host may have
//! its own opinion of rustls.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::{Error, ErrorKind};

type Roots = BTreeSet<Vec<u8>>;

/// Configurations in use. Weak, so that the last session of a trust lets go of it and the next one sees what the
/// platform trusts by then.
static IN_USE: Mutex<Vec<(Roots, Weak<ClientConfig>)>> = Mutex::new(Vec::new());

/// The configuration that trusts the platform's roots and these.
pub(super) fn shared(extra_roots_pem: &[Vec<u8>]) -> Result<Arc<ClientConfig>, Error> {
    let roots = parse(extra_roots_pem)?;
    // The lock is held while the platform's roots are read, so that sessions made together read them once.
    let mut in_use = IN_USE.lock();
    in_use.retain(|(_, config)| config.strong_count() > 0);
    let found = in_use.iter().find(|(known, _)| *known == roots);
    if let Some(config) = found.and_then(|(_, config)| config.upgrade()) {
        return Ok(config);
    }
    let config = Arc::new(make(&roots)?);
    in_use.push((roots, Arc::downgrade(&config)));
    Ok(config)
}

fn parse(blobs: &[Vec<u8>]) -> Result<Roots, Error> {
    let bad = |number: usize, why: String| {
        Error::new(
            ErrorKind::InvalidArgument,
            format!("extra root certificates, blob {number}"),
            why,
        )
        .advise("give certificates in PEM form (-----BEGIN CERTIFICATE-----)")
    };
    let mut roots = Roots::new();
    for (number, blob) in (1..).zip(blobs) {
        let before = roots.len();
        let mut seen = false;
        for certificate in CertificateDer::pem_slice_iter(blob) {
            let certificate = certificate.map_err(|why| bad(number, why.to_string()))?;
            roots.insert(certificate.as_ref().to_vec());
            seen = true;
        }
        if !seen && roots.len() == before {
            return Err(bad(number, "no certificate in it".to_owned()));
        }
    }
    Ok(roots)
}

fn make(roots: &Roots) -> Result<ClientConfig, Error> {
    let failed = |why: rustls::Error| {
        Error::new(ErrorKind::Tls, "prepare TLS", why.to_string()).advise(
            "check the extra root certificates and that the system has a store of trusted certificates",
        )
    };
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
        let first = shared(&[one.clone(), two.clone()]).unwrap();
        let both_in_one_blob = [two.clone(), one.clone()].concat();
        let again = shared(&[both_in_one_blob]).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert!(!Arc::ptr_eq(&first, &shared(&[one]).unwrap()));
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        for blob in [
            &b""[..],
            b"hello",
            b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
        ] {
            let error = shared(&[root(), blob.to_vec()]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.tried().contains("blob 2"), "{error}");
        }
    }
}
