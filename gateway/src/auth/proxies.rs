//! Behind a proxy every request comes from the proxy's address; whom it stands for is in X-Forwarded-For. That header is believed
//! from listed proxies only: anybody else can write in it what they like.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The proxies in front of us. None by default; not even this machine is trusted unless it is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// What is neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be addresses or networks with commas between them, such as 10.0.0.5, 172.16.0.0/12 or fd00::/8")]
pub struct NoNetwork;

/// Addresses that begin with the same bits; IPv4 in its IPv6 form (RFC 4291 §2.5.5.2), so that there is one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    prefix: u128,
    mask: u128,
}

impl FromStr for TrustedProxies {
    type Err = NoNetwork;

    /// Addresses and CIDR networks with commas between them.
    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(width), |length| length.parse::<u32>().map_err(|_| NoNetwork))?;
        let free = width.checked_sub(length).ok_or(NoNetwork)?;
        let mask = u128::MAX.checked_shl(free).unwrap_or(0);
        Ok(Self { prefix: bits(address) & mask, mask })
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().to_bits(),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| bits(address) & network.mask == network.prefix)
    }

    /// Who sent the request: the last hop that is no proxy of ours. What stands before it in the header is hearsay.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',').map(hop));
        while self.trusts(client)
            && let Some(Some(before)) = hops.next()
        {
            client = before;
        }
        client
    }
}

/// One hop; some proxies write the port too.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (FORWARDED_FOR, line.parse().unwrap())).collect()
    }

    fn client(trusted: &str, peer: &str, lines: &[&str]) -> String {
        let trusted: TrustedProxies = trusted.parse().unwrap();
        trusted.client(peer.parse().unwrap(), &headers(lines)).to_string()
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        assert_eq!(client("", "127.0.0.1", &["203.0.113.1"]), "127.0.0.1");
        assert_eq!(client("10.0.0.5", "10.0.0.6", &["203.0.113.1"]), "10.0.0.6");
        assert_eq!(client("10.0.0.5", "10.0.0.5", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(client("10.0.0.5", "::ffff:10.0.0.5", &["203.0.113.1"]), "203.0.113.1");
        assert_eq!(client("10.0.0.5", "10.0.0.5", &[]), "10.0.0.5");
    }

    #[test]
    fn the_last_hop_that_is_not_ours_counts() {
        let ours = "10.0.0.0/8, fd00::/8";
        assert_eq!(client(ours, "10.1.1.1", &["198.51.100.7, 203.0.113.1, 10.2.2.2"]), "203.0.113.1");
        assert_eq!(client(ours, "fd00::1", &["198.51.100.7", "203.0.113.1", "10.2.2.2"]), "203.0.113.1");
        assert_eq!(client(ours, "10.1.1.1", &["10.3.3.3,10.2.2.2"]), "10.3.3.3");
        assert_eq!(client(ours, "10.1.1.1", &["203.0.113.1:4711"]), "203.0.113.1");
        assert_eq!(client(ours, "10.1.1.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        for unreadable in ["unknown", "", "203.0.113.1, _hidden", "203.0.113.1,"] {
            assert_eq!(client(ours, "10.1.1.1", &[unreadable]), "10.1.1.1", "{unreadable}");
        }
    }

    #[test]
    fn networks_end_where_they_say() {
        let inside =
            |network: &str, address: &str| network.parse::<TrustedProxies>().unwrap().trusts(address.parse().unwrap());
        assert!(inside("172.16.0.0/12", "172.31.255.255") && !inside("172.16.0.0/12", "172.32.0.0"));
        assert!(inside("2001:db8::/33", "2001:db8:7fff::") && !inside("2001:db8::/33", "2001:db8:8000::"));
        assert!(inside("10.9.9.9/8", "10.0.0.1") && inside("::/0", "10.0.0.1") && inside("0.0.0.0/0", "10.0.0.1"));
        assert!(!inside("0.0.0.0/0", "2001:db8::1"));
        for bad in ["proxy", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "/8", "10.0.0/8", "10.0.0.1:80"] {
            assert_eq!(bad.parse::<TrustedProxies>(), Err(NoNetwork), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_lets_an_untrusted_peer_be_another(text in "[ -~]{0,80}") {
            prop_assert_eq!(client("10.0.0.0/8", "192.0.2.1", &[&text]), "192.0.2.1");
            drop(text.parse::<TrustedProxies>());
        }
    }
}
