# shellcheck shell=bash
# How the runs of cargo-mutants are judged, whatever they broke.

# judge NAME FOLDER PREFIX: sums up FOLDER/PREFIX*.json; fails where a survivor is not argued in docs/mutants.md. Its standard input is the
# survivors, without their lines: those move, what is replaced by what does not.
judge() {
  local name=$1 of=$2/$3 bad=0 survive=0 line
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    survive=$((survive + 1))
    grep -qF -- "$line" docs/mutants.md || { printf 'not argued: %s\n' "$line"; bad=1; }
  done
  count() { cat "$of"*.json | awk -v name="\"$1\":" '$1 == name { sum += $2 } END { print sum + 0 }'; }
  printf '%s mutants of %s: %s noticed, %s never ended, %s do not build, %s survive\n' \
    "$(count total_mutants)" "$name" "$(count caught)" "$(count timeout)" "$(count unviable)" "$survive"
  return "$bad"
}
