//! Guesses a mapping from the headings and the first rows of a file, for a person to correct.

use std::collections::BTreeMap;

use crate::capabilities::KnownByName;
use crate::def::{Def, Field, Type};
use crate::import::forms::{self, DATE_FORMS, RARER_DATE_FORMS};
use crate::import::{Lookup, Mapping, Missing, Source};
use crate::{kinds, normalise};

/// Headings that mean a field of one kind.
const OF_KIND: &[(&str, &str, &str)] = &[
    (
        "lead",
        "name",
        "姓名|联系人|联系人姓名|客户姓名|contact|contact name|person|lead|lead name|full name",
    ),
    (
        "lead",
        "company",
        "公司|公司名称|企业名称|单位|单位名称|客户名称|company|company name|organisation|organization|account",
    ),
    (
        "lead",
        "phone",
        "手机|手机号|手机号码|移动电话|联系电话|mobile|mobile phone|cell|cell phone|phone",
    ),
    (
        "lead",
        "landline",
        "电话|固定电话|座机|办公电话|telephone|landline|office phone|work phone",
    ),
    (
        "lead",
        "received_on",
        "创建时间|创建日期|获取时间|获取日期|日期|登记日期|created|created at|created on|date|received",
    ),
    (
        "lead",
        "amount",
        "预计金额|金额|预算|商机金额|amount|estimated amount|budget|value|deal value",
    ),
    (
        "customer",
        "name",
        "客户|客户名称|公司|公司名称|企业名称|单位名称|account|account name|company|company name|customer|customer name",
    ),
    (
        "customer",
        "phone",
        "电话|手机|联系电话|公司电话|phone|telephone|mobile",
    ),
    (
        "customer",
        "parent_id",
        "上级公司|母公司|集团|所属集团|上级客户|parent|parent company|parent account|subsidiary of",
    ),
    (
        "contact",
        "name",
        "姓名|联系人|联系人姓名|name|full name|contact|contact name",
    ),
    (
        "contact",
        "customer_id",
        "客户|客户名称|公司|公司名称|所属客户|customer|account|company|account name|company name",
    ),
    (
        "contact",
        "phone",
        "手机|手机号|联系电话|mobile|mobile phone|phone",
    ),
    (
        "contact",
        "landline",
        "电话|座机|办公电话|telephone|landline|office phone",
    ),
    ("contact", "department_name", "部门|所在部门|department"),
    ("contact", "reports_to_id", "上级|汇报对象|reports to"),
    (
        "activity",
        "content",
        "内容|跟进内容|跟进记录|记录|content|note|notes|description|text",
    ),
    (
        "activity",
        "activity_type",
        "类型|跟进方式|方式|type|activity type|kind",
    ),
    (
        "activity",
        "occurred_at",
        "时间|跟进时间|日期|date|time|occurred at|when",
    ),
    (
        "activity",
        "customer_id",
        "客户|客户名称|公司名称|customer|account|company",
    ),
    ("activity", "lead_id", "线索|线索名称|lead"),
    ("activity", "contact_id", "联系人|contact"),
    ("task", "title", "标题|任务|主题|title|task|subject"),
    (
        "task",
        "due_at",
        "截止时间|截止日期|到期|due|due date|deadline",
    ),
    ("task", "description", "说明|描述|内容|description|details"),
    (
        "user",
        "name",
        "姓名|名称|员工|员工姓名|销售|销售人员|name|full name|user|employee|agent|sales agent|rep|sales rep",
    ),
    (
        "user",
        "manager_id",
        "上级|直属上级|经理|主管|manager|reports to|supervisor",
    ),
    (
        "user",
        "department_id",
        "部门|所属部门|团队|department|team|office|regional office",
    ),
    ("user", "role_id", "角色|role"),
    (
        "department",
        "name",
        "部门|部门名称|名称|department|department name|name|office|regional office|team",
    ),
    (
        "department",
        "parent_id",
        "上级部门|上级|parent|parent department",
    ),
    (
        "department",
        "manager_id",
        "负责人|部门负责人|经理|manager|head|lead",
    ),
    ("tag", "name", "标签|名称|tag|name|label"),
    ("dictionary_entry", "dictionary", "字典|dictionary"),
    ("dictionary_entry", "code", "编码|代码|code"),
    ("pool", "name", "名称|公海|公海名称|name|pool"),
    (
        "territory",
        "name",
        "名称|区域|区域名称|name|territory|region",
    ),
];

