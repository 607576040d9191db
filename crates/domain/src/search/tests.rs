//! What search finds and what not.

use super::*;

/// Whether a record with these texts is found by the query, as the databases look tokens up.
fn found(texts: &[&str], query: &str) -> bool {
    let index = index_tokens(texts.iter().copied());
    let tokens: Vec<&str> = index.split(' ').collect();
    let wanted = query_tokens(query);
    assert!(!wanted.is_empty(), "{query} asks for nothing");
    wanted.iter().all(|token| match token {
        Token::Exact(text) => tokens.contains(&text.as_str()),
        Token::Prefix(text) => tokens.iter().any(|t| t.starts_with(text.as_str())),
    })
}

#[test]
fn any_part_of_a_chinese_name_is_found() {
    let name: Vec<char> = "苏州飞利信科技有限公司".chars().collect();
    let text: String = name.iter().collect();
    for start in 0..name.len() {
        for end in start + 1..=name.len() {
            let part: String = name[start..end].iter().collect();
            assert!(found(&[&text], &part), "{part}");
        }
    }
    assert!(!found(&[&text], "飞科"));
    assert!(!found(&[&text], "贸易"));
    assert!(!found(&[&text], "京"));
}

#[test]
fn chinese_is_found_by_full_pinyin_and_by_initials() {
    for query in [
        "zhongguoyidong",
        "zhongguo",
        "yidong",
        "ZhongGuo YiDong",
        "zgyd",
        "yd",
        "zhon",
        "gy",
    ] {
        assert!(found(&["中国移动"], query), "{query}");
    }
    assert!(!found(&["中国移动"], "liantong"));
    assert!(!found(&["中国移动"], "zgdx"));
}

#[test]
fn names_read_in_several_ways_are_found_by_each() {
    for (name, query) in [
        ("重庆长安汽车", "chongqingchangan"),
        ("重庆长安汽车", "cqca"),
        ("招商银行", "zhaoshangyinhang"),
        ("成都银行", "chengdu"),
        ("厦门音乐", "xiamenyinyue"),
        ("单雄信", "shanxiongxin"),
        ("吕布", "lvbu"),
        ("吕布", "lubu"),
        ("女儿国", "nverguo"),
        ("曾国藩", "zgf"),
    ] {
        assert!(found(&[name], query), "{name} {query}");
    }
}

#[test]
fn words_are_found_by_their_beginning_in_any_case_width_and_accent() {
    let texts = ["José O'Neil, Chief-Engineer at Ｍｉｃｒｏsoft Москва GTX100 zoo"];
    for query in [
        "jose",
        "JOSÉ",
        "o'neil",
        "oneil",
        "engineer",
        "chief eng",
        "MICROSOFT",
        "москв",
        "gtx",
        "gtx100",
        "100",
        "zo",
        "zoo",
    ] {
        assert!(found(&texts, query), "{query}");
    }
    assert!(!found(&texts, "soft"));
    assert!(!found(&texts, "zo zp"));
}

#[test]
fn mixed_names_are_found_by_each_part() {
    let texts = ["宜昌MBP软件科技有限公司", "数字100贸易有限公司"];
    for query in [
        "mbp软件",
        "宜昌mbp",
        "ＭＢＰ",
        "数字100",
        "100贸易",
        "ycmbp rj",
    ] {
        let query = query.replace("ycmbp", "yc mbp");
        assert!(found(&texts, &query), "{query}");
    }
}

#[test]
fn telephone_numbers_are_found_by_start_end_and_inside() {
    let texts = ["+8613800138000", "+861012345678;ext=801"];
    for query in [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 13800138000",
        "138",
        "8000",
        "0138",
        "001",
        "010-12345678",
        "01012345678",
        "5678",
        "801",
    ] {
        assert!(found(&texts, query), "{query}");
    }
    assert!(!found(&texts, "139"));
    assert!(!found(&texts, "13900138000"));
}

