//! What the dictionaries of a new workspace hold: stable codes, and names in its language.

use kehu_domain::dictionary_entry::{OPPORTUNITY_REASON, Outcome};

/// A code with its name in Chinese and in English.
pub(super) type Entry = (&'static str, &'static str, &'static str);

/// The dictionaries and their entries, in the order that people see them in.
pub(super) const ALL: &[(&str, &[Entry])] = &[
    ("industry", INDUSTRIES),
    ("source", SOURCES),
    ("lead_reason", LEAD_REASONS),
    ("customer_reason", CUSTOMER_REASONS),
    (OPPORTUNITY_REASON, OPPORTUNITY_REASONS),
    ("product_category", PRODUCT_CATEGORIES),
    ("payment_method", PAYMENT_METHODS),
    ("income_band", INCOME_BANDS),
    ("education", EDUCATION),
    ("marital_status", MARITAL_STATUS),
];

const INDUSTRIES: &[Entry] = &[
    ("manufacturing", "制造业", "Manufacturing"),
    ("technology", "信息技术", "Technology"),
    ("software", "软件", "Software"),
    ("telecommunications", "通信", "Telecommunications"),
    ("finance", "金融", "Finance"),
    ("retail", "零售", "Retail"),
    ("food_beverage", "食品饮料", "Food and beverage"),
    ("medical", "医药", "Medical"),
    ("construction", "建筑", "Construction"),
    ("real_estate", "房地产", "Real estate"),
    ("logistics", "物流", "Logistics"),
    ("education", "教育", "Education"),
    ("marketing", "广告营销", "Marketing"),
    ("entertainment", "文化娱乐", "Entertainment"),
    ("services", "商务服务", "Services"),
    ("employment", "人力资源", "Employment"),
    ("hospitality", "酒店餐饮", "Hospitality"),
    ("energy", "能源", "Energy"),
    ("agriculture", "农业", "Agriculture"),
    ("government", "政府及公共事业", "Government"),
    ("other", "其他", "Other"),
];

const SOURCES: &[Entry] = &[
    ("web_form", "官网表单", "Web form"),
    ("online_ads", "线上广告", "Online advertising"),
    ("wechat", "微信", "WeChat"),
    ("phone", "电话咨询", "Phone enquiry"),
    ("event", "市场活动", "Event"),
    ("exhibition", "展会名片", "Trade fair"),
    ("referral", "老客户介绍", "Referral"),
    ("partner", "合作伙伴", "Partner"),
    ("cold_call", "主动开发", "Cold call"),
    ("yellow_pages", "黄页", "Directory"),
    ("other", "其他", "Other"),
];

const LEAD_REASONS: &[Entry] = &[
    ("no_need", "没有需求", "No need"),
    ("no_budget", "没有预算", "No budget"),
    ("bought_elsewhere", "已选择其他供应商", "Bought elsewhere"),
    ("unreachable", "联系不上", "Cannot be reached"),
    ("wrong_contact", "联系方式错误", "Wrong contact data"),
    ("not_decision_maker", "不是决策人", "Not a decision maker"),
    ("not_my_area", "不属于我负责", "Not my area"),
    ("no_time", "跟进不过来", "No time to follow up"),
    ("not_followed_up", "长期未跟进", "Not followed up"),
    ("duplicate", "重复线索", "Duplicate"),
    ("fake", "虚假信息", "Not genuine"),
    ("competitor", "竞争对手", "Competitor"),
    ("other", "其他", "Other"),
];

const CUSTOMER_REASONS: &[Entry] = &[
    ("no_progress", "长期没有进展", "No progress"),
    ("no_need", "没有需求", "No need"),
    ("unreachable", "联系不上", "Cannot be reached"),
    ("handover", "工作交接", "Handover"),
    ("not_my_area", "不属于我负责", "Not my area"),
    ("no_time", "跟进不过来", "No time to follow up"),
    ("not_followed_up", "长期未跟进", "Not followed up"),
    (
        "lost_to_competitor",
        "被竞争对手赢得",
        "Lost to a competitor",
    ),
    ("closed_down", "客户停业", "Closed down"),
    ("other", "其他", "Other"),
];

const OPPORTUNITY_REASONS: &[Entry] = &[
    ("best_fit", "最符合需求", "Best fit"),
    ("best_price", "价格合适", "Best price"),
    ("good_relationship", "客户关系好", "Good relationship"),
    ("good_references", "口碑和案例好", "Good references"),
    ("fast_delivery", "交付快", "Fast delivery"),
    ("price_too_high", "价格过高", "Price too high"),
    ("missing_feature", "功能不满足", "Something is missing"),
    ("lost_to_competitor", "输给竞争对手", "Lost to a competitor"),
    ("no_budget", "没有预算", "No budget"),
    ("no_decision", "客户搁置", "No decision"),
    ("project_cancelled", "项目取消", "Project cancelled"),
    ("not_recorded", "未记录", "Not recorded"),
    ("other", "其他", "Other"),
];

const PRODUCT_CATEGORIES: &[Entry] = &[
    ("hardware", "硬件", "Hardware"),
    ("software", "软件", "Software"),
    ("service", "服务", "Service"),
    ("other", "其他", "Other"),
];

const PAYMENT_METHODS: &[Entry] = &[
    ("bank_transfer", "银行转账", "Bank transfer"),
    ("acceptance_bill", "承兑汇票", "Acceptance bill"),
    ("cheque", "支票", "Cheque"),
    ("cash", "现金", "Cash"),
    ("alipay", "支付宝", "Alipay"),
    ("wechat_pay", "微信支付", "WeChat Pay"),
    ("card", "银行卡", "Card"),
    ("other", "其他", "Other"),
];

const INCOME_BANDS: &[Entry] = &[
    ("low", "低", "Low"),
    ("lower_middle", "中低", "Lower middle"),
    ("middle", "中等", "Middle"),
    ("upper_middle", "中高", "Upper middle"),
    ("high", "高", "High"),
];

const EDUCATION: &[Entry] = &[
    ("primary", "小学", "Primary school"),
    ("lower_secondary", "初中", "Lower secondary school"),
    ("upper_secondary", "高中或中专", "Upper secondary school"),
    ("associate", "大专", "Associate degree"),
    ("bachelor", "本科", "Bachelor"),
    ("master", "硕士", "Master"),
    ("doctorate", "博士", "Doctorate"),
];

const MARITAL_STATUS: &[Entry] = &[
    ("single", "未婚", "Single"),
    ("married", "已婚", "Married"),
    ("divorced", "离异", "Divorced"),
    ("widowed", "丧偶", "Widowed"),
];

/// The outcome that a reason of opportunities is for; `None` for one that fits both, and for entries of
/// other dictionaries.
pub(super) fn outcome(dictionary: &str, code: &str) -> Option<Outcome> {
    if dictionary != OPPORTUNITY_REASON {
        return None;
    }
    match code {
        "best_fit" | "best_price" | "good_relationship" | "good_references" | "fast_delivery" => {
            Some(Outcome::Won)
        }
        "price_too_high" | "missing_feature" | "lost_to_competitor" | "no_budget"
        | "no_decision" | "project_cancelled" => Some(Outcome::Lost),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use kehu_domain::dictionary_entry::DICTIONARIES;

    use super::{ALL, OPPORTUNITY_REASON, OPPORTUNITY_REASONS, Outcome, outcome};

    #[test]
    fn every_dictionary_has_entries() {
        let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, DICTIONARIES);
    }

    #[test]
    fn winning_and_losing_have_reasons_of_their_own() {
        let of = |wanted| {
            let entries = OPPORTUNITY_REASONS.iter();
            let fitting = entries.filter(|(code, ..)| outcome(OPPORTUNITY_REASON, code) == wanted);
            fitting.map(|(code, ..)| *code).collect::<Vec<_>>()
        };
        assert_eq!(of(Some(Outcome::Won)).len(), 5);
        assert_eq!(of(Some(Outcome::Lost)).len(), 6);
        assert_eq!(of(None), ["not_recorded", "other"]);
        assert_eq!(outcome("lead_reason", "no_budget"), None);
    }

    #[test]
    fn codes_and_names_stand_once_in_a_dictionary() {
        for (name, entries) in ALL {
            for part in [
                |e: &super::Entry| e.0,
                |e: &super::Entry| e.1,
                |e: &super::Entry| e.2,
            ] {
                let unique: HashSet<&str> = entries.iter().map(part).collect();
                assert_eq!(unique.len(), entries.len(), "{name}");
            }
        }
    }
}