/// Headings that mean the same field in every kind that has it.
const OF_ALL: &[(&str, &str)] = &[
    ("name", "名称|姓名|name"),
    ("job_title", "职务|职位|岗位|title|job title|position|role"),
    ("phone", "手机|手机号|电话|联系电话|phone|mobile|telephone"),
    (
        "email",
        "邮箱|电子邮箱|电子邮件|邮件|email|e-mail|mail|email address",
    ),
    ("messenger", "微信|微信号|qq|wechat|messenger|im"),
    ("province", "省|省份|所在省|province|state"),
    ("city", "市|城市|所在市|city|town"),
    ("district", "区|区县|县|所在区|district|county"),
    (
        "address",
        "地址|详细地址|联系地址|通讯地址|address|street|street address",
    ),
    ("country", "国家|国家地区|country|office location|location"),
    ("industry", "行业|所属行业|industry|sector"),
    (
        "source",
        "来源|线索来源|客户来源|渠道|source|lead source|channel",
    ),
    (
        "product_interest",
        "意向产品|产品|需求|感兴趣的产品|product|product interest|interest",
    ),
    ("intent", "意向|意向程度|intent"),
    ("tags", "标签|tags|labels"),
    (
        "note",
        "备注|说明|描述|note|notes|remark|remarks|comment|comments|description",
    ),
    ("website", "网址|网站|官网|website|web|url|homepage"),
    (
        "employees",
        "员工人数|人数|员工数|employees|headcount|number of employees",
    ),
    (
        "annual_revenue",
        "年营业额|营业额|年收入|revenue|annual revenue|turnover",
    ),
    (
        "founded_year",
        "成立年份|成立时间|year established|founded|founded year",
    ),
    (
        "registration_number",
        "统一社会信用代码|注册号|registration number",
    ),
    ("tax_number", "税号|纳税人识别号|tax number|vat|tax id"),
    ("birthday", "生日|出生日期|birthday|date of birth"),
    ("gender", "性别|gender|sex"),
    (
        "owner_id",
        "负责人|所有人|跟进人|销售|owner|assigned to|sales agent|salesperson",
    ),
    (
        "next_contact_at",
        "下次联系|下次跟进时间|next contact|next follow up",
    ),
    ("status", "状态|status"),
    ("priority", "优先级|priority"),
    ("position", "排序|顺序|position|order"),
    ("parent_id", "上级|parent"),
];

/// The mapping that the headings suggest, for this kind or, without one, for the kind that most of
/// them fit. `rows` are the first rows.
#[must_use]
pub fn propose(kind: Option<&'static Def>, headings: &[String], rows: &[Vec<String>]) -> Mapping {
    let def = kind.unwrap_or_else(|| best_kind(headings));
    let mut fields: BTreeMap<String, Source> = BTreeMap::new();
    for (at, heading) in headings.iter().enumerate() {
        let Some(field) = field_of(def, heading) else {
            continue;
        };
        if fields.contains_key(field.name) {
            continue;
        }
        let cells: Vec<&str> = rows
            .iter()
            .filter_map(|row| row.get(at).map(String::as_str))
            .filter(|cell| !cell.trim().is_empty())
            .collect();
        fields.insert(field.name.to_owned(), source(field, heading, &cells));
    }
    let reached = fields.contains_key("phone") || fields.contains_key("email");
    let identify_by = match def.can.known_by_name {
        KnownByName::Yes => vec!["name".to_owned()],
        KnownByName::WithoutContact if !reached => vec!["name".to_owned()],
        KnownByName::WithoutContact | KnownByName::No => Vec::new(),
    };
    Mapping {
        kind: def.kind.to_owned(),
        header: true,
        identify_by: identify_by
            .into_iter()
            .filter(|name| fields.contains_key(name))
            .collect(),
        fields,
        ..Mapping::default()
    }
}

/// The kind that most headings fit; leads where nothing does.
fn best_kind(headings: &[String]) -> &'static Def {
    let fitting = |def: &'static Def| {
        headings
            .iter()
            .filter_map(|heading| field_of(def, heading))
            .map(|field| field.name)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    };
    let mut best: (&'static Def, usize) = (&crate::lead::DEF, 0);
    for def in super::kinds() {
        let score = fitting(def);
        if score > best.1 {
            best = (def, score);
        }
    }
    best.0
}

