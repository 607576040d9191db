//! Takes the text apart before the parser sees it, and lets only that through which the parser can
//! carry: its stack grows with the depth of brackets, and its error messages know no names.
//!
//! What passes here reads the same there: strings, numbers and comments follow the grammar of CEL
//! to the letter, so nothing can hide brackets in what looks like a string.

use serde_json::json;

use crate::expr::{ExprError, MAX_DEPTH, MAX_LENGTH, MAX_NODES};

/// The functions that there are.
const FUNCTIONS: &[&str] = &[
    "contains",
    "startsWith",
    "endsWith",
    "size",
    "duration",
    "date",
    "timestamp",
    "money",
];

/// Symbols, longer ones first.
const SYMBOLS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "-", "+", "(", ")", "[", "]", ",", ".", "?",
    ":", "{", "}", "*", "/", "%",
];

/// Operators of CEL that a filter has no use for.
const REFUSED: &[&str] = &["?", ":", "{", "}", "*", "/", "%"];

/// A text and its tokens.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token<'a>>,
    /// How deep its brackets go.
    pub(super) depth: usize,
}

/// One token and where it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) offset: usize,
    pub(super) text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Text,
    Number,
    Symbol,
}

impl Token<'_> {
    pub(super) fn error(&self, code: &'static str) -> ExprError {
        ExprError {
            code,
            offset: self.offset,
            length: self.text.len(),
            params: serde_json::Value::Null,
        }
    }
}

impl ExprError {
    pub(super) fn with(self, params: serde_json::Value) -> Self {
        Self { params, ..self }
    }
}

impl<'a> Source<'a> {
    /// The token that begins here.
    pub(super) fn at(&self, offset: usize) -> Option<(usize, &Token<'a>)> {
        let index = self
            .tokens
            .binary_search_by_key(&offset, |t| t.offset)
            .ok()?;
        self.tokens.get(index).map(|token| (index, token))
    }

    fn push(&mut self, kind: Kind, offset: usize, text: &'a str) {
        self.tokens.push(Token { kind, offset, text });
    }
}

/// Takes the text apart.
pub(super) fn read(text: &str) -> Result<Source<'_>, ExprError> {
    if text.len() > MAX_LENGTH {
        return Err(ExprError {
            code: "too_long",
            offset: 0,
            length: text.len(),
            params: json!({ "max": MAX_LENGTH }),
        });
    }
    let mut source = Source {
        text,
        tokens: Vec::new(),
        depth: 0,
    };
    let mut rest = text;
    loop {
        rest = skip_blanks(rest);
        let offset = text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            break;
        };
        let (kind, length) = match first {
            'a'..='z' | 'A'..='Z' | '_' => name_or_raw_text(rest, offset)?,
            '"' | '\'' => (Kind::Text, text_length(rest, offset, Escapes::Read)?),
            '0'..='9' => (Kind::Number, number_length(rest, offset)?),
            '.' if rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => {
                (Kind::Number, number_length(rest, offset)?)
            }
            _ => match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => (Kind::Symbol, symbol.len()),
                None => return Err(syntax(offset, first.len_utf8())),
            },
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        source.push(kind, offset, token);
        rest = after;
    }
    check(&mut source)?;
    Ok(source)
}

fn syntax(offset: usize, length: usize) -> ExprError {
    ExprError {
        code: "expression_syntax",
        offset,
        length,
        params: serde_json::Value::Null,
    }
}

/// Spaces and comments.
fn skip_blanks(mut rest: &str) -> &str {
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{c}']);
        match rest.strip_prefix("//") {
            Some(comment) => rest = comment.trim_start_matches(|c| c != '\n'),
            None => return rest,
        }
    }
}

/// A name; or a text without escapes, `r"…"`.
fn name_or_raw_text(rest: &str, offset: usize) -> Result<(Kind, usize), ExprError> {
    let length = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
    if !after.starts_with(['"', '\'']) {
        return Ok((Kind::Name, length));
    }
    if matches!(name, "r" | "R") {
        let text = text_length(after, offset + length, Escapes::Keep)?;
        return Ok((Kind::Text, length + text));
    }
    Err(syntax(offset, length))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Read,
    Keep,
}

