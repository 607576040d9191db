//! The first run.

use actix_web::web::{Data, ServiceConfig, get, resource};
use actix_web::{HttpRequest, HttpResponse};
use kehu_app::setup::{Setup, SetupPolicy};
use kehu_app::workspaces::{Administrator, NewWorkspace};
use kehu_wire::session::{Session, SetupRequest, SetupState};

use crate::auth::{device_of, request_of};
use crate::body::Body;
use crate::problem::Answer;
use crate::routes::session;
use crate::settings::Settings;
use crate::state::State;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(resource("/setup").route(get().to(get_setup)).post(set_up));
}

/// Who may make a workspace on a server with these settings.
#[must_use]
pub fn policy(settings: &Settings) -> SetupPolicy {
    SetupPolicy {
        open_workspaces: settings.open_workspaces,
        // Whoever reaches the server first must not become its administrator.
        token_required: settings.is_public(),
    }
}

/// Whether the first run is still to come. Anybody may ask.
#[utoipa::path(
    get, path = "/api/v1/setup", tag = "session", security(()),
    responses((status = 200, description = "Whether it is.", body = SetupState)),
)]
pub(crate) async fn get_setup(state: Data<State>) -> Answer {
    let needed = state.app.setup_needed().await?;
    let token_required = needed && policy(&state.settings).token_required;
    Ok(HttpResponse::Ok().json(SetupState {
        needed,
        token_required,
    }))
}

/// Makes the workspace and its administrator, and signs them in by cookie. Anybody may, once.
#[utoipa::path(
    post, path = "/api/v1/setup", tag = "session", security(()),
    request_body = SetupRequest,
    responses((status = 201, description = "Made, and signed in.", body = Session)),
)]
pub(crate) async fn set_up(
    state: Data<State>,
    request: HttpRequest,
    body: Body<SetupRequest>,
) -> Answer {
    let asked = request_of(&request);
    let SetupRequest {
        workspace_name,
        locale,
        currency,
        time_zone,
        name,
        email,
        password,
        token,
    } = body.value;
    let administrator = Administrator {
        name,
        email,
        password,
    };
    let setup = Setup {
        workspace: NewWorkspace {
            name: workspace_name,
            locale,
            currency,
            time_zone,
            administrator,
        },
        token,
        device: device_of(&request),
        request_id: asked.id.clone(),
    };
    let opened = state
        .app
        .set_up(policy(&state.settings), setup, asked.now)
        .await?;
    session::enter(&state, HttpResponse::Created(), opened, asked).await
}
