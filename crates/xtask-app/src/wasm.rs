//! The outermost layer of a WebAssembly module: a header and sections.

/// How long the header is: the magic number and the version.
const HEADER: usize = 8;

/// The module without its custom sections, such as the names of its functions: nothing runs them.
/// `None` when this is no module.
pub(crate) fn without_custom_sections(module: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = module.split_at_checked(HEADER)?;
    let mut out = header.to_vec();
    while let Some((id, after_id)) = rest.split_first() {
        let (length, body) = leb128(after_id)?;
        let (_, behind) = body.split_at_checked(length)?;
        let (section, _) = rest.split_at_checked(rest.len().checked_sub(behind.len())?)?;
        if *id != 0 {
            out.extend_from_slice(section);
        }
        rest = behind;
    }
    Some(out)
}

/// An unsigned number in LEB128, and what follows it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    let mut shift = 0;
    let mut rest = bytes;
    loop {
        let (byte, after) = rest.split_first()?;
        value |= usize::from(byte & 0x7f).checked_shl(shift)?;
        rest = after;
        if byte & 0x80 == 0 {
            return Some((value, rest));
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::{leb128, without_custom_sections};

    #[test]
    fn custom_sections_go_and_the_others_stay_as_they_are() {
        let custom = [0, 3, 1, b'n', 7];
        let start = [8, 1, 5];
        let header = *b"\0asm\x01\0\0\0";
        let module = [&header[..], &custom, &start, &custom].concat();
        let expected = [&header[..], &start].concat();
        assert_eq!(without_custom_sections(&module), Some(expected));
    }

    #[test]
    fn what_is_cut_short_is_no_module() {
        assert_eq!(
            without_custom_sections(b"\0asm\x01\0\0\0\x08\x05\x01"),
            None
        );
        assert_eq!(without_custom_sections(b"\0asm"), None);
    }

    #[test]
    fn lengths_take_as_many_bytes_as_they_need() {
        assert_eq!(leb128(&[0xe5, 0x8e, 0x26, 9]), Some((624_485, &[9][..])));
    }
}
