//! Asks the process beside it whether it works, as a container's health check does: no HTTP client is needed where it runs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use chatdesk_platform::{VarError, Vars, http_client};

use crate::cli::Outcome;

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Succeeds when the process answers: at METRICS_ADDR, or as the gateway, when it is `ready`, at GATEWAY_ADDR.
pub async fn probe(vars: &Vars, ready: bool) -> Outcome {
    let url = address(vars, ready)?;
    match http_client(PATIENCE)?.get(&url).send().await {
        Ok(answer) if answer.status().is_success() => Ok(ExitCode::SUCCESS),
        Ok(answer) => Err(format!("{url} answers {}", answer.status()).into()),
        Err(_) => Err(format!("{url} does not answer").into()),
    }
}

fn address(vars: &Vars, ready: bool) -> Result<String, VarError> {
    let (name, port, path) = if ready { ("GATEWAY_ADDR", 8080, "readyz") } else { ("METRICS_ADDR", 9090, "livez") };
    let mut address = vars.parse(name, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    // Where it listens is not where it can be called, when that is everywhere.
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(format!("http://{address}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_where_the_process_listens() {
        let of = |pairs: &[(&'static str, &'static str)], ready| {
            address(&Vars::fixed(pairs.iter().copied().chain([("A", "b")])), ready).unwrap()
        };
        assert_eq!(of(&[], false), "http://127.0.0.1:9090/livez");
        assert_eq!(of(&[("METRICS_ADDR", "0.0.0.0:9091")], false), "http://127.0.0.1:9091/livez");
        assert_eq!(of(&[("GATEWAY_ADDR", "[::]:80")], true), "http://[::1]:80/readyz");
        assert_eq!(of(&[("GATEWAY_ADDR", "10.0.0.7:80")], true), "http://10.0.0.7:80/readyz");
    }
}
