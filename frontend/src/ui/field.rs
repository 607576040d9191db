//! A field: label, control, hint, problem. It tells the control inside by what id it is known and
//! what describes it, so that every control is labelled without further ado.

use leptos::{context::Provider, prelude::*};

use super::{
    dom::unique_id,
    icon::{Glyph, Icon},
};

/// What a control learns from the field around it.
#[derive(Clone, Copy, Debug)]
pub struct FieldContext {
    /// The id that the control must carry.
    pub control_id: StoredValue<String>,
    /// The id of the label, for controls of several parts.
    pub label_id: StoredValue<String>,
    /// The id of what describes the control, if anything does.
    pub described_by: Signal<Option<String>>,
    /// True while there is a problem.
    pub invalid: Signal<bool>,
    /// True where a value must be given.
    pub required: Signal<bool>,
}

/// The attributes that tie a control to its field, empty where there is none.
#[derive(Clone, Copy, Debug)]
pub struct ControlAttributes {
    context: Option<FieldContext>,
    own_id: StoredValue<String>,
}

impl ControlAttributes {
    /// Reads the field around this control.
    #[must_use]
    pub fn here() -> Self {
        Self {
            context: use_context::<FieldContext>(),
            own_id: StoredValue::new(unique_id("control")),
        }
    }

    /// The id of the control.
    #[must_use]
    pub fn id(&self) -> String {
        self.context
            .map_or(self.own_id, |context| context.control_id)
            .get_value()
    }

    /// The id of the label, for `aria-labelledby`.
    #[must_use]
    pub fn label_id(&self) -> Option<String> {
        self.context.map(|context| context.label_id.get_value())
    }

    /// The value of `aria-describedby`.
    #[must_use]
    pub fn described_by(&self) -> Option<String> {
        self.context
            .and_then(|context| context.described_by.try_get().flatten())
    }

    /// The value of `aria-invalid`.
    #[must_use]
    pub fn invalid(&self) -> Option<&'static str> {
        self.context
            .is_some_and(|context| context.invalid.try_get().unwrap_or_default())
            .then_some("true")
    }

    /// The value of `aria-required`.
    #[must_use]
    pub fn required(&self) -> Option<&'static str> {
        self.context
            .is_some_and(|context| context.required.try_get().unwrap_or_default())
            .then_some("true")
    }
}

/// A label above a control, a hint below it, and a problem in place of the hint.
#[component]
pub fn Field(
    /// The name of the field.
    #[prop(into)]
    label: Signal<String>,
    /// What to type, or what it is used for.
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// What is wrong with the value and what to do.
    #[prop(optional, into)]
    problem: Signal<Option<String>>,
    /// Marked with a star.
    #[prop(optional, into)]
    required: Signal<bool>,
    /// The label is read out but not drawn.
    #[prop(optional)]
    hide_label: bool,
    /// A small view at the right of the label.
    #[prop(optional, into)]
    aside: Option<ViewFnOnce>,
    /// The control.
    children: Children,
) -> impl IntoView {
    let control_id = StoredValue::new(unique_id("field"));
    let label_id = StoredValue::new(format!("{}-label", control_id.get_value()));
    let hint_id = StoredValue::new(format!("{}-hint", control_id.get_value()));
    let invalid = Signal::derive(move || problem.with(Option::is_some));
    let described_by = Signal::derive(move || {
        (invalid.get() || hint.with(Option::is_some)).then(|| hint_id.get_value())
    });
    // Only what stands inside may know of this field: an owner of its own holds the context.
    let context = FieldContext {
        control_id,
        label_id,
        described_by,
        invalid,
        required,
    };
    let foot = move || match problem.get() {
        Some(problem) => Some(
            view! {
                <p class="field-problem" id=hint_id.get_value()>
                    <Icon glyph=Glyph::Warning />
                    {problem}
                </p>
            }
            .into_any(),
        ),
        None => hint.get().map(|hint| {
            view! {
                <p class="field-hint" id=hint_id.get_value()>
                    {hint}
                </p>
            }
            .into_any()
        }),
    };
    view! {
        <div class="field" class:invalid=invalid>
            <div class="field-label" class:visually-hidden=hide_label>
                <label for=control_id.get_value() id=label_id.get_value()>
                    {label}
                </label>
                {move || required.get().then(|| view! { <span class="star" aria-hidden="true">"*"</span> })}
                {aside.map(|view| view! { <span class="field-aside">{view.run()}</span> })}
            </div>
            <Provider value=context>{children()}</Provider>
            <div aria-live="polite">{foot}</div>
        </div>
    }
}
