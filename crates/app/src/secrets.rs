//! Random tokens, what is stored of them, and the secrets of the installation.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kehu_persistence::secrets;
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::App;
use crate::error::AppError;

/// How many random bytes a token has.
const BYTES: usize = 32;

/// The name of the key that signs access tokens.
const SIGNING_KEY: &str = "access_token_key";

/// The key that signs access tokens.
#[derive(Clone)]
pub(crate) struct SigningKey(pub(crate) Vec<u8>);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// 256 random bits as text that fits into addresses and cookies; six bits a character.
///
/// # Errors
/// When the system has no random numbers.
pub fn random_text() -> Result<String, AppError> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes()?))
}

/// A new token of a session: its id, so that it is found, and 256 random bits.
pub(crate) fn token_of(session: Uuid) -> Result<String, AppError> {
    let mut bytes = session.as_bytes().to_vec();
    bytes.extend(random_bytes()?);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The session whose token this seems to be.
pub(crate) fn session_of(token: &str) -> Option<Uuid> {
    // Longer than any token; not worth decoding.
    if token.len() > 100 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    if bytes.len() != 16 + BYTES {
        return None;
    }
    Uuid::from_slice(bytes.get(..16)?).ok()
}

/// What is stored of a token.
pub(crate) fn hash_of(token: &str) -> String {
    let digest = Sha256::digest(token.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two texts are the same, in a time that tells nothing of where they differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    let (a, b) = (Sha256::digest(a.as_bytes()), Sha256::digest(b.as_bytes()));
    a.iter()
        .zip(b)
        .fold(0, |differing, (a, b)| differing | (a ^ b))
        == 0
}

fn random_bytes() -> Result<[u8; BYTES], AppError> {
    let mut bytes = [0; BYTES];
    OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| AppError::Internal(format!("no random numbers: {error}")))?;
    Ok(bytes)
}

impl App {
    /// The key that signs access tokens, the same in every process on the database.
    pub(crate) async fn signing_key(&self, now: DateTime<Utc>) -> Result<&SigningKey, AppError> {
        self.signing_key
            .get_or_try_init(|| async {
                let text = self.secret(SIGNING_KEY, now).await?;
                let bytes = URL_SAFE_NO_PAD.decode(text);
                Ok(SigningKey(
                    bytes.map_err(|error| AppError::Internal(error.to_string()))?,
                ))
            })
            .await
    }

    /// The secret of this name; made when it is asked for first.
    pub(crate) async fn secret(&self, name: &str, now: DateTime<Utc>) -> Result<String, AppError> {
        if let Some(secret) = secrets::get(&self.db.read(), name).await? {
            return Ok(secret);
        }
        let session = self.db.begin().await?;
        secrets::keep(&session, name, &random_text()?, now).await?;
        let secret = secrets::get(&session, name).await?;
        session.commit().await?;
        secret.ok_or_else(|| AppError::Internal(format!("the secret {name} was not kept")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_to_its_session() {
        let id = crate::ids::new_id();
        let token = token_of(id).unwrap();
        assert_eq!(session_of(&token), Some(id));
        assert_ne!(token_of(id).unwrap(), token);
        for wrong in ["", "a", "%%%", token.split_at(40).0, &"a".repeat(1000)] {
            assert_eq!(session_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn texts_are_the_same_or_not() {
        assert!(same("token", "token"));
        assert!(!same("token", "tokem"));
        assert!(!same("token", ""));
    }
}
