//! TLS between hosts: a server's own certificate, and whom a client trusts.

use std::fs;

use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

use crate::{VarError, Vars};

/// A process's TLS settings. Without any, plain HTTP/2 is served and called on loopback only.
#[derive(Clone, Default)]
pub struct Tls {
    identity: Option<Identity>,
    authority: Option<Certificate>,
}

impl Tls {
    /// TLS_CERT_FILE and TLS_KEY_FILE, the certificate chain and key to serve with; TLS_CA_FILE, an authority that peers' certificates may
    /// come from beside the system's. All PEM.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let read = |name: &str| -> Result<Option<Vec<u8>>, VarError> {
            let Some(path) = vars.get(name) else { return Ok(None) };
            let text = fs::read(&path)
                .map_err(|error| VarError { name: name.to_owned(), problem: format!("{path}: {error}") })?;
            Ok(Some(text))
        };
        let identity = match (read("TLS_CERT_FILE")?, read("TLS_KEY_FILE")?) {
            (Some(certificate), Some(key)) => Some(Identity::from_pem(certificate, key)),
            (None, None) => None,
            _ => {
                let problem = "needs both TLS_CERT_FILE and TLS_KEY_FILE".to_owned();
                return Err(VarError { name: "TLS_CERT_FILE".to_owned(), problem });
            }
        };
        Ok(Self { identity, authority: read("TLS_CA_FILE")?.map(Certificate::from_pem) })
    }

    pub(super) fn server(&self) -> Option<ServerTlsConfig> {
        Some(ServerTlsConfig::new().identity(self.identity.clone()?))
    }

    pub(super) fn client(&self) -> ClientTlsConfig {
        let config = ClientTlsConfig::new().with_enabled_roots();
        match &self.authority {
            Some(authority) => config.ca_certificate(authority.clone()),
            None => config,
        }
    }
}
