# Reads gnomon.h and prints what it declares, one thing a line:
#   struct NAME | field STRUCT FIELD KIND COUNT TYPE | constant NAME | handle NAME | alias NAME TYPE
#   callback NAME RETURN (PARAMETERS) | function NAME RETURN (PARAMETERS)
# KIND is i32 u32 i64 u64 size f32 f64 pointer, or the name of a struct. TYPE and RETURN are C types without spaces but
# after const (const double*, double[16]); PARAMETERS are "TYPE NAME, TYPE NAME", or void.
function typed(text) { # stars to the type, one space
    gsub(/struct /, "", text); gsub(/[ \t]+/, " ", text)
    gsub(/ \*/, "*", text); gsub(/\*[ ]*/, "* ", text); gsub(/\* \*/, "**", text)
    sub(/^ /, "", text); sub(/ $/, "", text)
    return text
}
function declared(text,    n, word) { # a type and a name: the type into type, the name into named
    n = split(typed(text), word, " "); named = word[n]; type = word[1]
    if (n == 3) type = type " " word[2]
}
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
line ~ /^#/ || line ~ /\\$/ || line ~ /^ +\(type##_init/ { next }
line ~ /^typedef struct gnomon_[a-z0-9_]+ \{/ { split(line, word, " "); name = word[3]; print "struct " name; next }
line ~ /^enum/ || line ~ /^extern/ { next }
line ~ /^\}/ { name = ""; next }
name != "" && line ~ /;/ {
    sub(/;.*/, "", line)
    count = 1; many = ""
    if (match(line, /\[[0-9]+\]$/)) {
        many = substr(line, RSTART); count = substr(line, RSTART + 1, RLENGTH - 2); line = substr(line, 1, RSTART - 1)
    }
    declared(line)
    kind = type
    sub(/^int32_t$/, "i32", kind); sub(/^uint32_t$/, "u32", kind); sub(/^int64_t$/, "i64", kind)
    sub(/^uint64_t$/, "u64", kind); sub(/^size_t$/, "size", kind); sub(/^float$/, "f32", kind); sub(/^double$/, "f64", kind)
    if (type ~ /\*/) kind = "pointer"
    print "field " name " " named " " kind " " count " " type many
    next
}
line ~ /^ +GNOMON_[A-Z0-9_]+ = -?[0-9]+/ { split(line, word, " "); print "constant " word[1]; next }
{ # a declaration, perhaps over several lines
    statement = statement " " line
    if (line !~ /;/) next
    gsub(/GNOMON_API|GNOMON_CHECK/, "", statement); sub(/;.*/, "", statement)
    whole = typed(statement); statement = ""
    if (whole ~ /^typedef gnomon_[a-z0-9_]+ gnomon_[a-z0-9_]+$/) { split(whole, word, " "); print "handle " word[3]; next }
    open = index(whole, "(")
    if (!open) { split(whole, word, " "); print "alias " word[3] " " word[2]; next }
    if (whole ~ /^typedef/) {
        sub(/^typedef /, "", whole); open = index(whole, "(")
        type = substr(whole, 1, open - 2); rest = substr(whole, open + 3); close_ = index(rest, ")")
        print "callback " substr(rest, 1, close_ - 1) " " type " " substr(rest, close_ + 1)
        next
    }
    declared(substr(whole, 1, open - 1))
    print "function " named " " type " " substr(whole, open)
}
