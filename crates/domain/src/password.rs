//! What a good password is: long, and neither one of the most common ones nor the person's own name
//! or address.

use serde_json::json;

use crate::def::FieldProblem;

/// The fewest characters.
pub const MIN: usize = 10;
/// The most characters; more would only cost time to hash.
pub const MAX: usize = 256;

/// What is wrong with a new password, as a problem of the field `field`.
#[must_use]
pub fn problem(field: &str, password: &str, name: &str, email: &str) -> Option<FieldProblem> {
    let length = password.chars().count();
    if length < MIN {
        return Some(FieldProblem::new(field, "too_short").with(json!({ "min": MIN })));
    }
    if length > MAX {
        return Some(FieldProblem::new(field, "too_long").with(json!({ "max": MAX })));
    }
    let folded = fold(password);
    if is_own(&folded, name, email) {
        return Some(FieldProblem::new(field, "password_personal"));
    }
    if is_common(&folded) {
        return Some(FieldProblem::new(field, "password_common"));
    }
    None
}

/// Lower case, letters and digits only, so that a space or a full stop makes nothing new.
fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether it is a name or an address of the person, alone or with digits after it.
fn is_own(folded: &str, name: &str, email: &str) -> bool {
    let local = email.split('@').next().unwrap_or_default();
    let plain = folded.trim_end_matches(|c: char| c.is_ascii_digit());
    [name, email, local]
        .into_iter()
        .map(fold)
        .filter(|own| !own.is_empty())
        .any(|own| folded == own || plain == own)
}

fn is_common(folded: &str) -> bool {
    let mut chars = folded.chars();
    let first = chars.next();
    // One character over and over, or nothing but punctuation.
    if chars.all(|c| Some(c) == first) {
        return true;
    }
    let plain = folded.trim_end_matches(|c: char| c.is_ascii_digit());
    COMMON.contains(&folded) || COMMON_WITH_DIGITS.contains(&plain) || is_run(folded)
}

/// Whether it runs along the digits, the alphabet or a row of the keyboard, forwards or backwards.
fn is_run(folded: &str) -> bool {
    const RUNS: [&str; 6] = [
        "012345678901234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
        "1q2w3e4r5t6y7u8i9o0p",
        "qazwsxedcrfvtgbyhnujmikolp",
    ];
    let backwards: String = folded.chars().rev().collect();
    RUNS.iter()
        .any(|run| run.contains(folded) || run.contains(&backwards))
}

/// Common as they are.
const COMMON: &[&str] = &[
    "1111122222",
    "1112223334",
    "1122334455",
    "11223344556677889900",
    "1212121212",
    "1231231231",
    "123123123123",
    "1234512345",
    "12344321",
    "1234554321",
    "123456123456",
    "1234567891",
    "12345678910",
    "123456789a",
    "123456789abc",
    "123456789q",
    "12345qwert",
    "123abc123abc",
    "123qwe123qwe",
    "123qweasdzxc",
    "1314520520",
    "1314521521",
    "147258369147",
    "1472583690",
    "5201314520",
    "5201314521",
    "7758521521",
    "7894561230",
    "9638527410",
    "abc123abc123",
    "abcabc123123",
    "abcd123456",
    "asdfasdfasdf",
    "asdfghjkl123",
    "asdfjkl123",
    "letmeinletmein",
    "passwordpassword",
    "qq123456789",
    "qwe123qwe123",
    "qweasdzxc123",
    "qwerqwerqwer",
    "qwertyqwerty",
    "qwertyuiop123",
    "woaini1314520",
    "woaini5201314",
    "zxcvbnm123456",
];

/// Common with any digits after them.
const COMMON_WITH_DIGITS: &[&str] = &[
    "a",
    "aa",
    "aaa",
    "abc",
    "abcd",
    "admin",
    "adminadmin",
    "administrator",
    "asd",
    "asdf",
    "changeme",
    "company",
    "crm",
    "default",
    "football",
    "guest",
    "hello",
    "helloworld",
    "iloveyou",
    "kehu",
    "kehucrm",
    "letmein",
    "login",
    "manager",
    "master",
    "mima",
    "monkey",
    "p",
    "pssw0rd",
    "pssword",
    "passw0rd",
    "password",
    "princess",
    "q",
    "qq",
    "qwe",
    "qwer",
    "qwert",
    "qwerty",
    "root",
    "sales",
    "secret",
    "sunshine",
    "superman",
    "test",
    "user",
    "w",
    "welcome",
    "welcometo",
    "woaini",
    "woaiwojia",
    "xiaoming",
    "zxc",
    "zxcv",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<&'static str> {
        problem("password", password, "Li Wei", "li.wei@example.com").map(|p| p.code)
    }

    #[test]
    fn a_password_has_ten_characters_of_any_script() {
        assert_eq!(code("kurz1!aZx"), Some("too_short"));
        assert_eq!(code("春眠不觉晓处处闻啼鸟"), None);
        assert_eq!(code(&"x1".repeat(129)), Some("too_long"));
    }

    #[test]
    fn a_password_is_not_the_person() {
        for own in [
            "li.wei@example.com",
            "LI.WEI@EXAMPLE.COM",
            "Li Wei 2026",
            "liwei123456",
        ] {
            assert_eq!(code(own), Some("password_personal"), "{own}");
        }
    }

    #[test]
    fn a_password_is_not_common() {
        for common in [
            "1234567890",
            "0987654321",
            "password123",
            "P@ssword 2024",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "..........",
            "a1234567890",
            "Welcome20261122",
            "woaini5201314",
            "1q2w3e4r5t6y",
        ] {
            assert_eq!(code(common), Some("password_common"), "{common}");
        }
    }

    #[test]
    fn other_passwords_are_good() {
        for good in [
            "correct horse battery",
            "Tr0ub4dor&3x",
            "kehu-is-for-customers",
        ] {
            assert_eq!(code(good), None, "{good}");
        }
    }
}
