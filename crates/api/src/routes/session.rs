//! The caller's session: signing in and out by cookie, and who is signed in.

use actix_web::http::header::SET_COOKIE;
use actix_web::web::{Data, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use kehu_app::context::Request;
use kehu_app::sessions::{Opened, Recognised};
use kehu_app::sign_in::Attempt;
use kehu_domain::ctx::Ctx;
use kehu_domain::kinds;
use kehu_domain::rights::{self, Action, Reaches, Special};
use kehu_domain::user::User;
use kehu_wire::session::{
    Session, SessionPatch, SessionRights, SessionUser, SessionWorkspace, SignInRequest,
};

use crate::auth::{self, SignedIn, address_of, device_of, request_of};
use crate::body::{Body, Fields};
use crate::problem::{Answer, Refusal};
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(
        resource("/session")
            .get(get_session)
            .post(sign_in)
            .patch(update_session)
            .delete(sign_out),
    );
}

/// Signs a browser in by cookie.
#[utoipa::path(
    post, path = "/api/v1/session", tag = "session", security(()),
    request_body = SignInRequest,
    responses((status = 200, description = "Signed in.", body = Session)),
)]
pub(crate) async fn sign_in(
    state: Data<State>,
    request: HttpRequest,
    body: Body<SignInRequest>,
) -> Answer {
    let asked = request_of(&request);
    let SignInRequest { email, password } = body.value;
    let address = address_of(&request, &state.settings);
    let attempt = Attempt {
        email,
        password,
        address,
        device: device_of(&request),
    };
    let opened = state.app.sign_in(attempt, asked.now).await?;
    enter(&state, HttpResponse::Ok(), opened, asked).await
}

/// Who is signed in, and where.
#[utoipa::path(
    get, path = "/api/v1/session", tag = "session",
    responses((status = 200, description = "Who it is.", body = Session)),
)]
pub(crate) async fn get_session(state: Data<State>, caller: SignedIn) -> Answer {
    Ok(HttpResponse::Ok().json(shown(&state, &caller.ctx, &caller.session).await?))
}

/// Changes what people may change of themselves: name, language, telephone number.
#[utoipa::path(
    patch, path = "/api/v1/session", tag = "session",
    request_body = SessionPatch,
    responses((status = 200, description = "As it is now.", body = Session)),
)]
pub(crate) async fn update_session(
    state: Data<State>,
    caller: SignedIn,
    body: Body<Fields>,
) -> Answer {
    let SignedIn { ctx, session } = caller;
    state.app.update_own_user(&ctx, &body.value).await?;
    Ok(HttpResponse::Ok().json(shown(&state, &ctx, &session).await?))
}

/// Signs the caller out.
#[utoipa::path(
    delete, path = "/api/v1/session", tag = "session",
    responses((status = 204, description = "Signed out.")),
)]
pub(crate) async fn sign_out(state: Data<State>, caller: SignedIn) -> Answer {
    state
        .app
        .end_session(&caller.ctx, caller.session.session_id)
        .await?;
    let gone = auth::no_cookie(&state.settings);
    Ok(HttpResponse::NoContent()
        .insert_header((SET_COOKIE, gone))
        .finish())
}

/// Answers somebody who just signed in: their cookie, and who they are.
///
/// # Errors
/// When they may not sign in.
pub(super) async fn enter(
    state: &State,
    mut answer: HttpResponseBuilder,
    opened: Opened,
    asked: Request,
) -> Answer {
    let Opened { caller, token } = opened;
    let ctx = state
        .app
        .context(caller.workspace_id, caller.user_id, asked)
        .await?;
    let session = shown(state, &ctx, &caller).await?;
    let cookie = auth::cookie(&state.settings, &token);
    Ok(answer.insert_header((SET_COOKIE, cookie)).json(session))
}

fn rights(ctx: &Ctx) -> SessionRights {
    let rights = &ctx.actor.rights;
    let mut told = SessionRights {
        special: rights
            .special()
            .map(|right| right.code().to_owned())
            .collect(),
        ..SessionRights::default()
    };
    for def in kinds::ALL {
        let actions = Action::ALL.iter().filter(|action| {
            rights::applies(def, **action)
                && rights.reaches(def, **action) != Reaches::NONE
                && (**action != Action::Import || rights.may(Special::Import))
        });
        let actions: Vec<String> = actions.map(|action| action.code().to_owned()).collect();
        if rights::has_rights(def) {
            told.actions.insert(def.kind.to_owned(), actions);
        }
    }
    for (kind, field, right) in rights.kept() {
        let of_kind = told.fields.entry(kind.to_owned()).or_default();
        of_kind.insert(field.to_owned(), right.code().to_owned());
    }
    told
}

async fn shown(state: &State, ctx: &Ctx, caller: &Recognised) -> Result<Session, Refusal> {
    let User {
        name,
        email,
        locale,
        ..
    } = state.app.get_own_user(ctx).await?;
    let workspace = &ctx.workspace;
    Ok(Session {
        user: SessionUser {
            id: ctx.actor.user_id,
            name,
            email: email.unwrap_or_default(),
            locale,
            administers: ctx.actor.administers(),
            may_import: ctx.actor.may(Special::Import),
            handles_money: ctx.actor.may(Special::ConfirmMoney),
        },
        workspace: SessionWorkspace {
            id: workspace.id,
            name: workspace.name.clone(),
            currency: workspace.currency.code().to_owned(),
            time_zone: workspace.time_zone.clone(),
            locale: workspace.locale.clone(),
        },
        rights: rights(ctx),
        csrf_token: caller.csrf_token.clone(),
    })
}
