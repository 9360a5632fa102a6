#!/usr/bin/env bash
# Runs the experiments in a runner pod and fetches the results; ends with the run's exit status.
#   deploy/run.sh [-n NAMESPACE] [-c CONTEXT] [-o DIRECTORY] [-m RUNNER_MANIFEST] [-w SECONDS] [-D havoq.setting=value]... [-- --tags=P0 ...]
# -w: how long the pod may be Pending, 300 by default; then its reason is told, and the exit status is 69.
# The images must be there already, Chaos Mesh and the broker too (deploy/README.md). The pod is removed whatever happens.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
namespace=default
context=
output=target/havoq-cluster
manifest=deploy/runner.yaml
pending=300
silence=300
options=
while getopts n:c:o:m:w:D: option; do
    case $option in
        n) namespace=$OPTARG ;;
        c) context=$OPTARG ;;
        o) output=$OPTARG ;;
        m) manifest=$OPTARG ;;
        w) pending=$OPTARG ;;
        D) options+=" -D$OPTARG" ;;
        *) exit 64 ;;
    esac
done
shift $((OPTIND - 1))
if [[ ! $pending =~ ^[0-9]+$ ]]; then
    echo "-w $pending: expected a number of seconds" >&2
    exit 64
fi
pending=$((10#$pending))
context=${context:-$(kubectl config current-context)}
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
# What is not as it should be, by the status; its environment is not told, which may hold a password.
reason() {
    "${kube[@]}" get pod havoq-runner -o 'jsonpath={range .status.conditions[?(@.status=="False")]}{.type}: {.reason} {.message}{"\n"}{end}{range .status.containerStatuses[*]}{.state.waiting.reason}: {.state.waiting.message}{"\n"}{end}'
}
warnings() {
    "${kube[@]}" get events --field-selector=involvedObject.name=havoq-runner,type=Warning --sort-by=.lastTimestamp \
        -o 'custom-columns=REASON:.reason,MESSAGE:.message'
}
since=$SECONDS
# No answer is no phase.
until now=$(phase) && [[ $now != Pending ]]; do
    left=$((since + pending - SECONDS))
    if ((left <= 0)); then
        # What cannot be asked keeps nothing else from being told.
        {
            echo "the runner pod was not started within $pending s (-w SECONDS):"
            reason || true
            warnings || true
            echo "next: mend that (an image that is not loaded? a node that is full or cordoned?), and look at" \
                "kubectl --context=$context --namespace=$namespace get nodes,events"
        } >&2
        exit 69
    fi
    "${kube[@]}" get pod havoq-runner -o 'jsonpath={.status.containerStatuses[0].state.waiting.reason}{"\n"}' || true
    sleep "$((left < 5 ? left : 5))"
done
"${kube[@]}" logs --follow havoq-runner &
logs=$!
# Ready means: the results are complete.
answered=$SECONDS
until [[ $(ready) == True ]]; do
    if now=$(phase); then
        answered=$SECONDS
    elif ((SECONDS - answered > silence)); then
        echo "the API server has not answered for $silence s: the runner is removed without its results" >&2
        exit 70
    fi
    if [[ -n $now && $now != Running ]]; then
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
