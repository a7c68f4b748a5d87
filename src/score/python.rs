//! The few ways in which Python reads text that published scorers rest on.

/// What `str.isspace` calls a blank: Unicode's white space and the four separators of ASCII.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// `str.strip()`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `float(text)`: blanks round it, a sign, digits with single underscores between them, a point, an exponent, or
/// `nan`, `inf`, `infinity` in any case. Digits of other scripts are not read.
pub(super) fn float(text: &str) -> Option<f64> {
    let text = strip(text);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let named = ["inf", "infinity", "nan"].iter().any(|name| unsigned.eq_ignore_ascii_case(name));
    if !named && !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    without_underscores(text)?.parse().ok()
}

/// Underscores taken out; none where one does not stand between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    let stray = |i: usize| bytes[i] == b'_' && !(is_digit(i.checked_sub(1)) && is_digit(Some(i + 1)));
    if (0..bytes.len()).any(stray) {
        return None;
    }
    Some(text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        let same = |text, value: f64| assert_eq!(float(text), Some(value), "{text}");
        same("1e1", 10.0);
        same("1_0", 10.0);
        same("1_000.2_5e-0_1", 100.025);
        same(" \t+.5\n", 0.5);
        same("5.", 5.0);
        same("-2", -2.0);
        same("1e999", f64::INFINITY);
        same("-Infinity", f64::NEG_INFINITY);
        assert!(float("NaN").is_some_and(f64::is_nan));
        for text in ["", " ", "1,000", "1__0", "_1", "1_", "1_.0", "1._0", "--1", "+-1", "0x10", "1e", ".", "1 0", "e1"]
        {
            assert_eq!(float(text), None, "{text}");
        }
        for text in ["infi", "na", "nan1", "+", "in_f", "三", "1d", "1f64", "inf_"] {
            assert_eq!(float(text), None, "{text}");
        }
    }
}
