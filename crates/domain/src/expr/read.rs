//! Has the text parsed, on a stack that is large enough, and tells the place of errors.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use cel::common::ast::{IdedExpr, SourceInfo};
use cel::parser::{ParseError, Parser};
use hashlink::LruCache;

use crate::expr::ExprError;
use crate::expr::lexer::{Source, Token};

/// Up to this depth of brackets the parser gets by with the caller's stack: it takes up to 200 kB
/// for each in a debug build.
const SHALLOW: usize = 3;

/// Enough for the deepest brackets that the lexer lets through, several times over.
const STACK: usize = 32 * 1024 * 1024;

/// What the parser made of a text.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: IdedExpr,
    info: SourceInfo,
}

impl Tree {
    /// The token that stands for a node: a name, a value, an operator; the name of a function for
    /// its call.
    pub(super) fn token<'a>(&self, node: &IdedExpr, source: &Source<'a>) -> Option<Token<'a>> {
        let (offset, _) = self.info.offset_for(node.id)?;
        let (index, token) = source.at(usize::try_from(offset).ok()?)?;
        let name = (token.text == "(")
            .then(|| source.tokens.get(index.checked_sub(1)?))
            .flatten();
        Some(*name.unwrap_or(token))
    }
}

/// So many texts are kept as they were parsed: those of views and boards come again and again, and
/// parsing one costs a tenth of the page that it filters.
const KEPT: usize = 256;

static PARSED: LazyLock<Mutex<LruCache<String, Arc<Tree>>>> =
    LazyLock::new(|| Mutex::new(LruCache::new(KEPT)));

/// Parses the text, or remembers it.
pub(super) fn read(source: &Source<'_>) -> Result<Arc<Tree>, ExprError> {
    let parsed = || PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = parsed().get(source.text) {
        return Ok(Arc::clone(known));
    }
    let tree = Arc::new(parse_anew(source)?);
    parsed().insert(source.text.to_owned(), Arc::clone(&tree));
    Ok(tree)
}

fn parse_anew(source: &Source<'_>) -> Result<Tree, ExprError> {
    if source.tokens.is_empty() {
        return Err(at_end(source));
    }
    let parsed = if source.depth <= SHALLOW {
        parse(source)
    } else {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .name("expression".to_owned())
                .stack_size(STACK)
                .spawn_scoped(scope, || parse(source));
            match thread.map(std::thread::ScopedJoinHandle::join) {
                Ok(Ok(parsed)) => parsed,
                // No thread to be had, or the parser panicked.
                Ok(Err(_)) | Err(_) => Err(at_end(source)),
            }
        })
    };
    let (root, info) = parsed?;
    Ok(Tree { root, info })
}

fn parse(source: &Source<'_>) -> Result<(IdedExpr, SourceInfo), ExprError> {
    Parser::default()
        .parse_with_source_info(source.text)
        .map_err(|errors| match errors.errors.first() {
            Some(first) => place(source, first),
            None => at_end(source),
        })
}

/// The parser counts lines and characters, from 1 on.
fn place(source: &Source<'_>, error: &ParseError) -> ExprError {
    let code = if error.msg.starts_with("invalid int literal") {
        "too_large"
    } else {
        "expression_syntax"
    };
    let (Ok(line), Ok(column)) = (
        usize::try_from(error.pos.0 - 1),
        usize::try_from(error.pos.1 - 1),
    ) else {
        return at_end(source);
    };
    let before: usize = source
        .text
        .split_inclusive('\n')
        .take(line)
        .map(str::len)
        .sum();
    let offset = source
        .text
        .get(before..)
        .and_then(|rest| rest.char_indices().nth(column))
        .map(|(at, _)| before + at);
    match offset.and_then(|offset| source.at(offset)) {
        Some((_, token)) => token.error(code),
        None => at_end(source),
    }
}

fn at_end(source: &Source<'_>) -> ExprError {
    ExprError {
        code: "expression_syntax",
        offset: source.text.len(),
        length: 0,
        params: serde_json::Value::Null,
    }
}
