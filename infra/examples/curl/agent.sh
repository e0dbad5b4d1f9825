#!/usr/bin/env bash
# Agent runs with curl alone: agent.sh sync|stream|async|cancel <node execution id> <prompt>
# Needs CLAVIGER_ENGINE_URL, CLAVIGER_TOKEN and CLAVIGER_WORKSPACE_ID; CLAVIGER_MODEL if the workspace has no default.
set -euo pipefail
mode=$1 node=$2 prompt=$3
runs="${CLAVIGER_ENGINE_URL:?}/internal/v1/workspaces/${CLAVIGER_WORKSPACE_ID:?}/agent-runs"

# The token goes through a pipe: arguments can be read by everybody on the machine. Equal posts of one node execution join the same
# run, so that trying again is safe; curl waits as Retry-After says.
claviger() {
  curl --silent --show-error --fail-with-body --retry 4 --retry-connrefused \
    --header @<(printf 'Authorization: Bearer %s\n' "${CLAVIGER_TOKEN:?}") "$@"
}
# Quotes text as JSON, control characters included.
quoted() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"} text=${text//$'\n'/\\n} text=${text//$'\r'/\\r} text=${text//$'\t'/\\t}
  printf '"%s"' "$text"
}
post() {
  local model=${CLAVIGER_MODEL:+"\"model\": $(quoted "$CLAVIGER_MODEL"), "}
  claviger --header 'Content-Type: application/json' --data-binary @- "$@" "$runs" <<JSON
{"nodeExecutionId": $(quoted "$node"), "agent": {${model}"prompt": $(quoted "$prompt")}}
JSON
}
# Hands the run over, so that it goes on without this script, and says where it is: nothing when it is over already.
start() {
  post --header 'Prefer: respond-async' --output /dev/null --write-out '%header{location}'
}

case $mode in
  sync) post ;;
  stream)
    # The status was sent before the run began: how it ended is in its last event.
    post --no-buffer --header 'Accept: text/event-stream' | {
      while IFS= read -r line; do
        printf '%s\n' "$line"
        [[ $line != 'event: run.finished' ]] || finished=1
      done
      [[ -n ${finished:-} ]]
    }
    ;;
  async)
    at=$(start)
    # The same post again gets the answer of a run that is over.
    [[ -n $at ]] || { post && exit; }
    while :; do
      run=$(claviger "$CLAVIGER_ENGINE_URL$at?wait=30") || { printf '%s\n' "$run" && exit 1; }
      [[ $run =~ ^\{\"id\":\"[^\"]*\",\"status\":\"(queued|running)\" ]] || break
    done
    printf '%s' "$run"
    # A run that failed, or that waits for its caller, is an answer too: only its status says so.
    [[ $run =~ ^\{\"id\":\"[^\"]*\",\"status\":\"succeeded\" ]]
    ;;
  cancel)
    at=$(start)
    [[ -n $at ]] || { post && exit; }
    claviger --request POST "$CLAVIGER_ENGINE_URL$at/cancel"
    ;;
  *) echo 'sync, stream, async or cancel' >&2 && exit 2 ;;
esac
