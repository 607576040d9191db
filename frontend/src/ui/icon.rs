//! One set of line icons, drawn on a grid of 24 with a stroke of 1.6.

use leptos::prelude::*;

macro_rules! glyphs {
    ($($glyph:ident $name:literal $path:literal)*) => {
        /// A picture of the set, named by what it shows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Glyph {
            $(#[doc = concat!("`", $name, "`")] $glyph,)*
        }

        impl Glyph {
            /// Every picture of the set.
            pub const ALL: &'static [Self] = &[$(Self::$glyph,)*];

            /// The name in the set.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$glyph => $name,)* }
            }

            /// The lines, as the `d` of an SVG path.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self { $(Self::$glyph => $path,)* }
            }
        }
    };
}

impl Glyph {
    /// The picture of that name, for names that come as data.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|glyph| glyph.name() == name)
    }
}

glyphs! {
    Home "home" "M3 11 12 4l9 7v9h-6v-6H9v6H3z"
    Spark "spark" "M12 3v6m0 6v6M3 12h6m6 0h6M12 12h.01"
    Building "building" "M4 21V6l8-3 8 3v15M9 21v-5h6v5M9 9h.01M15 9h.01M9 13h.01M15 13h.01"
    IdCard "id-card" "M16 19a4 4 0 0 0-8 0M12 12a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M3 4h18v17H3z"
    Board "board" "M4 4h4v16H4zM10 4h4v11h-4zM16 4h4v7h-4z"
    Document "document" "M6 3h9l4 4v14H6zM9 12h7M9 16h5M14 3v5h5"
    Agreement "agreement" "M5 3h14v18H5zM8 8h8M8 12h8M9 17c1-2 2-2 3 0s2 1 3-1"
    Banknote "banknote" "M3 6h18v12H3zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6M6 9v6M18 9v6"
    Headset "headset" "M4 13a8 8 0 0 1 16 0v5h-4v-6h4M4 18h4v-6H4"
    Megaphone "megaphone" "M4 10v4h3l8 5V5L7 10zM18 9a4 4 0 0 1 0 6"
    Box "box" "M12 3l9 5v8l-9 5-9-5V8zM3 8l9 5 9-5M12 13v8"
    Chart "chart" "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6M20 16V6"
    Calendar "calendar" "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4"
    Gear "gear" "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2"
    Search "search" "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M16 16l5 5"
    Plus "plus" "M12 5v14M5 12h14"
    Minus "minus" "M5 12h14"
    Bell "bell" "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4"
    Filter "filter" "M4 6h16M7 12h10M10 18h4"
    Columns "columns" "M4 5h16v14H4zM10 5v14M15 5v14"
    Download "download" "M12 4v12M7 11l5 5 5-5M5 20h14"
    Upload "upload" "M12 16V4M7 9l5-5 5 5M5 20h14"
    Phone "phone" "M5 4h4l2 5-3 2a12 12 0 0 0 5 5l2-3 5 2v4a2 2 0 0 1-2 2A17 17 0 0 1 3 6a2 2 0 0 1 2-2"
    Pin "pin" "M12 21s7-6 7-11a7 7 0 0 0-14 0c0 5 7 11 7 11M12 12a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8"
    Mail "mail" "M3 6h18v12H3zM3 7l9 7 9-7"
    Note "note" "M5 4h14v12l-5 4H5zM14 20v-4h5"
    Chat "chat" "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5"
    Close "close" "M6 6l12 12M18 6 6 18"
    Dots "dots" "M5 12h.01M12 12h.01M19 12h.01"
    Check "check" "M5 12l5 5 9-10"
    Clock "clock" "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3 2"
    History "history" "M4 5v5h5M4.5 10a8.5 8.5 0 1 1-.9 4M12 8v5l3 2"
    Gift "gift" "M4 11h16v9H4zM3 7h18v4H3zM12 7v13M12 7c-5 0-5-4-2-4 2 0 2 4 2 4s0-4 2-4c3 0 3 4-2 4"
    ChevronDown "chevron-down" "M6 9l6 6 6-6"
    ChevronUp "chevron-up" "M6 15l6-6 6 6"
    ChevronLeft "chevron-left" "M15 6l-6 6 6 6"
    ChevronRight "chevron-right" "M9 6l6 6-6 6"
    ArrowUp "arrow-up" "M12 20V4M6 10l6-6 6 6"
    ArrowDown "arrow-down" "M12 4v16M6 14l6 6 6-6"
    ArrowLeft "arrow-left" "M20 12H4M10 6l-6 6 6 6"
    ArrowRight "arrow-right" "M4 12h16M14 6l6 6-6 6"
    Sort "sort" "M8 9l4-4 4 4M8 15l4 4 4-4"
    Pencil "pencil" "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"
    Trash "trash" "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5"
    Copy "copy" "M9 9h11v11H9zM15 9V4H4v11h5"
    Link "link" "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"
    External "external" "M13 4h7v7M20 4l-9 9M17 14v6H4V7h6"
    Refresh "refresh" "M20 5v5h-5M4 19v-5h5M5 9a8 8 0 0 1 14-1l1 2M19 15a8 8 0 0 1-14 1l-1-2"
    Undo "undo" "M9 5 4 10l5 5M4 10h10a5 5 0 0 1 0 10h-3"
    User "user" "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21a8 8 0 0 1 16 0"
    Users "users" "M9 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2 20a7 7 0 0 1 14 0M16 5.4a3.5 3.5 0 0 1 0 6.2M18.5 14.5A7 7 0 0 1 22 20"
    UserPlus "user-plus" "M10 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M2 21a8 8 0 0 1 13-6M19 14v6M16 17h6"
    Lock "lock" "M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3"
    Key "key" "M8 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8M11 12l8-8M16 7l3 3"
    Shield "shield" "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z"
    Eye "eye" "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6"
    EyeOff "eye-off" "M3 3l18 18M10 5.2A10 10 0 0 1 12 5c6 0 10 7 10 7a18 18 0 0 1-3 3.6M6.5 6.7A17 17 0 0 0 2 12s4 7 10 7a10 10 0 0 0 4.6-1.2"
    Star "star" "M12 3l2.8 5.8 6.2.9-4.5 4.4 1.1 6.3L12 17.4l-5.6 3 1.1-6.3L3 9.7l6.2-.9z"
    Tag "tag" "M3 12V4h8l10 10-7 7zM7.5 8h.01"
    Flag "flag" "M5 21V4M5 5h13l-3 4 3 4H5"
    Warning "warning" "M12 4l9 16H3zM12 10v4M12 17h.01"
    Info "info" "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 11v5M12 8h.01"
    Help "help" "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .8-1 1.7M12 17h.01"
    Sun "sun" "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M19 5l-1.4 1.4M6.4 17.6 5 19"
    Moon "moon" "M20 14A8.5 8.5 0 0 1 10 4a8.5 8.5 0 1 0 10 10"
    Globe "globe" "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M3 12h18M12 3c3 3 3 15 0 18-3-3-3-15 0-18"
    Menu "menu" "M4 6h16M4 12h16M4 18h16"
    List "list" "M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01"
    Grid "grid" "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z"
    Panel "panel" "M4 5h16v14H4zM9 5v14"
    SignOut "sign-out" "M14 4h5v16h-5M15 12H4M8 8l-4 4 4 4"
    Merge "merge" "M6 4v4c0 4 6 4 6 8v4M18 4v4c0 4-6 4-6 8M9 17l3 3 3-3"
    Paperclip "paperclip" "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.700 4.700L9.500 17a1.600 1.600 0 0 1-2.300-2.300L15 7"
    Send "send" "M4 12l16-8-5 16-3-7zM12 13l8-9"
    Play "play" "M7 4l13 8-13 8z"
    Pause "pause" "M8 5v14M16 5v14"
    Grip "grip" "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01"
    Sliders "sliders" "M4 7h9M17 7h3M15 9V5M4 17h3M11 17h9M9 19v-4"
    Target "target" "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8M12 12h.01"
    TrendUp "trend-up" "M3 17l6-6 4 4 8-9M15 6h6v6"
    TrendDown "trend-down" "M3 7l6 6 4-4 8 9M15 18h6v-6"
    Tree "tree" "M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4M6 16v-4h12v4"
    Bolt "bolt" "M13 3 5 14h6l-1 7 9-12h-6z"
    Keyboard "keyboard" "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 10h.01M8 14h8"
    Inbox "inbox" "M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5"
    Archive "archive" "M3 4h18v4H3zM5 8v12h14V8M10 12h4"
    Save "save" "M4 4h13l3 3v13H4zM8 4v5h7V4M8 20v-6h8v6"
    Percent "percent" "M19 5 5 19M7 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4M17 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4"
    Database "database" "M20 6c0 4-16 4-16 0s16-4 16 0M4 6v12c0 4 16 4 16 0V6M4 12c0 4 16 4 16 0"
    Folder "folder" "M3 6h6l2 3h10v10H3z"
    Image "image" "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01"
    Handshake "handshake" "M3 7l4-1 5 2 5-2 4 1v8h-3l-5 4-6-4H3zM12 8l-3 4c2 1 3 0 4-1l4 4"
    Funnel "funnel" "M4 4h16l-6 8v7l-4 2v-9z"
    Smile "smile" "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M8.500 14a4 4 0 0 0 7 0M9 9.500h.01M15 9.500h.01"
    Flame "flame" "M12 3c.500 4 5 5.500 5 10.500a5 5 0 0 1-10 0c0-2 1-3.500 2.500-4.500 0 2 .500 3 1.500 3 1.500-2 1-5 1-9"
    Recycle "recycle" "M7 8l3-5h4l3 5M17 4v4h-4M19 12l2 4-2 4h-5M16 17l-3 3 3 3M8 20H5l-2-4 3-5M3 12l3-1 1 3"
    Maximize "maximize" "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7"
}

/// A picture of the set, 16 px, in the colour of the text around it. It is hidden from people who
/// hear the page: what it says must also stand in words.
#[component]
pub fn Icon(
    /// Which picture.
    #[prop(into)]
    glyph: Signal<Glyph>,
) -> impl IntoView {
    view! {
        <svg class="i" viewBox="0 0 24 24" aria-hidden="true">
            <path d=move || glyph.get().path()></path>
        </svg>
    }
}
