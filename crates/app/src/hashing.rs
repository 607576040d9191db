//! Hashes passwords with argon2id, on threads of their own and a few at a time: each takes 19 MiB
//! and a core for some tens of milliseconds.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::error::AppError;
use crate::secrets::random_text;

/// How many are hashed at once in this process.
static PLACES: Semaphore = Semaphore::const_new(4);

/// What the password of an account that does not exist is compared with.
static NOBODY: OnceLock<String> = OnceLock::new();

/// The hash of a password, with its salt and parameters.
pub(crate) async fn hash(password: &str) -> Result<String, AppError> {
    let password = password.to_owned();
    apart(move || hash_here(&password)).await
}

/// Whether the password belongs to the hash. Without a hash nothing does, and finding that out
/// takes as long.
pub(crate) async fn matches(password: &str, hash: Option<String>) -> Result<bool, AppError> {
    let password = password.to_owned();
    apart(move || {
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => nobody()?.to_owned(),
        };
        let hash = PasswordHash::new(&hash).map_err(|error| failed(&error))?;
        Ok(Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
            && known)
    })
    .await
}

fn nobody() -> Result<&'static str, AppError> {
    if let Some(hash) = NOBODY.get() {
        return Ok(hash);
    }
    let hash = hash_here(&random_text()?)?;
    Ok(NOBODY.get_or_init(|| hash))
}

fn hash_here(password: &str) -> Result<String, AppError> {
    let hash: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}

fn failed(error: &impl std::fmt::Display) -> AppError {
    AppError::Internal(format!("hashing a password failed: {error}"))
}

async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let place = PLACES.acquire().await.map_err(|error| failed(&error))?;
    // The place goes along: a caller who goes away does not make room for the next too early.
    tokio::task::spawn_blocking(move || {
        let result = work();
        drop(place);
        result
    })
    .await
    .map_err(|error| failed(&error))?
}
