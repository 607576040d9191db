//! Proves who somebody is by address and password.
//!
//! An attempt tells nothing of whether the address exists: the answer and its time are the same.
//! Attempts are counted by account and by where they come from; one that succeeds does not count.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use kehu_domain::check::email_key;
use kehu_persistence::credentials::{self, Login};
use kehu_persistence::db::Session;
use kehu_persistence::throttle::{self, Limit};
use uuid::Uuid;

use crate::App;
use crate::error::AppError;
use crate::hashing;
use crate::secrets::hash_of;

/// So many wrong passwords for one account …
const ACCOUNT_FAILURES: i64 = 10;
/// … and so many from one address …
const ADDRESS_FAILURES: i64 = 100;
/// … within this time.
const WITHIN: Duration = Duration::minutes(15);

/// What is longer was not typed by a person who knows a password.
const LONGEST: usize = 1024;

/// Somebody who says who they are.
#[derive(Clone)]
pub struct Attempt {
    /// Their email address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Where the request comes from.
    pub address: Option<IpAddr>,
    /// What they sign in with, in its own words.
    pub device: Option<String>,
}

/// Somebody who proved who they are.
pub(crate) struct Proven {
    pub(crate) workspace_id: Uuid,
    pub(crate) user_id: Uuid,
    password_hash: String,
    keys: Keys,
}

/// What attempts are counted by.
struct Keys {
    account: String,
    address: Option<String>,
}

impl App {
    /// Checks an address and a password.
    ///
    /// # Errors
    /// `wrong_credentials`, also for who may not sign in; too many attempts.
    pub(crate) async fn prove(
        &self,
        attempt: &Attempt,
        now: DateTime<Utc>,
    ) -> Result<Proven, AppError> {
        let email = email_key(attempt.email.trim());
        let keys = Keys::of(&email, attempt.address);
        self.count_attempt(&keys, now).await?;
        // What can be nobody's address need not be looked up.
        let possible = email.len() <= 254 && !email.chars().any(char::is_control);
        let login = match possible {
            true => credentials::by_email(&self.db.read(), &email).await?,
            false => None,
        };
        self.compare(&attempt.password, login, keys).await
    }

    /// Checks the password of who is signed in.
    ///
    /// # Errors
    /// As [`App::prove`].
    pub(crate) async fn prove_again(
        &self,
        (workspace_id, user_id): (Uuid, Uuid),
        password: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Proven, AppError> {
        let keys = Keys::of(&user_id.to_string(), address);
        self.count_attempt(&keys, now).await?;
        let password_hash = credentials::get(&self.db.read(), user_id).await?;
        let login = Login {
            workspace_id,
            user_id,
            password_hash,
            active: true,
        };
        self.compare(password, Some(login), keys).await
    }

    async fn compare(
        &self,
        password: &str,
        login: Option<Login>,
        keys: Keys,
    ) -> Result<Proven, AppError> {
        let hash = login.as_ref().and_then(|login| login.password_hash.clone());
        let password = if password.len() > LONGEST {
            ""
        } else {
            password
        };
        let right = hashing::matches(password, hash).await?;
        match login {
            Some(Login {
                workspace_id,
                user_id,
                password_hash: Some(hash),
                active: true,
            }) if right => Ok(Proven {
                workspace_id,
                user_id,
                password_hash: hash,
                keys,
            }),
            _ => Err(AppError::Unauthenticated("wrong_credentials")),
        }
    }

    async fn count_attempt(&self, keys: &Keys, now: DateTime<Utc>) -> Result<(), AppError> {
        let session = self.db.begin().await?;
        let wait = throttle::take(&session, &keys.limits(), now).await?;
        session.commit().await?;
        match wait {
            None => Ok(()),
            Some(wait) => {
                tracing::warn!(account = %keys.account, "too many attempts to sign in");
                let retry_after = u64::try_from(wait.num_seconds()).unwrap_or_default() + 1;
                Err(AppError::TooMany { retry_after })
            }
        }
    }
}

impl Proven {
    /// The workspace and the person.
    pub(crate) const fn who(&self) -> (Uuid, Uuid) {
        (self.workspace_id, self.user_id)
    }

    /// Takes the attempt back, and makes sure that the password is still the one that was compared.
    ///
    /// # Errors
    /// `wrong_credentials` when it was changed meanwhile.
    pub(crate) async fn confirm(&self, session: &Session) -> Result<(), AppError> {
        let hash = credentials::lock(session, self.user_id).await?;
        if hash.as_ref() != Some(&self.password_hash) {
            return Err(AppError::Unauthenticated("wrong_credentials"));
        }
        throttle::clear(session, &self.keys.account).await?;
        if let Some(address) = &self.keys.address {
            throttle::give_back(session, address).await?;
        }
        Ok(())
    }
}

impl Keys {
    fn of(account: &str, address: Option<IpAddr>) -> Self {
        // What people type into the field for the address may be anything; it is not kept.
        Self {
            account: format!("account:{}", hash_of(account)),
            address: address.map(|address| format!("address:{}", hash_of(&network(address)))),
        }
    }

    fn limits(&self) -> Vec<Limit> {
        let limit = |key: &String, failures| Limit {
            key: key.clone(),
            failures,
            within: WITHIN,
        };
        let account = limit(&self.account, ACCOUNT_FAILURES);
        let address = self
            .address
            .as_ref()
            .map(|key| limit(key, ADDRESS_FAILURES));
        std::iter::once(account).chain(address).collect()
    }
}

/// The address; of IPv6 the part that a network gives out as a whole.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_counts_as_one_address() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }
}