fn field_of(def: &'static Def, heading: &str) -> Option<&'static Field> {
    let heading = plain(heading);
    let means = |names: &str| names.split('|').any(|name| plain(name) == heading);
    let own = OF_KIND
        .iter()
        .filter(|(kind, ..)| *kind == def.kind)
        .find(|(.., names)| means(names))
        .map(|(_, field, _)| *field);
    let named = || {
        def.fields
            .iter()
            .map(|field| field.name)
            .find(|name| plain(name) == heading || plain(name.trim_end_matches("_id")) == heading)
    };
    let common = || {
        OF_ALL
            .iter()
            .filter(|(field, _)| def.has(field))
            .find(|(_, names)| means(names))
            .map(|(field, _)| *field)
    };
    let name = own.or_else(named).or_else(common)?;
    def.field(name).filter(|field| field.on_new())
}

/// Letters and digits alone, in lower case.
fn plain(heading: &str) -> String {
    forms::fold(heading)
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

fn source(field: &'static Field, heading: &str, cells: &[&str]) -> Source {
    let mut source = Source {
        column: Some(heading.to_owned()),
        ..Source::default()
    };
    match field.ty {
        Type::Date | Type::Time => source.date_forms = date_forms(cells),
        Type::Phone => {
            let mobile = cells
                .iter()
                .filter(|cell| normalise::mobile_cn(cell).is_some())
                .count();
            if field.name == "phone" && mobile * 10 >= cells.len() * 8 && mobile > 0 {
                source.form = Some("mobile:CN".to_owned());
            }
        }
        Type::Dictionary(_) => {
            source.lookup = Some(Lookup {
                missing: Missing::Create,
                ..Lookup::default()
            });
        }
        Type::Ref(kind) => {
            let addressed = kinds::find(kind).is_some_and(|def| def.has("email"));
            let email = addressed && !cells.is_empty() && cells.iter().all(|c| c.contains('@'));
            let by = if email { "email" } else { title_of(kind) };
            source.lookup = Some(Lookup {
                by: Some(by.to_owned()),
                ..Lookup::default()
            });
        }
        _ => {}
    }
    source
}

fn title_of(kind: &str) -> &'static str {
    kinds::find(kind)
        .and_then(|def| def.title.first().copied())
        .unwrap_or("name")
}

/// The forms that the cells are written in, the commonest first; none where the usual ones do.
fn date_forms(cells: &[&str]) -> Vec<String> {
    let reads = |form: &str, cell: &str| {
        let forms = [form.to_owned()];
        forms::moment(&forms::fold(cell), &forms, "UTC").is_some()
    };
    let usual = |cell: &&&str| DATE_FORMS.iter().any(|form| reads(form, cell));
    if cells.iter().filter(usual).count() * 2 >= cells.len() {
        return DATE_FORMS.iter().map(|form| (*form).to_owned()).collect();
    }
    let mut counted: Vec<(usize, &str)> = RARER_DATE_FORMS
        .iter()
        .map(|form| (cells.iter().filter(|cell| reads(form, cell)).count(), *form))
        .filter(|(count, _)| *count > 0)
        .collect();
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counted.iter().map(|(_, form)| (*form).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(mapping: &Mapping) -> Vec<(&str, &str)> {
        mapping
            .fields
            .iter()
            .filter_map(|(field, source)| Some((field.as_str(), source.column.as_deref()?)))
            .collect()
    }

    fn headings(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn chinese_headings_of_leads_are_known() {
        let names = headings(
            "姓名,公司名称,职务,手机,电话,邮箱,微信,省,市,区,详细地址,行业,来源,意向产品,预计金额,备注,创建时间",
        );
        let mapping = propose(None, &names, &[]);
        assert_eq!(mapping.kind, "lead");
        assert_eq!(mapping.fields.len(), names.len());
        assert!(columns(&mapping).contains(&("landline", "电话")));
        assert!(columns(&mapping).contains(&("received_on", "创建时间")));
    }

    #[test]
    fn english_headings_of_accounts_are_known() {
        let names = headings(
            "account,sector,year_established,revenue,employees,office_location,subsidiary_of",
        );
        let mapping = propose(None, &names, &[]);
        assert_eq!(mapping.kind, "customer");
        assert_eq!(
            columns(&mapping),
            [
                ("annual_revenue", "revenue"),
                ("country", "office_location"),
                ("employees", "employees"),
                ("founded_year", "year_established"),
                ("industry", "sector"),
                ("name", "account"),
                ("parent_id", "subsidiary_of"),
            ]
        );
        assert_eq!(mapping.identify_by, ["name"]);
    }

    #[test]
    fn the_form_of_days_is_taken_from_the_cells() {
        let rows: Vec<Vec<String>> = ["31.12.2025", "01.02.2025"]
            .iter()
            .map(|cell| vec![(*cell).to_owned()])
            .collect();
        let mapping = propose(Some(&crate::lead::DEF), &headings("日期"), &rows);
        assert_eq!(mapping.fields["received_on"].date_forms, ["%d.%m.%Y"]);
    }
}
