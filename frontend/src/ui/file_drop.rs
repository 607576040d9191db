//! A place to drop files, or to choose them.

use leptos::{html, prelude::*};
use web_sys::{DragEvent, File, FileList};

use super::icon::{Glyph, Icon};

/// Takes files by dropping, by choosing and by pasting.
#[component]
pub fn FileDrop(
    /// Called with the files.
    #[prop(into)]
    on_files: UnsyncCallback<Vec<File>>,
    /// The invitation, such as "Drop a file here or choose one".
    #[prop(into)]
    label: Signal<String>,
    /// What is taken, in words, such as "CSV up to 100 MB".
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// What the dialog offers, as in HTML, such as `.csv,text/csv`.
    #[prop(default = "")]
    accept: &'static str,
    /// More than one file.
    #[prop(optional)]
    multiple: bool,
    /// True while nothing is taken.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    let take = move |files: Option<FileList>| {
        let Some(files) = files else { return };
        let many = if multiple {
            files.length()
        } else {
            files.length().min(1)
        };
        let files: Vec<File> = (0..many).filter_map(|at| files.get(at)).collect();
        if !files.is_empty() && !disabled.get_untracked() {
            on_files.run(files);
        }
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        take(event.data_transfer().and_then(|transfer| transfer.files()));
    };
    let dragged = move |event: DragEvent| {
        event.prevent_default();
        over.set(!disabled.get_untracked());
    };
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            take(input.files());
            // The same file can be chosen again after it was mended.
            input.set_value("");
        }
    };
    view! {
        <label
            class="file-drop"
            class:over=over
            on:dragover=dragged
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <input
                node_ref=input
                type="file"
                class="visually-hidden"
                accept=accept
                multiple=multiple
                disabled=disabled
                on:change=chosen
            />
            <span class="state-icon">
                <Icon glyph=Glyph::Upload />
            </span>
            <b>{label}</b>
            {move || hint.get().map(|hint| view! { <span class="muted">{hint}</span> })}
        </label>
    }
}
