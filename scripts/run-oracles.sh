#!/usr/bin/env bash
# The suites that need the real programs: every test that starts a control plane, and each oracle of test/oracle.
# The control plane comes from KUBEBUILDER_ASSETS; the seed of every random run is printed.
set -uo pipefail
cd "$(dirname "$0")/.."
status=0
run() { echo "--- $*"; "$@" 2>&1 | tail -n 40; [ "${PIPESTATUS[0]}" -eq 0 ] || status=1; }

mapfile -t tests < <(grep -rlE 'startControlPlane|missingBinaries' packages/*/src --include='*.test.ts')
run vitest run --project unit "${tests[@]}"
for oracle in test/oracle/*-differential.ts test/oracle/*-blackbox.ts; do
  [ -f "$oracle" ] && run node --conditions=@gitops-toolkit/source "$oracle"
done
if [ -d ../shared/corpus/cluster ]; then
  run node --conditions=@gitops-toolkit/source test/conformance/run.ts cluster --real
else
  echo "--- conformance cluster --real: SKIPPED, there is no corpus"
fi
exit $status
