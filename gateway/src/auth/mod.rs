//! Who a person is: access tokens, whether their sessions go on, the refresh cookie, and how often one address may try.

mod access;
mod cookie;
mod proxies;
mod session;
mod standing;
mod throttle;

pub use access::{AccessKeys, AccessTokens, BadKey, Holder, LIFE};
pub use cookie::{Csrf, RefreshCookie};
pub use proxies::TrustedProxies;
pub use session::{Session, UserAgent, role, session_identity};
pub use standing::Standings;
pub use throttle::{Throttle, Throttled};
