//! Grammars of the project's own texts: triplet lines, the line of a LocalCogMap, lines of boxes.
//!
//! They are as strict as the printers, not as lenient as the readers: keys in their order, no spaces, so many decimals.
//! Which ids may stand where is part of the grammar. What was named already travels down the rules as a set of bits
//! (`rule::set_bit(3)`, `%if bit_clear(3)`), so that no thing has two roles in a triplet or two places on a map; hence no
//! more than 64 ids.

use super::{BoxLines, MapLine, TripletLines};
use crate::cogmap::tolerant::quoted;
use crate::error::{Error, Result};
use std::fmt::Write;

/// The most ids of a triplet line or a map: a set of them is 64 bits.
pub const MAX_NAMES: usize = 64;

/// The most labels of box lines.
pub const MAX_LABELS: usize = 4096;

/// The longest id or label, bytes.
pub const MAX_NAME_BYTES: usize = 256;

/// The most lines of a text.
pub const MAX_LINES: usize = 256;

/// The largest number of a line: what every reader of JSON can hold.
const MAX_T: u64 = 1 << 53;

/// Metres with two decimals, 0.05 to 999.99.
const CELL: &str = r"CELL: /0\.(0[5-9]|[1-9][0-9])|[1-9][0-9]{0,2}\.[0-9][0-9]/";

/// A coordinate of the grid, 0.0 to 10.0.
const ON_GRID: &str = r"ON_GRID: /10\.0|[0-9]\.[0-9]/";

/// Lines of triplets.
pub(super) fn triplets(lines: &TripletLines) -> Result<String> {
    let names = literals(&lines.names, 2, MAX_NAMES, "ids")?;
    check_lines(lines.least, lines.most)?;
    if lines.first > MAX_T - MAX_LINES as u64 {
        return Err(Error::argument(format!("first line has the number {}, expected less than 2^53", lines.first)));
    }
    let mut grammar = lines_of(lines.least, lines.most, |at| {
        let t = lines.first + at as u64;
        format!("{} a::0x0", literal(&format!("{{\"t\":{t},\"a\":")))
    });
    rule(&mut grammar, "a::_", names.iter().enumerate().map(|(k, name)| format!("{name} b::set_bit({k})")));
    grammar.push_str("b::_: \",\\\"b\\\":\" other::_\n");
    rule(
        &mut grammar,
        "other::_",
        names.iter().enumerate().map(|(k, name)| format!("{name} c::set_bit({k}) %if bit_clear({k})")),
    );
    grammar.push_str("c::_: \",\\\"c\\\":null,\\\"b_xy\\\":\" xy tail\n | \",\\\"c\\\":\" third::_");
    // With two ids none is left for C, and a rule that cannot be met must not be entered.
    writeln!(grammar, " %if bit_count_lt(_, {})", (names.len() - 1).min(3)).ok();
    rule(
        &mut grammar,
        "third::_",
        names.iter().enumerate().map(|(k, name)| format!("{name} located %if bit_clear({k})")),
    );
    grammar.push_str("located: \",\\\"b_xy\\\":\" xy \",\\\"c_xy\\\":\" xy tail\n");
    grammar.push_str("xy: \"[\" ON_GRID \",\" ON_GRID \"]\"\n");
    let cell = if lines.units { "\",\\\"cell\\\":\" CELL " } else { "" };
    writeln!(grammar, "tail: {cell}(\"}}\" | \",\\\"fb\\\":1}}\")").ok();
    writeln!(grammar, "{ON_GRID}").ok();
    if lines.units {
        writeln!(grammar, "{CELL}").ok();
    }
    Ok(grammar)
}

/// The line of a map.
pub(super) fn cogmap(line: &MapLine) -> Result<String> {
    let names = literals(&line.names, 0, MAX_NAMES, "ids")?;
    let cell = if line.units { "\"\\\"cell\\\":\" CELL \",\" " } else { "" };
    let rows = "\"\\\"rows\\\":[\" ROW (\",\" ROW){9} \"],\\\"objects\\\":[\"";
    // Rules that hand on a set nobody looks at are refused, so without names there are none.
    let things = if names.is_empty() { "\"],\\\"beyond\\\":[]}\"" } else { "near::0x0" };
    let mut grammar = format!("start: \"{{\\\"cogmap\\\":1,\" {cell}{rows} {things}\nROW: /\"[?.#]{{10}}\"/\n");
    if line.units {
        writeln!(grammar, "{CELL}").ok();
    }
    if !names.is_empty() {
        places(&mut grammar, &names);
    }
    Ok(grammar)
}