#[test]
fn email_addresses_are_found_by_their_parts() {
    let texts = ["Zhang.San_88@mail.example.com"];
    for query in [
        "zhang.san_88@mail.example.com",
        "zhang",
        "san",
        "88",
        "example.com",
        "@mail.example",
    ] {
        assert!(found(&texts, query), "{query}");
    }
    assert!(!found(&texts, "li@mail.example.com"));
}

#[test]
fn other_scripts_without_spaces_are_found_by_any_part() {
    assert!(found(&["株式会社トヨタ自動車"], "トヨタ"));
    assert!(found(&["삼성전자"], "전자"));
    assert!(found(&["삼성전자"], "삼"));
}

#[test]
fn tokens_are_plain_for_both_databases() {
    let index = index_tokens(["中国移动 José z1 ０１２３ 𠮷野家 and 😀 +8613800138000 a'b\"c*"]);
    for token in index.split(' ') {
        assert!(token.starts_with(['w', 'c', 'n', 's', 'e']), "{token}");
        assert!(
            token
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
            "{token}"
        );
        assert!(token.len() > 1 && token.len() < 300, "{token}");
    }
}

#[test]
fn each_token_stands_once() {
    let index = index_tokens(["中国中国", "中国", "a a A"]);
    let mut tokens: Vec<&str> = index.split(' ').collect();
    let all = tokens.len();
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), all);
}

#[test]
fn tokens_are_bounded() {
    let long: String = (0..20_000u32)
        .filter_map(|n| char::from_u32(0x4e00 + n))
        .collect();
    assert_eq!(index_tokens([long.as_str()]).split(' ').count(), MAX_TOKENS);
    let polyphones = "重长行乐都厦朝曾单会解查区任".repeat(5);
    assert!(index_tokens([polyphones.as_str()]).split(' ').count() < 1000);
    let word = "x".repeat(10_000);
    assert!(index_tokens([word.as_str()]).len() < 100);
    assert!(found(&[&word], &word));
    let digits = "1234567890".repeat(1000);
    assert!(index_tokens([digits.as_str()]).len() <= MAX_TOKENS * 50);
    assert_eq!(query_tokens(&long).len(), MAX_QUERY_TOKENS);
}

#[test]
fn a_query_without_letters_or_digits_asks_for_nothing() {
    for query in ["", "  ", "—，。", "😀", "*\"()"] {
        assert_eq!(query_tokens(query), [], "{query}");
    }
}

#[test]
fn what_is_short_is_looked_up_whole_and_found_where_something_begins_so() {
    let texts = ["Northwind 12 Trading", "+8613800138000", "中国移动"];
    for query in ["n", "no", "1", "12", "t", "z", "zg", "y", "86", "0", "北"] {
        let wanted = query_tokens(query);
        let found = found(&texts, query);
        assert_eq!(found, query != "北", "{query}");
        let exact = wanted.iter().all(|token| matches!(token, Token::Exact(_)));
        assert_eq!(exact, query != "北", "{query}");
    }
    // Of a longer number only three digits and more are found anywhere in it.
    assert!(found(&texts, "800"));
    assert!(!found(&texts, "80"));
    assert!(!found(&texts, "or"));
}

#[test]
fn addresses_are_looked_up_at_once_as_far_as_they_are_typed() {
    let texts = ["Wang.Xiao-Ming88@Example.com", "a @ b", "José"];
    for query in [
        "wang.xiao-ming88@example.com",
        "wang.xiao-ming88@exa",
        "xiao-ming88@",
        "ming88@example",
        "@example.com",
        "@ex jose",
    ] {
        assert!(found(&texts, query), "{query}");
        let tokens = query_tokens(query);
        assert_eq!(tokens.len(), query.split(' ').count(), "{tokens:?}");
    }
    for query in [
        "ang.xiao@example.com",
        "wang@example.com",
        "@ample.com",
        "wang.xiao-ming88@example.org",
    ] {
        assert!(!found(&texts, query), "{query}");
    }
    // Its words are found one by one as those of any text.
    assert!(found(&texts, "example wang com"));
    assert!(found(&["a@b@c"], "a@b@c"));
}
