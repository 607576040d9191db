//! What search finds: texts become tokens in the index, a query becomes tokens to look up. Both
//! databases index the same tokens, so both answer the same.
//!
//! Tokens consist of `a-z` and `0-9` alone and begin with a letter that names their class, so that
//! no database's own tokenizer takes them apart, folds them or thinks them a stop word:
//!
//! - `w` words, and the pinyin of Chinese: 中国移动 is found by `zhongguo`, `yidong`, `zgyd`, `yd`;
//! - `c` pairs of neighbouring characters of scripts without spaces: any part of two characters or
//!   more is found by its pairs, one character by the pairs it begins and the run it ends;
//! - `n` digits from each place in a number to its end: any run of three digits is found;
//! - `e` addresses of email, from each word before the `@` on and from there: a whole one is looked up at
//!   once, for what many addresses share, such as `com`, stands in a great part of the index;
//! - `s` the first one and two letters of words and pinyin, and digits of numbers: what is that short is
//!   looked up whole, for as a beginning it would be that of a great part of the index.

use std::collections::HashSet;
use std::fmt::Write;

use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;

mod polyphones;

/// One record has at most so many different tokens; what comes later in its texts is not found.
pub const MAX_TOKENS: usize = 4096;

/// How the tokens that an index holds are made; counts up whenever records have to be indexed anew.
pub const EDITION: i64 = 3;

/// One query has at most so many; the rest of it is left aside.
pub const MAX_QUERY_TOKENS: usize = 24;

/// Longer words, pinyin and numbers are cut here, in the index and in the query alike.
const MAX_WORD: usize = 48;

/// What is at most so long is looked up whole.
const SHORT: usize = 2;

/// Pinyin is made for texts of at most so many characters: names and addresses, not for notes.
const MAX_PINYIN_TEXT: usize = 250;

/// Pinyin is made from so many places of a run of Chinese on.
const MAX_PINYIN_STARTS: usize = 32;

/// Pinyin goes so many syllables far.
const MAX_SYLLABLES: usize = 24;

/// A run whose characters can be read in several ways is indexed in at most so many.
const MAX_READINGS: usize = 8;

/// One thing that a record must have to be found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Token {
    /// This token.
    Exact(String),
    /// A token that begins like this.
    Prefix(String),
}

/// The tokens of a record's texts, separated by spaces, each once.
pub fn index_tokens<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut index = Index::default();
    for text in texts {
        index.add(text);
    }
    index.out
}

/// What a record must have to be found by this text: all of the tokens. A text without a letter
/// or digit has none.
#[must_use]
pub fn query_tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let folded = fold(text);
    let words = folded.split(|c| c.is_whitespace());
    let (addresses, others): (Vec<&[char]>, Vec<&[char]>) =
        words.partition(|word| is_address(word));
    tokens.extend(addresses.into_iter().map(|word| {
        let typed: String = word.iter().collect();
        Token::Prefix(coded('e', &typed))
    }));
    for piece in others.into_iter().flat_map(pieces) {
        match piece {
            Piece::Number(text) | Piece::Word(text) if text.chars().count() <= SHORT => {
                tokens.push(Token::Exact(coded('s', &text)));
            }
            Piece::Number(digits) => tokens.push(Token::Prefix(number_token(&digits))),
            Piece::Word(word) => tokens.push(Token::Prefix(coded('w', &word))),
            Piece::Run(run) => match run.as_slice() {
                [only] => tokens.push(Token::Prefix(run_token(&[*only]))),
                longer => {
                    tokens.extend(longer.windows(2).map(|pair| Token::Exact(run_token(pair))));
                }
            },
        }
    }
    let mut seen = HashSet::new();
    tokens.retain(|token| seen.insert(token.clone()));
    tokens.truncate(MAX_QUERY_TOKENS);
    tokens
}

#[derive(Default)]
struct Index {
    out: String,
    seen: HashSet<String>,
}

