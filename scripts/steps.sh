# shellcheck shell=bash
# Runs named steps to the end whatever they give, keeps their output in target/logs, and adds up what their runners counted.

logs=$root/target/logs
passed=0
failed=0
mkdir -p "$logs"

# The sums of what libtest, wasm-bindgen's test runner and Node's TAP reporter print: "passed failed".
count_tests() {
  awk '
    /^test result: / { for (i = 1; i < NF; i++) { if ($(i + 1) == "passed;") p += $i; if ($(i + 1) == "failed;") f += $i } }
    /^# pass [0-9]+$/ { p += $3 }
    /^# (fail|cancelled) [0-9]+$/ { f += $3 }
    END { print p + 0, f + 0 }' "$1"
}

# What most likely says why, ahead of the end of the log: a compiler's errors, failed tests and assertions, a full disk.
causes() {
  { grep -nE -A2 '^error|^not ok|^---- |^  error:|panicked at|No space left|SIGKILL' "$1" || true; } | head -n 20 | cut -c1-300
  printf '  (%s free on the disk)\n' "$(df -Ph "$logs" | awk 'NR == 2 { print $4 }')"
}

# step NAME COMMAND…: a step that fails without a counted failure (it did not compile, say) counts as one.
step() {
  local name=$1 log=$logs/$1.log start status=0 p f
  shift
  start=$(date +%s)
  printf '  …       %s\n' "$name" >&2
  "$@" >"$log" 2>&1 </dev/null || status=$?
  read -r p f < <(count_tests "$log")
  [ "$status" = 0 ] || [ "$f" -gt 0 ] || f=1
  passed=$((passed + p))
  failed=$((failed + f))
  if [ "$status" = 0 ] && [ "$f" = 0 ]; then
    printf '  ok      %-24s %5s passed  %s\n' "$name" "$p" "$(since "$start")"
  else
    printf '  FAILED  %-24s %5s passed, %s failed  %s\n' "$name" "$p" "$f" "$(since "$start")"
    causes "$log"
    tail -n "${STEP_TAIL:-40}" "$log"
    printf '  (the whole of it: %s)\n' "$log"
  fi
}

# The last line of a run, and its exit status.
report() {
  printf '%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" = 0 ]
}
