//! Tables for people.

use gnomon::scene::Snapshot;

/// Rows under a heading, columns as wide as their widest cell, two blanks apart.
pub fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..heading.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([heading[column].chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut text = line(&mut heading.iter().copied());
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text
}

/// What lengths are in: "u" for units that nobody knows.
fn unit(snapshot: &Snapshot) -> &'static str {
    if snapshot.is_metric() { "m" } else { "u" }
}

/// Every thing: where it is, how large, how sure.
pub fn objects(snapshot: &Snapshot) -> String {
    let rows: Vec<Vec<String>> = snapshot
        .objects()
        .map(|object| {
            let (c, s) = (object.obb.centre, object.obb.size);
            let [xx, _, _, yy, _, zz] = object.centre_cov_m2;
            vec![
                object.name.to_string(),
                format!("{:.2} {:.2} {:.2}", c.x, c.y, c.z),
                format!("{:.2} {:.2} {:.2}", s.x, s.y, s.z),
                format!("{:.0}", object.obb.yaw_rad().to_degrees()),
                format!("{:.3}", (xx + yy + zz).max(0.0).sqrt()),
                object.observations.to_string(),
                object.state.word().into(),
            ]
        })
        .collect();
    let unit = unit(snapshot);
    let [centre, size, sigma] = ["centre", "size", "sigma"].map(|what| format!("{what} {unit}"));
    table(&["name", &centre, &size, "yaw °", &sigma, "seen", "state"], &rows)
}

/// Every floor, wall and table top.
pub fn supports(snapshot: &Snapshot) -> String {
    let rows: Vec<Vec<String>> = snapshot
        .supports()
        .iter()
        .map(|support| {
            let n = support.normal;
            vec![
                format!("{} {}", support.kind.word(), support.id.0),
                format!("{:.2} {:.2} {:.2}", n.x, n.y, n.z),
                format!("{:.3}", support.offset_m),
                format!("{:.2}", support.area_m2),
                format!("{:.4}", support.sigma_m),
            ]
        })
        .collect();
    let unit = unit(snapshot);
    let [offset, area, sigma] = [format!("offset {unit}"), format!("area {unit}²"), format!("sigma {unit}")];
    table(&["support", "normal", &offset, &area, &sigma], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_their_heading() {
        let rows = [vec!["chair#1".into(), "2".into()], vec!["ü".into(), "10".into()]];
        assert_eq!(table(&["name", "seen"], &rows), "name     seen\nchair#1  2\nü        10\n");
    }
}