/// The two lists of a map, of which neither names what was named before.
fn places(grammar: &mut String, names: &[String]) {
    let (beyond, over) = ("\"],\\\"beyond\\\":[\" far::_", "\"]}\"");
    let (on_grid, away) = ("ON_GRID \",\" ON_GRID", "BEARING \",\" AWAY");
    let lists = [
        ("near", "", on_grid, "nearer", beyond),
        ("nearer", ",", on_grid, "nearer", beyond),
        ("far", "", away, "farther", over),
        ("farther", ",", away, "farther", over),
    ];
    for (name, before, numbers, next, end) in lists {
        let entry =
            |(k, name)| format!("\"{before}[\" {name} \",\" {numbers} \"]\" {next}::set_bit({k}) %if bit_clear({k})");
        let entries = names.iter().enumerate().map(entry);
        rule(grammar, &format!("{name}::_"), std::iter::once(end.to_owned()).chain(entries));
    }
    writeln!(grammar, "{ON_GRID}").ok();
    grammar.push_str("BEARING: /0|-?[1-9][0-9]?|-?1[0-7][0-9]|180/\n");
    grammar.push_str("AWAY: /(0|[1-9][0-9]{0,2})\\.[0-9]/\n");
}

/// Lines of boxes.
pub(super) fn boxes(lines: &BoxLines) -> Result<String> {
    let labels = literals(&lines.labels, 0, MAX_LABELS, "labels")?;
    check_lines(lines.least, lines.most)?;
    let mut grammar = lines_of(lines.least, lines.most, |_| "box".into());
    grammar.push_str("box: \"{\\\"label\\\":\" label \",\\\"centre\\\":[\" AT \",\" AT \",\" AT ");
    grammar.push_str("\"],\\\"size\\\":[\" SIDE \",\" SIDE \",\" SIDE \"],\\\"yaw\\\":\" YAW \"}\"\n");
    if labels.is_empty() {
        grammar.push_str("label: ANY\nANY: /\"[^\"\\\\\\x00-\\x1f\\x7f-\\x9f\\u{2028}\\u{2029}]{1,64}\"/\n");
    } else {
        rule(&mut grammar, "label", labels.into_iter());
    }
    grammar.push_str("AT: /-?(0|[1-9][0-9]{0,2})\\.[0-9][0-9]/\n");
    grammar.push_str("SIDE: /0\\.(0[1-9]|[1-9][0-9])|[1-9][0-9]?\\.[0-9][0-9]/\n");
    grammar.push_str("YAW: /-?([0-2]\\.[0-9][0-9]|3\\.(0[0-9]|1[0-4]))/\n");
    Ok(grammar)
}

/// A grammar that begins with `least` to `most` lines of what `line` gives, a line break between two.
fn lines_of(least: usize, most: usize, line: impl Fn(usize) -> String) -> String {
    let mut grammar = String::from(if least == 0 { "start: \"\" | line0\n" } else { "start: line0\n" });
    for at in 0..most {
        let more = match at + 1 {
            next if next == most => String::new(),
            next if next < least => format!(" \"\\n\" line{next}"),
            next => format!(" (\"\\n\" line{next})?"),
        };
        writeln!(grammar, "line{at}: {}{more}", line(at)).ok();
    }
    grammar
}

/// One rule with an alternative a line.
fn rule(grammar: &mut String, name: &str, alternatives: impl Iterator<Item = String>) {
    for (at, alternative) in alternatives.enumerate() {
        let before = if at == 0 { name } else { "" };
        let sign = if at == 0 { ':' } else { '|' };
        writeln!(grammar, "{before} {sign} {alternative}").ok();
    }
}

fn check_lines(least: usize, most: usize) -> Result<()> {
    if most == 0 || most > MAX_LINES || least > most {
        return Err(Error::argument(format!(
            "{least} to {most} lines, expected at most {MAX_LINES}, at least 1 and no fewer than the least"
        )));
    }
    Ok(())
}

/// Names as the printers write them, as strings of a grammar. Refuses a wrong number, long ones and one that comes twice.
fn literals(names: &[String], least: usize, most: usize, what: &str) -> Result<Vec<String>> {
    if names.len() < least || names.len() > most {
        return Err(Error::argument(format!("{} {what}, expected {least} to {most}", names.len())));
    }
    if let Some(long) = names.iter().position(|name| name.len() > MAX_NAME_BYTES) {
        let length = names[long].len();
        return Err(Error::argument(format!(
            "number {long} of the {what} has {length} bytes, expected at most {MAX_NAME_BYTES}"
        )));
    }
    let mut sorted: Vec<_> = names.iter().collect();
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::argument(format!("{:?} comes twice in the {what}", twice[0])));
    }
    Ok(names.iter().map(|name| literal(&quoted(name))).collect())
}

/// A string of a grammar: written as in JSON.
fn literal(text: &str) -> String {
    quoted(text)
}
