//! The reasons in the file of refused rows: it is read in a spreadsheet, without the app's texts.

use kehu_app::imports::Problem;

/// The codes with their words in Chinese and in English.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "ambiguous",
        "有多条同名记录",
        "several records have this name",
    ),
    (
        "activity_about_nobody",
        "没有关联线索、客户或联系人",
        "names no lead, customer or contact",
    ),
    ("boolean_invalid", "不是“是”或“否”", "neither yes nor no"),
    ("circle", "上下级互相循环", "leads in a circle"),
    (
        "control_character",
        "含有控制字符",
        "holds a control character",
    ),
    ("date_invalid", "不是有效日期", "not a date"),
    ("email_invalid", "不是邮箱地址", "not an email address"),
    (
        "external_id_taken",
        "外部编号已存在",
        "the external id is taken",
    ),
    (
        "lead_needs_a_name",
        "没有姓名、公司或联系方式",
        "has no name, company or way to reach them",
    ),
    (
        "likely_duplicate",
        "可能与已有记录重复",
        "likely the same as another",
    ),
    (
        "last_administrator",
        "至少要保留一名管理员",
        "somebody must administer",
    ),
    ("may_not_create", "没有新建权限", "may not be made"),
    ("no_right_to_field", "没有填写权限", "may not be written"),
    (
        "no_right_to_stage",
        "没有进入该阶段的权限",
        "may not begin there",
    ),
    ("not_found", "找不到", "not found"),
    ("number_invalid", "不是数字", "not a number"),
    ("number_too_large", "数字太大", "too large"),
    ("out_of_range", "超出范围", "out of range"),
    ("own_parent", "上级是自己", "its own parent"),
    (
        "owner_out_of_reach",
        "不能分配给此人",
        "may not be given to this person",
    ),
    ("phone_invalid", "不是电话号码", "not a telephone number"),
    ("required", "必填", "required"),
    ("taken", "已被占用", "taken already"),
    ("time_invalid", "不是有效时间", "not a moment"),
    ("too_long", "太长", "too long"),
    ("too_many", "太多", "too many"),
    ("too_many_decimals", "小数位太多", "too many decimals"),
    ("unknown_choice", "不是可选值", "not one of the choices"),
    ("unknown_code", "字典中没有", "not in the dictionary"),
    ("unknown_pool", "没有这个公海", "no such pool"),
    ("unknown_value", "没有对应的值", "has no value"),
    (
        "unreadable_characters",
        "含有乱码",
        "holds characters that can't be read",
    ),
    ("url_invalid", "不是网址", "not a web address"),
];

/// The heading of the column of reasons.
pub(crate) const fn heading(chinese: bool) -> &'static str {
    if chinese { "原因" } else { "Reason" }
}

/// A problem in words: `手机：不是电话号码`.
pub(crate) fn explain(problem: &Problem, chinese: bool) -> String {
    let words = WORDS.iter().find(|(code, ..)| *code == problem.code);
    let text = match words {
        Some((_, zh, en)) => if chinese { zh } else { en }.to_owned(),
        None => problem.code.as_str(),
    };
    let param = |name: &str| problem.params.get(name);
    let row = param("row").and_then(serde_json::Value::as_i64);
    let what = match (param("name").or(param("title")), row) {
        (Some(serde_json::Value::String(name)), _) => Some(name.clone()),
        (_, Some(row)) if chinese => Some(format!("第 {row} 行")),
        (_, Some(row)) => Some(format!("row {row}")),
        _ => None,
    };
    let name = match what {
        Some(what) if chinese => format!("（{what}）"),
        Some(what) => format!(" ({what})"),
        None => String::new(),
    };
    let place = problem.column.as_deref().or(problem.field.as_deref());
    match (place, chinese) {
        (Some(place), true) => format!("{place}：{text}{name}"),
        (Some(place), false) => format!("{place}: {text}{name}"),
        (None, _) => format!("{text}{name}"),
    }
}
