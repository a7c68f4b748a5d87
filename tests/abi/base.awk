# Shortens what abidw writes: units without a type of ours go, and the rest no longer say where the sources lay.
/^  <abi-instr / { sub(/ path='[^']*'/, " path='unit-" ++units "'"); held = $0; next }
held != "" { if ($0 ~ /^  <\/abi-instr>/) { held = ""; next } print held; held = "" }
{ print }
