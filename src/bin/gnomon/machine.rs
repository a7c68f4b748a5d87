//! What the machine says of this process.

/// Resident memory of this process, bytes; `None` where `/proc` does not tell.
pub struct Memory {
    /// Now.
    pub now_bytes: Option<u64>,
    /// At most so far.
    pub peak_bytes: Option<u64>,
}

/// Memory held by this process.
pub fn memory() -> Memory {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    Memory { now_bytes: kib_of(&status, "VmRSS:"), peak_bytes: kib_of(&status, "VmHWM:") }
}

/// Memory of the machine that could be had, bytes.
pub fn available_bytes() -> Option<u64> {
    kib_of(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default(), "MemAvailable:")
}

/// Processors this process may use.
pub fn processors() -> Option<usize> {
    std::thread::available_parallelism().ok().map(usize::from)
}

fn kib_of(table: &str, key: &str) -> Option<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilobytes_become_bytes() {
        let status = "Name:\tx\nVmHWM:\t   20 kB\nVmRSS:\t   7 kB\n";
        assert_eq!((kib_of(status, "VmRSS:"), kib_of(status, "VmHWM:")), (Some(7168), Some(20480)));
        assert_eq!(kib_of("VmRSS: many kB", "VmRSS:"), None);
    }
}
