//! Characters of names and places that are read in more than one way in everyday use: the pinyin
//! data knows rarer readings too, which would only make the index larger.

/// The readings of a character beside its first; none for most.
pub(super) fn others(c: char) -> &'static [&'static str] {
    match c {
        '重' => &["chong", "zhong"],
        '长' | '長' => &["chang", "zhang"],
        '行' => &["hang", "xing"],
        '乐' | '樂' => &["le", "yue"],
        '都' => &["du", "dou"],
        '厦' | '廈' => &["xia", "sha"],
        '朝' => &["chao", "zhao"],
        '曾' => &["zeng", "ceng"],
        '单' | '單' => &["shan", "dan"],
        '会' | '會' => &["hui", "kuai"],
        '解' => &["xie", "jie"],
        '查' => &["zha", "cha"],
        '区' | '區' => &["qu", "ou"],
        '任' => &["ren"],
        '仇' => &["qiu", "chou"],
        '盖' | '蓋' => &["gai", "ge"],
        '翟' => &["zhai", "di"],
        '尉' => &["wei", "yu"],
        '覃' => &["qin", "tan"],
        '贾' | '賈' => &["jia", "gu"],
        '参' | '參' => &["can", "shen"],
        '藏' => &["zang", "cang"],
        '调' | '調' => &["diao", "tiao"],
        '传' | '傳' => &["chuan", "zhuan"],
        '弹' | '彈' => &["dan", "tan"],
        '车' | '車' => &["che", "ju"],
        '石' => &["shi", "dan"],
        '大' => &["da", "dai"],
        '阿' => &["a", "e"],
        '六' => &["liu", "lu"],
        '蚌' => &["bang", "beng"],
        '泊' => &["bo", "po"],
        '铅' | '鉛' => &["qian", "yan"],
        '浚' => &["jun", "xun"],
        '台' => &["tai"],
        '少' => &["shao"],
        '隽' => &["jun", "juan"],
        '晟' => &["sheng", "cheng"],
        '省' => &["sheng", "xing"],
        '校' => &["xiao", "jiao"],
        '还' | '還' => &["huan", "hai"],
        '和' => &["he"],
        '絮' => &["xu"],
        '吕' | '旅' | '律' | '绿' | '綠' | '女' | '驴' | '铝' | '履' | '侣' => {
            &["lv", "lu"]
        }
        _ => &[],
    }
}
