use std::ffi::{c_char, c_void};
use std::sync::Arc;

use crate::sync::Mutex;
use secrecy::SecretString;

use super::guard::enter;
use super::handle::Kind;
use super::library::Object;
use super::status::ucwa_status;
use crate::session::Config;

/// The configuration of a session: an opaque checked handle.
pub struct ucwa_config {
    _opaque: [u8; 0],
}

/// Makes a configuration with the defaults. A user, a domain or a discovery URL has to be added. ucwa_session_new()
/// copies it, so one serves several sessions, and the caller always frees it.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_new(out: *mut *mut ucwa_config) -> ucwa_status {
    enter("ucwa_config_new", |call| {
        let out = call.out_pointer("out", out)?;
        out.set(call.insert(Object::Config(Arc::new(Mutex::new(Config::new()))))?);
        Ok(())
    })
}

/// Frees a configuration. Sessions made with it are not touched.
#[unsafe(no_mangle)]
pub extern "C" fn ucwa_config_free(cfg: *mut ucwa_config) -> ucwa_status {
    enter("ucwa_config_free", |call| call.remove("cfg", Kind::Config, cfg as usize).map(drop))
}

/// Who signs in: a SIP address, "sip:lene@contoso.com" or "lene@contoso.com". Autodiscovery begins at its domain,
/// unless a domain or a discovery URL is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_set_user(cfg: *mut ucwa_config, sip_uri: *const c_char) -> ucwa_status {
    enter("ucwa_config_set_user", |call| {
        let config = call.config(cfg)?;
        config.lock().user(call.text("sip_uri", sip_uri)?)?;
        Ok(())
    })
}

/// Where autodiscovery begins instead of at the user's own domain: "contoso.com". No user has to be set then. A
/// discovery URL goes before it. NULL: the user's own domain, which is the default.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_set_domain(cfg: *mut ucwa_config, domain: *const c_char) -> ucwa_status {
    enter("ucwa_config_set_domain", |call| {
        let config = call.config(cfg)?;
        match call.nullable_text("domain", domain)? {
            Some(domain) => config.lock().domain(domain)?,
            None => config.lock().domain_of_user(),
        };
        Ok(())
    })
}

/// Where to begin instead of autodiscovery: the root resource, or the discovery entry point itself. NULL:
/// autodiscovery, which is the default.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_set_discovery_url(
    cfg: *mut ucwa_config,
    url: *const c_char,
) -> ucwa_status {
    enter("ucwa_config_set_discovery_url", |call| {
        let config = call.config(cfg)?;
        match call.nullable_text("url", url)? {
            Some(url) => config.lock().root_url(url)?,
            None => config.lock().autodiscover(),
        };
        Ok(())
    })
}

/// The short way to credentials. Without it the session asks by UCWA_EVENT_CREDENTIALS_NEEDED. The library's copy of
/// the password is wiped when it is not needed any more; the caller's is the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_set_password(
    cfg: *mut ucwa_config,
    username: *const c_char,
    password: *const c_char,
) -> ucwa_status {
    enter("ucwa_config_set_password", |call| {
        let config = call.config(cfg)?;
        let username = call.text("username", username)?;
        let password = SecretString::from(call.text("password", password)?);
        config.lock().password(username, password)?;
        Ok(())
    })
}

/// As ucwa_config_set_password(), for a password that is not NUL-terminated: len bytes of UTF-8, or
/// UCWA_NUL_TERMINATED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_set_password_sized(
    cfg: *mut ucwa_config,
    username: *const c_char,
    password: *const c_char,
    len: usize,
) -> ucwa_status {
    enter("ucwa_config_set_password_sized", |call| {
        let config = call.config(cfg)?;
        let username = call.text("username", username)?;
        let password = SecretString::from(call.sized_text("password", password, len)?);
        config.lock().password(username, password)?;
        Ok(())
    })
}

/// How the program names itself to the server: printable ASCII, at most 100 characters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_set_user_agent(
    cfg: *mut ucwa_config,
    product: *const c_char,
) -> ucwa_status {
    enter("ucwa_config_set_user_agent", |call| {
        let config = call.config(cfg)?;
        config.lock().user_agent(call.text("product", product)?)?;
        Ok(())
    })
}

/// Goes through this proxy. NULL: what the system says, which is the default. "": none at all.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_set_proxy(cfg: *mut ucwa_config, url: *const c_char) -> ucwa_status {
    enter("ucwa_config_set_proxy", |call| {
        let config = call.config(cfg)?;
        config.lock().proxy(call.nullable_text("url", url)?)?;
        Ok(())
    })
}

/// Trusts these authorities besides those of the platform: PEM, one or several certificates, len bytes or
/// UCWA_NUL_TERMINATED. What is no certificate in it is told by ucwa_session_new().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_add_root_certs_pem(
    cfg: *mut ucwa_config,
    pem: *const c_void,
    len: usize,
) -> ucwa_status {
    enter("ucwa_config_add_root_certs_pem", |call| {
        let config = call.config(cfg)?;
        config.lock().add_root_certs_pem(call.bytes("pem", pem, len)?)?;
        Ok(())
    })
}

/// Sets one of the long tail ("event.timeout_s", "retry.max_backoff_ms", "origins.trust", ...): docs/CONFIG.md lists
/// the keys and their values. UCWA_E_NOT_FOUND: no such key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ucwa_config_set(
    cfg: *mut ucwa_config,
    key: *const c_char,
    value: *const c_char,
) -> ucwa_status {
    enter("ucwa_config_set", |call| {
        let config = call.config(cfg)?;
        let (key, value) = (call.text("key", key)?, call.text("value", value)?);
        config.lock().set(key, value)?;
        Ok(())
    })
}
