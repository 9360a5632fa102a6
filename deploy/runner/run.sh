#!/usr/bin/env bash
# The runner pod's only process: runs the experiments, leaves their exit status beside the results, and waits until these have been
# fetched (a file "collected" appears) or the time is up. Asked to end, it lets the experiments remove their fault first.
set -uo pipefail
results=${HAVOQ_RESULTS:-/results}
hold=${HAVOQ_HOLD_SECONDS:-900}
home=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
read -r -a options <<<"${HAVOQ_OPTIONS:-}"
read -r -a arguments <<<"${HAVOQ_ARGUMENTS:-}"

mkdir -p "$results"
rm -f "$results/exit-status" "$results/collected"
ending=
java -Xmx"${HAVOQ_HEAP:-512m}" -XX:+ExitOnOutOfMemoryError \
    "-Dhavoq.state=$results/state" "-Dhavoq.results=$results" "-Dallure.results.directory=$results/allure-results" \
    ${options[@]+"${options[@]}"} \
    -cp "$home/lib/*" io.havoq.runner.Runner \
    "--scan=$home/lib/havoq-tests.jar" "--allure=$home/allure" "--categories=$home/categories.json" \
    ${arguments[@]+"${arguments[@]}"} > >(tee "$results/console.log") 2>&1 &
experiments=$!
trap 'ending=yes; kill -TERM "$experiments" 2>/dev/null' TERM INT
# A signal ends wait early: again, until the experiments themselves have ended.
while true; do
    wait "$experiments"
    status=$?
    kill -0 "$experiments" 2>/dev/null || break
done
echo "$status" >"$results/exit-status.new"
mv "$results/exit-status.new" "$results/exit-status"
echo "[havoq] runner: exit status $status; results in $results wait ${hold} s to be fetched"
for ((waited = 0; waited < hold; waited++)); do
    [[ -n $ending || -e $results/collected ]] && break
    # In the background: a signal ends this wait, too.
    sleep 1 &
    wait $!
done
exit "$status"
