//! The certificate authority that is made at start, and the server's certificate.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What HTTPS needs. The directory with the CA's certificate goes with it.
#[derive(Debug)]
pub(crate) struct Certificates {
    pub(crate) ca_pem: String,
    pub(crate) ca_file: PathBuf,
    _directory: tempfile::TempDir,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Every name under which the server may be called.
fn names(domains: &[String], extra: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    for domain in domains {
        for host in ["lyncdiscoverinternal.", "lyncdiscover.", "lyncweb.", "meet.", ""] {
            names.push(format!("{host}{domain}"));
        }
    }
    let extra = extra.map(|authority| authority.split(':').next().unwrap_or(authority).to_owned());
    names.extend(extra.filter(|host| !host.is_empty()));
    names.sort();
    names.dedup();
    names
}

/// Makes a CA and a certificate of it, and writes the CA's to a file.
pub(crate) fn make(
    domains: &[String],
    web_host: Option<&str>,
) -> Result<(Certificates, TlsAcceptor), Failure> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "ucwa-sim CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_key = KeyPair::generate()?;
    let ca = params.self_signed(&ca_key)?;
    let issuer = Issuer::new(params, ca_key);

    let mut leaf = CertificateParams::new(names(domains, web_host))?;
    leaf.distinguished_name.push(DnType::CommonName, "ucwa-sim");
    leaf.use_authority_key_identifier_extension = true;
    leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let leaf_key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&leaf_key, &issuer)?;

    let key = PrivateKeyDer::try_from(leaf_key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone(), ca.der().clone()], key)?;

    let directory = tempfile::Builder::new().prefix("ucwa-sim-").tempdir()?;
    let ca_file = write(directory.path(), &ca.pem())?;
    let certificates = Certificates { ca_pem: ca.pem(), ca_file, _directory: directory };
    Ok((certificates, TlsAcceptor::from(Arc::new(config))))
}

fn write(directory: &Path, pem: &str) -> std::io::Result<PathBuf> {
    let file = directory.join("ca.pem");
    std::fs::write(&file, pem)?;
    Ok(file)
}
