fn main() {
    let args: Vec<String> = std::env::args().collect();
    let seeds = args.get(1).and_then(|s| s.parse().ok()).unwrap_or(2);
    let first = args.get(2).and_then(|s| s.parse().ok()).unwrap_or(100);
    let o = gnomon::eval::RoomEvalOptions { first_seed: first, seeds, frames: 120, threads: 2 };
    let t = gnomon::eval::eval_rooms(&o).unwrap();
    for (name, group) in [("clean", &t.clean[..]), ("noisy", &t.noisy[..]), ("honesty", &t.honesty[..])] {
        for (k, x) in group.iter().enumerate() {
            println!(
                "{name} {k}: n {} recall {:.3} dup {:.3} ghost {:.3} centre {:.4} iou {:.3} yaw {:.2} label {:.3} s90 {:.3} r {:.4}",
                x.n(),
                x.recall(),
                x.duplicates(),
                x.ghosts(),
                x.centre_m_p50(),
                x.iou_p50(),
                x.yaw_deg_p50(),
                x.label_accuracy(),
                x.sigma90(),
                x.radius_m_p50()
            );
        }
        for m in group[0].mistakes() {
            println!("   {m}");
        }
    }
}