/// How long the quoted text at the start of `rest` is, quotes included. Texts of several lines
/// (`"""`) are refused.
fn text_length(rest: &str, offset: usize, escapes: Escapes) -> Result<usize, ExprError> {
    let mut chars = rest.char_indices();
    let Some((_, quote)) = chars.next() else {
        return Err(syntax(offset, 0));
    };
    let triple = [quote; 3].iter().collect::<String>();
    if rest.starts_with(&triple) {
        return Err(syntax(offset, triple.len()));
    }
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' | '\r' => break,
            '\\' if escapes == Escapes::Read => {
                let after = rest.get(at + 1..).unwrap_or("");
                let length = escape_length(after).ok_or_else(|| {
                    syntax(
                        offset + at,
                        1 + after.chars().next().map_or(0, char::len_utf8),
                    )
                })?;
                for _ in 0..length {
                    chars.next();
                }
            }
            c if c == quote => return Ok(at + c.len_utf8()),
            _ => {}
        }
    }
    Err(syntax(offset, rest.len()))
}

/// How many characters (of one byte each) the escape behind a backslash takes.
fn escape_length(after: &str) -> Option<usize> {
    let digits = |count: usize, is_digit: fn(&u8) -> bool| {
        let digits = after.as_bytes().get(1..=count)?;
        digits.iter().all(is_digit).then_some(1 + count)
    };
    match after.bytes().next()? {
        b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'"' | b'\'' | b'\\' | b'?' | b'`' => {
            Some(1)
        }
        b'x' | b'X' => digits(2, u8::is_ascii_hexdigit),
        b'u' => digits(4, u8::is_ascii_hexdigit),
        b'U' => digits(8, u8::is_ascii_hexdigit),
        b'0'..=b'3' => digits(2, |digit| (b'0'..=b'7').contains(digit)),
        _ => None,
    }
}

/// `12`, `0x1f`, `1.5`, `.5`, `1e6`.
fn number_length(rest: &str, offset: usize) -> Result<usize, ExprError> {
    let run = |from: usize, is_digit: fn(&u8) -> bool| {
        let bytes = rest.as_bytes().get(from..).unwrap_or_default();
        bytes.iter().take_while(|byte| is_digit(byte)).count()
    };
    let byte = |at: usize| rest.as_bytes().get(at).copied();
    let mut length = run(0, u8::is_ascii_digit);
    if length == 1 && rest.starts_with("0x") && run(2, u8::is_ascii_hexdigit) > 0 {
        length = 2 + run(2, u8::is_ascii_hexdigit);
    } else {
        if byte(length) == Some(b'.') && run(length + 1, u8::is_ascii_digit) > 0 {
            length += 1 + run(length + 1, u8::is_ascii_digit);
        }
        if matches!(byte(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(byte(length + 1), Some(b'+' | b'-')));
            let exponent = run(length + 1 + sign, u8::is_ascii_digit);
            if exponent > 0 {
                length += 1 + sign + exponent;
            }
        }
    }
    // A unit or a letter that does not belong there.
    let tail = run(length, |b| b.is_ascii_alphanumeric() || *b == b'_');
    if tail > 0 {
        return Err(syntax(offset, length + tail));
    }
    Ok(length)
}

/// The limits, and what a filter has no use for. Brackets must pair, or the parser would go deeper
/// than they are counted here while it looks for the missing ones.
fn check(source: &mut Source<'_>) -> Result<(), ExprError> {
    let mut open: Vec<&Token<'_>> = Vec::new();
    let mut nodes = 0;
    for (index, token) in source.tokens.iter().enumerate() {
        match token.text {
            "(" | "[" => {
                open.push(token);
                source.depth = source.depth.max(open.len());
                if open.len() > MAX_DEPTH {
                    return Err(token.error("too_deep").with(json!({ "max": MAX_DEPTH })));
                }
            }
            ")" | "]" => {
                let opening = if token.text == ")" { "(" } else { "[" };
                if open.pop().is_none_or(|last| last.text != opening) {
                    return Err(token.error("expression_syntax"));
                }
            }
            _ => {}
        }
        nodes += usize::from(!matches!(token.text, "(" | ")" | "]" | "," | "."));
        if nodes > MAX_NODES || index >= 4 * MAX_NODES {
            return Err(token
                .error("too_many_nodes")
                .with(json!({ "max": MAX_NODES })));
        }
        if token.kind == Kind::Symbol && REFUSED.contains(&token.text) {
            return Err(token
                .error("unknown_operator")
                .with(json!({ "operator": token.text })));
        }
        let called = token.kind == Kind::Name
            && token.text != "in"
            && source
                .tokens
                .get(index + 1)
                .is_some_and(|next| next.text == "(");
        if called && !FUNCTIONS.contains(&token.text) {
            return Err(token
                .error("unknown_function")
                .with(json!({ "name": token.text })));
        }
    }
    match open.pop() {
        Some(unclosed) => Err(unclosed.error("expression_syntax")),
        None => Ok(()),
    }
}
