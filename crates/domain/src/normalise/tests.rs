//! One spelling for what people spell in many ways: the cases.

use super::*;

#[test]
fn width_case_and_space_around_an_email_do_not_matter() {
    assert_eq!(
        email_key(" ＺＨＡＮＧ．san＠Example.COM　"),
        "zhang.san@example.com"
    );
}

#[test]
fn legal_forms_width_case_spaces_and_brackets_are_folded() {
    for (a, b) in [
        ("泰麒麟贸易有限公司", "泰麒麟贸易（有限公司）"),
        ("泰麒麟贸易有限公司", "泰麒麟贸易"),
        ("泰麒麟贸易有限责任公司", " 泰麒麟 贸易有限公司　"),
        ("宜昌ＭＢＰ软件有限公司", "宜昌mbp软件"),
        ("上海天益（集团）有限公司", "上海天益集团有限公司"),
        ("Acme Corporation", "ACME Corp."),
        ("Acme, Inc.", "acme"),
        ("Gekko & Co", "Gekko Co., Ltd."),
        ("Telefonica S.A.", "telefonica sa"),
        ("The New York Inquirer", "New York Inquirer"),
        ("O'Neil Ltd", "ONeil Limited"),
    ] {
        assert_eq!(company_key(a), company_key(b), "{a} / {b}");
    }
}

#[test]
fn what_tells_companies_apart_stays() {
    for (a, b) in [
        ("凌云有限公司", "凌云集团有限公司"),
        ("凌云科技有限公司", "凌云贸易有限公司"),
        ("北京凌云有限公司", "南京凌云有限公司"),
        ("Betatech", "Betasoloin"),
    ] {
        assert_ne!(company_key(a), company_key(b), "{a} / {b}");
    }
}

#[test]
fn a_name_that_is_nothing_but_a_legal_form_keeps_it() {
    assert_eq!(company_key("有限公司"), "有限公司");
    assert_eq!(company_key("Co. Ltd."), "co");
    assert_eq!(company_key("—"), "");
}

#[test]
fn similarity_takes_a_slip_for_likely_and_another_city_or_trade_not() {
    let likely = |a, b| company_similarity(a, b) >= LIKELY_SAME_COMPANY;
    assert_eq!(company_similarity("Acme Corp", "ACME"), 1000);
    assert!(likely(
        "Vehement Capital Partners",
        "Vehement Captial Partners"
    ));
    assert!(likely(
        "宜昌同兴万点电子科技发展有限公司",
        "宜昌同兴万典电子科技发展有限公司"
    ));
    assert!(!likely("北京凌云贸易有限公司", "南京凌云贸易有限公司"));
    assert!(!likely("凌云科技有限公司", "凌云贸易有限公司"));
    assert_eq!(company_similarity("", "Acme"), 0);
    assert_eq!(company_similarity("", ""), 0);
}

#[test]
fn chinese_numbers_come_out_the_same_however_they_are_written() {
    for text in [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "+8613800138000",
        "(+86)13800138000",
        "0086-13800138000",
        "8613800138000",
        "013800138000",
        "１３８００１３８０００",
        "＋８６　１３８００１３８０００",
        " 138\u{2014}0013\u{2014}8000 ",
    ] {
        assert_eq!(
            phone_e164(text, "CN").as_deref(),
            Ok("+8613800138000"),
            "{text}"
        );
    }
    for (text, number) in [
        ("0571-75748230", "+8657175748230"),
        ("010-12345678", "+861012345678"),
        ("(010) 1234 5678", "+861012345678"),
        ("+86 010 12345678", "+861012345678"),
        ("400-820-8820", "+864008208820"),
        ("4008208820", "+864008208820"),
    ] {
        assert_eq!(phone_e164(text, "CN").as_deref(), Ok(number), "{text}");
    }
}

#[test]
fn extensions_are_kept_behind_the_number() {
    for text in [
        "010-12345678-801",
        "010-12345678转801",
        "010-12345678 转 801",
        "010 12345678 分机801",
        "010-12345678（分机：801",
        "01012345678 ext. 801",
        "01012345678x801",
        "+861012345678;ext=801",
    ] {
        assert_eq!(
            phone_e164(text, "CN").as_deref(),
            Ok("+861012345678;ext=801"),
            "{text}"
        );
    }
}

#[test]
fn numbers_of_other_countries_follow_their_own_rules() {
    for (text, country, number) in [
        ("+1 (650) 253-0000", "CN", "+16502530000"),
        ("(650) 253-0000", "US", "+16502530000"),
        ("020 7031 3000", "GB", "+442070313000"),
        ("+44 20 7031 3000", "CN", "+442070313000"),
        ("612 34 56 78", "ES", "+34612345678"),
        ("00852 2123 4567", "CN", "+85221234567"),
        ("+852 2123 4567", "US", "+85221234567"),
    ] {
        assert_eq!(phone_e164(text, country).as_deref(), Ok(number), "{text}");
    }
}

#[test]
fn what_is_no_number_is_refused_with_the_reason() {
    for (text, country, error) in [
        ("", "CN", PhoneError::NotANumber),
        ("无", "CN", PhoneError::NotANumber),
        ("13800138000、13900139000", "CN", PhoneError::NotANumber),
        ("1-800-FLOWERS", "US", PhoneError::NotANumber),
        ("1857491", "CN", PhoneError::TooShort),
        ("95588", "CN", PhoneError::TooShort),
        ("138001380001", "CN", PhoneError::TooLong),
        ("253-0000", "US", PhoneError::TooShort),
        ("+44 20 7031 3000 3000", "CN", PhoneError::TooLong),
        ("+999 123 456 789", "CN", PhoneError::UnknownCountry),
        ("12345678", "XX", PhoneError::UnknownCountry),
    ] {
        assert_eq!(phone_e164(text, country), Err(error), "{text}");
    }
}

#[test]
fn a_number_in_e164_stays_as_it_is() {
    for number in [
        "+8613800138000",
        "+861012345678;ext=801",
        "+16502530000",
        "+442070313000",
        "+390236618300",
    ] {
        assert_eq!(phone_e164(number, "US").as_deref(), Ok(number));
        assert_eq!(phone_e164(number, "CN").as_deref(), Ok(number));
    }
}

#[test]
fn mobile_numbers_are_told_from_others() {
    assert_eq!(
        mobile_cn("１３８ 0013 8000").as_deref(),
        Some("+8613800138000")
    );
    assert_eq!(mobile_cn("11012345678").as_deref(), Some("+8611012345678"));
    assert_eq!(mobile_cn("0571-75748230"), None);
    assert_eq!(mobile_cn("1857491"), None);
    assert_eq!(mobile_cn("+16502530000"), None);
}
