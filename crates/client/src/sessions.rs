//! The first run, signing in and out, and the caller's own sessions.

use kehu_wire::session::{
    PasswordChange, PasswordReset, RefreshRequest, Session, SessionList, SessionPatch,
    SetupRequest, SetupState, SignInRequest, TokenRequest, Tokens,
};
use uuid::Uuid;

use crate::transport::{Method, Request, Transport};
use crate::{Client, Error, body};

impl<T: Transport> Client<T> {
    /// Whether the first run is still to come.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn setup_state(&self) -> Result<SetupState, Error> {
        self.ask(Request::new(Method::Get, "/api/v1/setup")).await
    }

    /// Makes the workspace and its administrator, who is signed in then.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn set_up(&self, request: &SetupRequest) -> Result<Session, Error> {
        let call = Request::new(Method::Post, "/api/v1/setup").body(body(request));
        self.enter(call).await
    }

    /// Signs in.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn sign_in(&self, request: &SignInRequest) -> Result<Session, Error> {
        let call = Request::new(Method::Post, "/api/v1/session").body(body(request));
        self.enter(call).await
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// As [`Client::call`]; 401 when nobody is.
    pub async fn session(&self) -> Result<Session, Error> {
        self.enter(Request::new(Method::Get, "/api/v1/session"))
            .await
    }

    /// Changes the caller's own name, language or telephone number.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn update_session(&self, patch: &SessionPatch) -> Result<Session, Error> {
        let call = Request::new(Method::Patch, "/api/v1/session").body(body(patch));
        self.ask(call).await
    }

    /// Signs a device in.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn create_tokens(&self, request: &TokenRequest) -> Result<Tokens, Error> {
        let call = Request::new(Method::Post, "/api/v1/tokens").body(body(request));
        self.ask(call).await
    }

    /// Exchanges a refresh token, which is good once, for the next pair.
    ///
    /// # Errors
    /// As [`Client::call`]; 401 `token_reused` when it was used before.
    pub async fn refresh_tokens(&self, request: &RefreshRequest) -> Result<Tokens, Error> {
        let call = Request::new(Method::Post, "/api/v1/tokens/refresh").body(body(request));
        self.ask(call).await
    }

    /// Signs the device out that a refresh token belongs to.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn delete_tokens(&self, request: &RefreshRequest) -> Result<(), Error> {
        let call = Request::new(Method::Delete, "/api/v1/tokens").body(body(request));
        self.call(call).await.map(drop)
    }

    async fn enter(&self, call: Request) -> Result<Session, Error> {
        let session: Session = self.ask(call).await?;
        self.set_csrf_token(Some(session.csrf_token.clone()));
        Ok(session)
    }

    /// Signs out.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn sign_out(&self) -> Result<(), Error> {
        self.call(Request::new(Method::Delete, "/api/v1/session"))
            .await?;
        self.set_csrf_token(None);
        Ok(())
    }

    /// Where the caller is signed in.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn sessions(&self) -> Result<SessionList, Error> {
        self.ask(Request::new(Method::Get, "/api/v1/sessions"))
            .await
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn end_session(&self, id: Uuid) -> Result<(), Error> {
        let call = Request::new(Method::Delete, format!("/api/v1/sessions/{id}"));
        self.call(call).await.map(drop)
    }

    /// Ends all of the caller's sessions, this one too.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn end_sessions(&self) -> Result<(), Error> {
        self.call(Request::new(Method::Delete, "/api/v1/sessions"))
            .await
            .map(drop)
    }

    /// Changes the caller's password.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn change_password(&self, change: &PasswordChange) -> Result<(), Error> {
        let call = Request::new(Method::Put, "/api/v1/session/password").body(body(change));
        self.call(call).await.map(drop)
    }

    /// Gives a user a new password.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn reset_password(&self, user: Uuid, reset: &PasswordReset) -> Result<(), Error> {
        let call =
            Request::new(Method::Put, format!("/api/v1/users/{user}/password")).body(body(reset));
        self.call(call).await.map(drop)
    }
}
