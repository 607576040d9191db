//! Texts that would bring a careless reader down. Each is read on a stack of 2 MB, which is what
//! a server's threads have.

use super::*;

/// What the text is refused with; `None` when it is an expression.
fn verdict(text: &str) -> Option<&'static str> {
    let text = text.to_owned();
    std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(move || read(&text).err().map(|error| error.code))
        .unwrap()
        .join()
        .unwrap()
}

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn too_long_a_text_is_refused() {
    assert_eq!(verdict(&" ".repeat(MAX_LENGTH + 1)), Some("too_long"));
    assert_eq!(verdict(&"\"".repeat(1 << 20)), Some("too_long"));
    let fits = format!("{}true", " ".repeat(MAX_LENGTH - 4));
    assert_eq!(verdict(&fits), None);
}

#[test]
fn brackets_are_counted_before_they_are_parsed() {
    assert_eq!(verdict(&nested("(", "true", ")", MAX_DEPTH)), None);
    assert_eq!(
        verdict(&nested("(", "true", ")", MAX_DEPTH + 1)),
        Some("too_deep")
    );
    for open in [
        "(",
        "[",
        "!(",
        "[(",
        "size(",
        "(true||",
        "true&&(",
        "name in [",
        "-(",
    ] {
        assert_eq!(verdict(&open.repeat(300)), Some("too_deep"), "{open}");
    }
    // What stands in texts and comments does not count.
    let quoted = format!("name == \"{}\" // {}", "(".repeat(500), "[".repeat(500));
    assert_eq!(verdict(&quoted), None);
}

#[test]
fn the_deepest_brackets_of_every_sort_are_survived() {
    for (open, inner, close) in [
        ("(", "name", ")"),
        ("[", "name", "]"),
        ("!(", "true", ")"),
        ("size(", "tags", ")"),
        ("name.contains(", "\"a\"", ")"),
        ("tags[", "0", "]"),
        ("(true&&", "true", ")"),
        ("-(", "5", ")"),
        ("(version==", "5", ")"),
        ("(1+", "5", ")"),
        ("name in [", "5", "]"),
        ("!(-(", "5", "))"),
        ("(1<-1+", "1", ")"),
    ] {
        let brackets = open.matches(['(', '[']).count();
        let _ = verdict(&nested(open, inner, close, MAX_DEPTH / brackets));
    }
}

#[test]
fn brackets_that_do_not_pair_are_refused_before_they_are_parsed() {
    for text in [
        "(]",
        "[)",
        "(](](](](](](](](",
        ")(",
        "([)]",
        "((((((",
        "]]]]",
    ] {
        assert_eq!(verdict(text), Some("expression_syntax"), "{text}");
    }
}

#[test]
fn long_chains_are_refused() {
    for (text, code) in [
        (format!("{}true", "!".repeat(4000)), "too_many_nodes"),
        (
            format!("{}1 == version", "-".repeat(4000)),
            "too_many_nodes",
        ),
        (format!("a{}", ".b".repeat(2000)), "too_many_nodes"),
        (format!("a{}", ".?b".repeat(1000)), "unknown_operator"),
        (format!("true{}", "&&true".repeat(600)), "too_many_nodes"),
        (format!("true{}", "||true".repeat(600)), "too_many_nodes"),
        (format!("1{}", "==1".repeat(1000)), "too_many_nodes"),
        (format!("1{}", "+1".repeat(1000)), "too_many_nodes"),
        (format!("{}1", "true?1:".repeat(500)), "unknown_operator"),
        ("?:".repeat(1000), "unknown_operator"),
        (format!("name in [{}]", "1,".repeat(1000)), "too_many_nodes"),
        (format!("f{}", "()".repeat(2000)), "unknown_function"),
        (format!("size{}", "()".repeat(2000)), "too_many_nodes"),
        (format!("[{}]", ",".repeat(4000)), "too_many_nodes"),
        ("{".repeat(4000), "unknown_operator"),
        ("a{b:".repeat(1000), "unknown_operator"),
        ("in ".repeat(1000), "too_many_nodes"),
    ] {
        assert_eq!(verdict(&text), Some(code), "{text:.20}");
    }
}

#[test]
fn the_longest_chains_that_are_let_through_are_survived() {
    for text in [
        format!("{}true", "!".repeat(99)),
        format!("{}1 == version", "-".repeat(97)),
        format!("a{}", ".b".repeat(99)),
        format!("true{}", "&&true".repeat(49)),
        format!("true{}", "||true".repeat(49)),
        format!("1{}", "==1".repeat(49)),
        format!("1{}", "<1+1".repeat(24)),
        format!("size{}", "()".repeat(150)),
        format!("[{}]", ",".repeat(300)),
        format!("name{}", "[1]".repeat(49)),
        format!("name{}", ".size()".repeat(49)),
    ] {
        let _ = verdict(&text);
    }
}

#[test]
fn half_texts_are_refused() {
    for text in [
        "\"",
        "'",
        "r\"",
        "R'",
        "b\"",
        "\"\"\"",
        "'''",
        "r\"\"\"",
        "\"\\",
        "\"\\\"",
        "\"\\x1\"",
        "\"\\u12\"",
        "\"\\U0011\"",
        "\"\\400\"",
        "\"\\08\"",
        "\"a\nb\"",
        "\"\\u12中\"",
        "//",
        "/*",
        "\u{0}",
        "\u{feff}true",
        "0x",
        "0xg",
        "1e",
        "1.",
        "1..2",
        ".",
        "..",
        "`a`",
        "\\",
        "$a",
        "#",
        "true;",
        "a\u{a0}== 1",
        "“a” == name",
    ] {
        assert_eq!(verdict(text).map(|_| ()), Some(()), "{text:?}");
    }
    assert_eq!(verdict("name == \"\\ud800\""), Some("expression_syntax"));
    assert_eq!(
        verdict("name == \"\\U00110000\""),
        Some("expression_syntax")
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(3000))]

    /// Whatever comes, it is read or refused with a place inside the text.
    #[test]
    fn any_text_is_read_or_refused(text in any_text()) {
        if let Err(error) = read(&text) {
            proptest::prop_assert!(text.is_char_boundary(error.offset), "{:?}", error);
            proptest::prop_assert!(text.is_char_boundary(error.offset + error.length), "{:?}", error);
        }
    }
}

fn any_text() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let word = prop_oneof![
        prop::sample::select(vec![
            "name",
            "tags",
            "amount",
            "version",
            "created_at",
            "status",
            "owner_id",
            "true",
            "null",
            "me",
            "now",
            "today",
            "in",
            "size",
            "duration",
            "contains",
            "money",
            "(",
            ")",
            "[",
            "]",
            ",",
            ".",
            "!",
            "-",
            "+",
            "==",
            "!=",
            "<",
            ">=",
            "&&",
            "||",
            "?",
            "\"",
            "'",
            "\\",
            "r\"",
            "\"中\"",
            "\"\\u4e2d\"",
            "\"720h\"",
            "1",
            "1.5",
            "0x1f",
            "//",
            "\n",
            " ",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(word, 0..40).prop_map(|words| words.join(""))
}
