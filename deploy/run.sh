#!/usr/bin/env bash
# Runs the experiments in a runner pod and fetches the results; ends with the run's exit status.
#   deploy/run.sh [-n NAMESPACE] [-c CONTEXT] [-o DIRECTORY] [-m RUNNER_MANIFEST] [-D havoq.setting=value]... [-- --tags=P0 ...]
# The images must be there already, Chaos Mesh and the broker too (deploy/README.md). The pod is removed whatever happens.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
namespace=default
context=$(kubectl config current-context)
output=target/havoq-cluster
manifest=deploy/runner.yaml
options=
while getopts n:c:o:m:D: option; do
    case $option in
        n) namespace=$OPTARG ;;
        c) context=$OPTARG ;;
        o) output=$OPTARG ;;
        m) manifest=$OPTARG ;;
        D) options+=" -D$OPTARG" ;;
        *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
# The user's after these: the last one wins.
options="-Dhavoq.environment=kubernetes -Dhavoq.context=in-cluster -Dhavoq.namespace=$namespace$options"
[[ ${1:-} == -- ]] && shift
kube=(kubectl "--context=$context" "--namespace=$namespace")

remove() {
    local status=$?
    trap - EXIT
    "${kube[@]}" delete pod havoq-runner --ignore-not-found --timeout=180s || status=1
    exit "$status"
}
trap remove EXIT
trap 'exit 130' INT TERM

"${kube[@]}" delete pod havoq-runner --ignore-not-found --timeout=180s
"${kube[@]}" apply -f deploy/rbac.yaml
sed "s/namespace: default/namespace: $namespace/" deploy/rbac-chaos-mesh.yaml | kubectl "--context=$context" apply -f -
"${kube[@]}" set env --local -f "$manifest" "HAVOQ_OPTIONS=$options" "HAVOQ_ARGUMENTS=$*" -o yaml | "${kube[@]}" create -f -
phase() { "${kube[@]}" get pod havoq-runner -o 'jsonpath={.status.phase}'; }
ready() { "${kube[@]}" get pod havoq-runner -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'; }
until [[ $(phase) != Pending ]]; do
    "${kube[@]}" get pod havoq-runner -o 'jsonpath={.status.containerStatuses[0].state.waiting.reason}{"\n"}'
    sleep 5
done
"${kube[@]}" logs --follow havoq-runner &
logs=$!
# Ready means: the results are complete.
until [[ $(ready) == True ]]; do
    if [[ $(phase) != Running ]]; then
        echo "the runner ended without results: $("${kube[@]}" get pod havoq-runner -o 'jsonpath={.status}')" >&2
        exit 70
    fi
    sleep 2
done
mkdir -p "$output"
"${kube[@]}" cp havoq-runner:/results "$output"
status=$(cat "$output/exit-status")
"${kube[@]}" exec havoq-runner -- touch /results/collected
wait "$logs" || true
echo "results: $(realpath "$output") (exit status $status)"
exit "$status"