impl Index {
    fn add(&mut self, text: &str) {
        let folded = fold(text);
        let with_pinyin = folded.len() <= MAX_PINYIN_TEXT;
        for piece in pieces(&folded) {
            if self.seen.len() >= MAX_TOKENS {
                return;
            }
            match piece {
                Piece::Number(digits) => self.add_number(&digits),
                Piece::Word(word) => {
                    self.add_word(&word);
                    for digits in numbers_within(&word) {
                        self.add_number(digits);
                    }
                }
                Piece::Run(run) => {
                    for pair in run.windows(2) {
                        self.push(run_token(pair));
                    }
                    if let Some(last) = run.last() {
                        self.push(run_token(&[*last]));
                    }
                    if with_pinyin {
                        self.add_pinyin(&run);
                    }
                }
            }
        }
        for word in folded.split(|c| c.is_whitespace()) {
            self.add_address(word);
        }
        if let Some(domestic) = domestic_form(text) {
            self.push(number_token(&domestic));
            self.add_beginnings(&domestic);
        }
    }

    fn add_number(&mut self, digits: &str) {
        self.add_beginnings(digits);
        self.push(number_token(digits));
        for start in 1..digits.len().saturating_sub(2) {
            if let Some(rest) = digits.get(start..) {
                self.push(number_token(rest));
            }
        }
    }

    fn add_word(&mut self, word: &str) {
        self.add_beginnings(word);
        self.push(coded('w', word));
    }

    /// An address of email from each of its beginnings on.
    fn add_address(&mut self, word: &[char]) {
        let Some(at) = word
            .iter()
            .position(|c| *c == '@')
            .filter(|_| is_address(word))
        else {
            return;
        };
        let begins = |place: usize| {
            let before = place.checked_sub(1).and_then(|before| word.get(before));
            let here = word.get(place).map(|c| class(*c));
            place == at || (here != Some(Class::Other) && before.map(|c| class(*c)) != here)
        };
        for start in (0..=at).filter(|place| begins(*place)) {
            let rest: String = word.iter().skip(start).collect();
            self.push(coded('e', &rest));
        }
    }

    /// What is looked up whole of a word or number.
    fn add_beginnings(&mut self, text: &str) {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        for beginning in ends.take(SHORT).filter_map(|end| text.get(..end)) {
            self.push(coded('s', beginning));
        }
    }

    /// The run in full pinyin and in initials, from each of its characters on.
    fn add_pinyin(&mut self, run: &[char]) {
        for start in 0..run.len().min(MAX_PINYIN_STARTS) {
            let Some(rest) = run.get(start..) else { return };
            for (full, initials) in readings(rest) {
                self.add_word(&full);
                if initials.len() > 1 {
                    self.add_word(&initials);
                }
            }
        }
    }

    fn push(&mut self, token: String) {
        if token.len() > 1 && self.seen.len() < MAX_TOKENS && !self.seen.contains(&token) {
            if !self.out.is_empty() {
                self.out.push(' ');
            }
            self.out.push_str(&token);
            self.seen.insert(token);
        }
    }
}

/// Whether a word without spaces is an address of email, or the beginning of one.
fn is_address(word: &[char]) -> bool {
    word.len() > 1 && word.iter().filter(|c| **c == '@').count() == 1
}

/// Width, case and accents folded; other forms of the same character made one.
fn fold(text: &str) -> Vec<char> {
    text.nfkd()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| {
            !matches!(
                c,
                '\'' | '’' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}'
            )
        })
        .collect()
}

/// A part of a text that is looked up in its own way.
enum Piece {
    /// Digits alone.
    Number(String),
    /// Letters, with digits among them or not, of a script that has spaces.
    Word(String),
    /// Characters of a script without spaces.
    Run(Vec<char>),
}

fn pieces(folded: &[char]) -> impl Iterator<Item = Piece> {
    folded
        .chunk_by(|a, b| class(*a) == class(*b))
        .filter_map(|chunk| match class(*chunk.first()?) {
            Class::Other => None,
            Class::Run => Some(Piece::Run(chunk.to_vec())),
            Class::Word => {
                let word: String = chunk.iter().collect();
                Some(if word.bytes().all(|byte| byte.is_ascii_digit()) {
                    Piece::Number(word)
                } else {
                    Piece::Word(word)
                })
            }
        })
}

