# Reads gnomon.h and prints what it declares, one thing a line:
#   struct NAME | field STRUCT FIELD KIND COUNT | constant NAME | function NAME
# KIND is i32 u32 i64 u64 size f32 f64 pointer, or the name of a struct.
{
    line = $0
    while (1) { # comments out, also those over several lines
        if (comment) { end = index(line, "*/"); if (!end) next; line = substr(line, end + 2); comment = 0 }
        start = index(line, "/*"); if (!start) break
        rest = substr(line, start + 2); end = index(rest, "*/")
        if (end) { line = substr(line, 1, start - 1) substr(rest, end + 2) } else { line = substr(line, 1, start - 1); comment = 1; break }
    }
    if (line ~ /^ *$/) next
}
line ~ /^#define GNOMON_ABI_VERSION / { print "constant GNOMON_ABI_VERSION"; next }
line ~ /^#/ || line ~ /\\$/ { next }
line ~ /^typedef struct gnomon_[a-z0-9_]+ \{/ { split(line, word, " "); name = word[3]; print "struct " name; next }
line ~ /^\}/ { name = ""; next }
name != "" && line ~ /;/ {
    sub(/^ +/, "", line); sub(/;.*/, "", line)
    count = 1
    if (match(line, /\[[0-9]+\]$/)) { count = substr(line, RSTART + 1, RLENGTH - 2); line = substr(line, 1, RSTART - 1) }
    pointer = line ~ /\*/
    gsub(/\*|const |struct /, " ", line); n = split(line, word, " ")
    kind = word[1]
    sub(/^int32_t$/, "i32", kind); sub(/^uint32_t$/, "u32", kind); sub(/^int64_t$/, "i64", kind)
    sub(/^uint64_t$/, "u64", kind); sub(/^size_t$/, "size", kind); sub(/^float$/, "f32", kind); sub(/^double$/, "f64", kind)
    if (pointer) kind = "pointer"
    print "field " name " " word[n] " " kind " " count
    next
}
line ~ /^ +GNOMON_[A-Z0-9_]+ = -?[0-9]+/ { split(line, word, " "); print "constant " word[1]; next }
line ~ /^typedef/ || line ~ /^extern/ { next }
match(line, /gnomon_[a-z0-9_]+\(/) { print "function " substr(line, RSTART, RLENGTH - 1) }
