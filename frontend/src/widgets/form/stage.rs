//! The stage of a new opportunity: how it ended is asked for only where it has ended.

use kehu_domain::opportunity::{self, Status};
use kehu_domain::stage;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::FormState;
use crate::state::API;
use crate::widgets::lookups::text;

impl FormState {
    /// Keeps the status of a new opportunity that of the stage chosen. It is never sent.
    pub(super) fn follow_stage(self) {
        if self.def.kind != opportunity::DEF.kind {
            return;
        }
        let stage = Memo::new(move |_| self.stage());
        Effect::new(move |_| {
            if stage.get().is_some() {
                spawn_local(self.know_stage());
            }
        });
    }

    fn stage(self) -> Option<String> {
        self.values
            .try_with(|values| text(values, "stage_id").to_owned())
    }

    /// Learns of which kind the stage is, where that is not known. One that can't be read may be any.
    pub(super) async fn know_stage(self) {
        let Some(id) = untrack(|| self.stage()).filter(|_| self.def.kind == opportunity::DEF.kind)
        else {
            return;
        };
        if self.known_stage.try_get_value().flatten().as_ref() == Some(&id) {
            return;
        }
        let status = if id.is_empty() {
            // The pipeline's first.
            Some(Status::Open.code().to_owned())
        } else {
            let found = API.get(stage::DEF.plural, &id, "").await;
            found
                .ok()
                .map(|found| text(&found, "stage_kind").to_owned())
        };
        if untrack(|| self.stage()).as_ref() != Some(&id) {
            return;
        }
        let _ = self
            .known_stage
            .try_set_value(status.is_some().then_some(id));
        let _ = self.values.try_update(|values| {
            values.insert(
                "status".to_owned(),
                status.map_or(Value::Null, Value::String),
            );
        });
    }
}