#[derive(PartialEq, Eq)]
enum Class {
    Word,
    Run,
    Other,
}

fn class(c: char) -> Class {
    let without_spaces = matches!(c,
        '\u{0e00}'..='\u{0eff}'      // Thai, Lao
        | '\u{1000}'..='\u{109f}'    // Burmese
        | '\u{1780}'..='\u{17ff}'    // Khmer
        | '\u{3005}'..='\u{3007}'    // 々〆〇
        | '\u{3040}'..='\u{30ff}'    // kana
        | '\u{3105}'..='\u{312f}'    // bopomofo
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'    // Hangul: words take endings without a space
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}');
    if without_spaces {
        Class::Run
    } else if c.is_alphanumeric() {
        Class::Word
    } else {
        Class::Other
    }
}

/// The runs of three digits or more within a word: `100` in `mbp100`.
fn numbers_within(word: &str) -> impl Iterator<Item = &str> {
    word.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() >= 3)
}

/// A number in E.164 as it is written at home, with the `0` before the area code, which people
/// type and E.164 leaves out.
fn domestic_form(text: &str) -> Option<String> {
    let digits = text.strip_prefix('+')?.split(';').next()?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let code_length = match digits.get(..2)? {
        code if code.starts_with(['1', '7']) => return None,
        "20" | "27" | "30" | "31" | "32" | "33" | "34" | "36" | "39" | "40" | "41" | "43"
        | "44" | "45" | "46" | "47" | "48" | "49" | "51" | "52" | "53" | "54" | "55" | "56"
        | "57" | "58" | "60" | "61" | "62" | "63" | "64" | "65" | "66" | "81" | "82" | "84"
        | "86" | "90" | "91" | "92" | "93" | "94" | "95" | "98" => 2,
        _ => 3,
    };
    digits
        .get(code_length..)
        .map(|national| format!("0{national}"))
}

fn number_token(digits: &str) -> String {
    format!("n{}", digits.get(..MAX_WORD).unwrap_or(digits))
}

/// Each character is written so that the beginning of a word is the beginning of its token.
fn coded(class: char, word: &str) -> String {
    let mut token = String::with_capacity(word.len() + 1);
    token.push(class);
    for c in word.chars().take(MAX_WORD) {
        match c {
            'a'..='y' | '0'..='9' => token.push(c),
            // Writing to a string does not fail.
            other => drop(write!(token, "z{:05x}", u32::from(other))),
        }
    }
    token
}

/// Four letters for each character.
fn run_token(run: &[char]) -> String {
    let mut token = String::with_capacity(9);
    token.push('c');
    for c in run {
        let mut rest = u32::from(*c);
        for _ in 0..4 {
            let letter = u8::try_from(rest % 26).unwrap_or(0);
            token.push(char::from(b'a' + letter));
            rest /= 26;
        }
    }
    token
}

/// The ways to read the characters: (full pinyin, initials). Characters without a reading are
/// left out.
fn readings(run: &[char]) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), String::new())];
    for c in run.iter().take(MAX_SYLLABLES) {
        let Some(first) = c.to_pinyin().map(pinyin::Pinyin::plain) else {
            continue;
        };
        let known = all.clone();
        for (full, initials) in &mut all {
            add_syllable(full, initials, first);
        }
        for other in polyphones::others(*c).iter().filter(|s| **s != first) {
            for (full, initials) in &known {
                if all.len() < MAX_READINGS {
                    let (mut full, mut initials) = (full.clone(), initials.clone());
                    add_syllable(&mut full, &mut initials, other);
                    all.push((full, initials));
                }
            }
        }
    }
    all
}

/// `ü` is typed as `v`.
fn add_syllable(full: &mut String, initials: &mut String, syllable: &str) {
    full.extend(syllable.chars().map(|c| if c == 'ü' { 'v' } else { c }));
    initials.extend(syllable.chars().next());
}

#[cfg(test)]
mod tests;
