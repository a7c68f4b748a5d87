//! The layout of everything that crosses, printed as the C compiler prints it and compared with `tests/abi/layout.txt`.

use super::album::*;
use super::answer::*;
use super::chain::*;
use super::cogmap::*;
use super::composed::*;
use super::converse::*;
use super::depth::*;
use super::detector::*;
use super::diff::*;
use super::edit::*;
use super::frame::*;
use super::geometry::*;
use super::graph::*;
use super::grounding::*;
use super::job::*;
use super::judgement::*;
use super::keeper::*;
use super::network::*;
use super::options::*;
use super::pipeline::*;
use super::pipeline_told::*;
use super::question::*;
use super::recording::*;
use super::relation::*;
use super::request::*;
use super::scene::*;
use super::select::*;
use super::shapes::*;
use super::snapshot::*;
use super::status::NUMBERS;
use super::text::*;
use super::told::*;
use super::triplets::*;
use super::vlm::*;
use std::mem::offset_of;

const AGREED: &str = include_str!("../../tests/abi/layout.txt");

/// One struct: its lines, and the sum of its fields' sizes.
macro_rules! layout {
    ($lines:ident; $($name:ident { $($field:ident),* $(,)? })*) => {$(
        // A field left out here does not compile.
        let _ = |every: $name| { let $name { $($field: _),* } = every; };
        let mut filled = 0;
        $lines.push(format!("struct {} size {} align {}", stringify!($name), size_of::<$name>(), align_of::<$name>()));
        $(
            let size = size_of_field(|s: &$name| &raw const s.$field);
            filled += size;
            $lines.push(format!("field {}.{} offset {} size {}",
                stringify!($name), stringify!($field), offset_of!($name, $field), size));
        )*
        assert_eq!(filled, size_of::<$name>(), "{} has padding", stringify!($name));
    )*};
}

fn size_of_field<T, F>(_: impl Fn(&T) -> *const F) -> usize {
    size_of::<F>()
}

fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    layout! { lines;
        gnomon_str { data, len }
        gnomon_image { data, len, stride, width, height, format, reserved }
        gnomon_intrinsics { width, height, model, reserved, fx, fy, cx, cy, k1, k2, p1, p2, k3, k4, k5, k6 }
        gnomon_frame {
            struct_size, abi_version, stamp_ns, camera_id, depth_unit_m, intrinsics, world_from_camera, depth, colour,
            depth_intrinsics, colour_from_depth,
        }
        gnomon_detection {
            label, bbox, score, mask_x, mask_y, mask_width, mask_height, reserved, mask_stride, mask, mask_len, feature,
            feature_len,
        }
        gnomon_scene_options {
            struct_size, abi_version, up, source, up_vector, depth_noise_base_m, depth_noise_per_m2,
            depth_noise_nearest_m, pose_noise_translation_m, pose_noise_rotation_rad, drift_per_m,
            heading_drift_rad_per_m, movable_labels, movable_labels_len, movable_memory_ns, relocate_within_ns,
            relocate_size_ratio, keyframe_distance_m, keyframe_angle_rad, drift_memory_m, confirm_after, remove_after,
            confirm_proposed_after, reserved,
        }
        gnomon_frame_report {
            struct_size, abi_version, frame, keyframe, up_known, depth_pixels, detections, lifted, associated, begun,
            born, moved, merged, removed,
        }
        gnomon_keyframe_pose { id, reserved, world_from_camera }
        gnomon_stage_time { name, time_s }
        gnomon_point { x, y, z }
        gnomon_box { centre, size, world_from_box }
        gnomon_scene_info {
            struct_size, abi_version, stamp_ns, frames, objects, supports, keyframes, events, next_event, up, has_floor,
            floor_height_m, up_vector, world_from_input, world_from_camera, path_m,
        }
        gnomon_object {
            id, label, name, obb, yaw_rad, centre_cov_m2, size_sigma_m, yaw_sigma_rad, existence, state, truncated,
            first_seen_ns, last_seen_ns, observations, labels, last_seen_path_m, feature, feature_len,
        }
        gnomon_label { label, probability }
        gnomon_edit { sequence, stamp_ns, who, thing, into, word, obb, kind, reserved }
        gnomon_provenance {
            struct_size, abi_version, version, inputs, first_stamp_ns, edits, edits_forgotten, events_forgotten,
            keyframes_forgotten,
        }
        gnomon_diff_options { struct_size, abi_version, same_by, reserved, least_move_m, least_resize_m, sigmas }
        gnomon_diff_facts { struct_size, abi_version, came, went, changed, moved, same, by_id, reserved }
        gnomon_recording_facts { struct_size, abi_version, bytes, records, is_open, has_failed }
        gnomon_replay_facts { struct_size, abi_version, frames, tail, differs, whole_bytes }
        gnomon_select_options {
            struct_size, abi_version, count, edge, least_quantile, least_confidence, edge_kind, reserved,
        }
        gnomon_point_map { points, points_len, confidence, confidence_len }
        gnomon_voxel_set { voxels, len }
        gnomon_pick { frame, order, gain }
        gnomon_selection_facts { struct_size, abi_version, picked, covered, seen, edge }
        gnomon_keeper_options { struct_size, abi_version, count, log, edge_m }
        gnomon_keeper_facts { struct_size, abi_version, offered, kept, covered, logged, forgotten }
        gnomon_swap { frame, gain, gone, loss, is_kept, has_gone }
        gnomon_kept { frame, voxels, alone }
        gnomon_sight { frame, voxels }
        gnomon_support { id, kind, normal, offset_m, sigma_m, area_m2, corners }
        gnomon_keyframe { id, camera_id, stamp_ns, path_m, world_from_camera }
        gnomon_cogmap_options {
            struct_size, abi_version, observer, scale, world_from_camera, origin, heading_rad, standing_at, facing,
            fallback, cell_m, hold, hold_len, beyond_m, max_path_age_m,
        }
        gnomon_cogmap_facts {
            struct_size, abi_version, stamp_ns, cell_m, origin, heading_rad, objects, beyond, is_fallback, side,
        }
        gnomon_cell { state, has_height, low_m, high_m, last_seen_ns, objects, objects_len }
        gnomon_map_object { id, name, label, grid, sigma, footprint, corners }
        gnomon_map_beyond { id, name, label, bearing_deg, distance_m, footprint, corners }
        gnomon_ask_options {
            struct_size, abi_version, has_view, complete, view_world_from_camera, view_intrinsics, room_area_m2,
            least_probability, tolerance, relations, overlooked, first_seen_sigma_ns, label_error, floor_edge_sigma_m,
            judging_tolerance, judging_loose_tolerance, judging_slack_m, agree_from, contradict_below,
            vocabulary,
        }
        gnomon_question {
            struct_size, abi_version, ask, measure, side, sectors, contact, within, inverse, observer, unit, reserved,
            origin, heading_rad, standing_at, facing, things, things_len, given_m, given_len, steps, steps_len, options,
            options_len, point,
        }
        gnomon_answer_facts {
            struct_size, abi_version, known, why, value, option, margin_unit, has_spread, numbers, numbers_len, words,
            words_len, probability, margin, spread, evidence,
        }
        gnomon_evidence { id, name, first_seen_ns, last_seen_ns, observations }
        gnomon_judgement {
            statement, sentence, measured, verdict, reason, has_probability, margin_unit, probability, margin,
        }
        gnomon_relation_options {
            struct_size, abi_version, observer, front, world_from_camera, origin, heading_rad, standing_at, facing,
            side_overlap, on_gap_m, height_slack_m, inside_slack_m, touching_m, near_m, larger_ratio, taller_m,
            facing_rad,
        }
        gnomon_relation { holds, margin_unit, margin }
        gnomon_chain_options {
            struct_size, abi_version, order, units, neighbours, reserved, least_bound_m, sigmas, most_bound_m,
        }
        gnomon_triplet { t, a, b, c, b_xy, c_xy, cell_m, fallback, has_c }
        gnomon_rejected { line, reason }
        gnomon_told_thing { name, told, has_first_seen, obb, first_seen_ns }
        gnomon_told_count { label, count }
        gnomon_gauge { struct_size, abi_version, origin, ahead, baseline_m }
        gnomon_layout_facts {
            struct_size, abi_version, origin, ahead, baseline_m, places, loops, unused, by_fallback,
        }
        gnomon_place { name, at }
        gnomon_loop { triplet, residual_m }
        gnomon_placement_error { mean_cells, placed, things }
        gnomon_graph_options { struct_size, abi_version, reach_m, relations }
        gnomon_graph_report {
            struct_size, abi_version, things_changed, things_removed, pairs_compared, began, ended,
        }
        gnomon_graph_relation { a, b, kind, margin_unit, margin }
        gnomon_graph_change { relation, began, reserved }
        gnomon_network_options {
            struct_size, abi_version, runtime_path, family, labels, precision, providers, providers_len,
            memory_budget_bytes, require_providers, threads, engines, fp16, int8, within_ns, cancel,
        }
        gnomon_run_options { struct_size, abi_version, within_ns, cancel }
        gnomon_provider { name, nodes }
        gnomon_network_facts {
            struct_size, abi_version, family, precision, path, licence, runtime_path, runtime_version, providers,
            providers_len, remarks, remarks_len, weight_bytes, activation_bytes, gives_masks, gives_metres,
        }
        gnomon_side { name, size }
        gnomon_model_memory {
            struct_size, abi_version, weight_bytes, external_bytes, activation_bytes, values, unknown_values,
            cache_bytes_per_1000_tokens, cache_layers, context_tokens, cache_bytes,
        }
        gnomon_detect_options { struct_size, abi_version, min_score, iou, most }
        gnomon_depth_facts {
            struct_size, abi_version, meaning, width, height, has_camera, values, confidence, sky, pixels, intrinsics,
            remarks, remarks_len,
        }
        gnomon_view {
            meaning, width, height, reserved, values, confidence, points, points_confidence, pixels, intrinsics,
            world_from_camera,
        }
        gnomon_vlm_options {
            struct_size, abi_version, vision_precision, feature_bytes, context_tokens, prefill_tokens, most_waiting,
            reserved, prefixes,
        }
        gnomon_vlm_facts {
            struct_size, abi_version, family, path, precision, vision_precision, runtime_path, runtime_version, files,
            files_len, providers, providers_len, remarks, remarks_len, context_tokens, plan_bytes, takes_images,
            shares_cache,
        }
        gnomon_message { text, role, images, videos, reserved }
        gnomon_video { frames, frames_len, fps }
        gnomon_vlm_request {
            struct_size, abi_version, messages, message_size, messages_len, prompt, images, images_len, videos,
            video_size, videos_len, stops, stops_len, constraint_text, constraint_names, constraint_names_len,
            constraint_first, constraint, constraint_least, constraint_most, constraint_units, seed, temperature, top_p,
            min_p, repetition_penalty, top_k, max_new_tokens, when_busy, reserved, within_ns,
        }
        gnomon_reply_statistics {
            prompt_tokens, reused_tokens, new_tokens, images_seen, cache_bytes, prepare_ns, vision_ns, prefill_ns,
            first_token_ns, decode_ns, run_ns,
        }
        gnomon_reply_facts {
            struct_size, abi_version, text, token_ids, token_ids_len, prompt_ids, prompt_ids_len, grids, grids_len,
            ended, reserved, statistics,
        }
        gnomon_fit {
            from_width, from_height, scaled_width, scaled_height, offset_x, offset_y, network_width, network_height,
        }
        gnomon_grounded { label, region, kind, reserved }
        gnomon_album_options { struct_size, abi_version, count, least_shift_m, least_turn_deg, most_wait_ns }
        gnomon_converse_options {
            struct_size, abi_version, ask, images, text_tokens, new_tokens, facts, within_ns, seed, temperature, top_p,
            min_p, repetition_penalty, top_k, when_busy,
        }
        gnomon_said_facts {
            struct_size, abi_version, silence, failure, verdict, value, option, ended, number, images, text_tokens,
            statistics,
        }
        gnomon_pipeline_options {
            struct_size, abi_version, queue, waiting, poses, judged, late_detections, reserved, wait_ns, deadline_ns,
            pose_tolerance_ns, detection_tolerance_ns, stalled_after_ns,
        }
        gnomon_published { struct_size, abi_version, stamp_ns, latency_ns, camera_id, reserved }
        gnomon_pipeline_statistics {
            struct_size, abi_version, pushed, published, under_way, dropped_overload, dropped_deadline, dropped_no_pose,
            dropped_no_depth, dropped_overtaken, dropped_refused, dropped_up_unknown, dropped_panic, dropped_closed, told,
            untold, poses, detections, detections_unused, buffers_made, scenes_begun_anew,
        }
        gnomon_stage { name, runs, errors, panics, p50_s, p99_s, busy_s }
        gnomon_event {
            sequence, stamp_ns, object, into, kind, frames_seen_empty, points_in_view, points_empty, last_seen_ns, from,
            to,
        }
    }
    lines.extend(NUMBERS.iter().map(|(name, value)| format!("constant {name} {value}")));
    lines.push(format!("constant GNOMON_ABI_VERSION {}", super::version::GNOMON_ABI_VERSION));
    lines
}

#[test]
fn rust_and_the_agreed_layout_are_one() {
    let mut ours = lines();
    ours.sort();
    let mut agreed: Vec<_> = AGREED.lines().map(str::to_string).collect();
    agreed.sort();
    let only = |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).cloned().collect::<Vec<_>>();
    assert_eq!(ours, agreed, "only in Rust: {:#?}\nonly agreed: {:#?}", only(&ours, &agreed), only(&agreed, &ours));
}
