#!/usr/bin/env bash
# Runs all tests. Needs Go and git. What else the end-to-end tests need is
# installed under .cache/; where that is not possible they are skipped, and
# this script says which and why. With CI=true nothing may be skipped.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p .cache

moto_version=5.2.3
if [ ! -x .cache/moto/bin/moto_server ]; then
  if command -v python3 >/dev/null && python3 -m venv .cache/moto >/dev/null 2>&1 &&
    .cache/moto/bin/pip install --quiet --disable-pip-version-check "moto[server]==$moto_version"; then
    echo "installed moto $moto_version, the AWS-compatible test server, in .cache/moto"
  else
    rm -rf .cache/moto
    echo "no AWS-compatible test server: python3 with venv is not here"
  fi
fi
[ -x .cache/moto/bin/moto_server ] && export PATH="$PWD/.cache/moto/bin:$PATH"

# cryptography is what its KMS needs to sign.
ministack_version=1.5.33
if [ ! -x .cache/ministack/bin/ministack ]; then
  if command -v python3 >/dev/null && python3 -m venv .cache/ministack >/dev/null 2>&1 &&
    .cache/ministack/bin/pip install --quiet --disable-pip-version-check "ministack==$ministack_version" "cryptography==50.0.2"; then
    echo "installed ministack $ministack_version, the AWS-compatible server that runs functions, in .cache/ministack"
  else
    rm -rf .cache/ministack
    echo "no ministack: python3 with venv is not here"
  fi
fi
[ -x .cache/ministack/bin/ministack ] && export PATH="$PATH:$PWD/.cache/ministack/bin"

cfn_lint_version=1.51.0
if ! command -v cfn-lint >/dev/null && [ ! -x .cache/cfn-lint/bin/cfn-lint ]; then
  if python3 -m venv .cache/cfn-lint >/dev/null 2>&1 && .cache/cfn-lint/bin/pip install --quiet --disable-pip-version-check "cfn-lint==$cfn_lint_version"; then
    echo "installed cfn-lint $cfn_lint_version in .cache/cfn-lint"
  else
    rm -rf .cache/cfn-lint
    echo "no cfn-lint: python3 with venv is not here"
  fi
fi
[ -x .cache/cfn-lint/bin/cfn-lint ] && export PATH="$PATH:$PWD/.cache/cfn-lint/bin"

dynamodb=software.amazon.dynamodb:DynamoDBLocal:3.1.0
if [ ! -d .cache/dynamodb ]; then
  if command -v java >/dev/null && command -v mvn >/dev/null &&
    ./home/aws/testdata/dynamodb.sh "$dynamodb" .cache/dynamodb >.cache/dynamodb.log 2>&1; then
    echo "installed $dynamodb, AWS's own DynamoDB for tests, in .cache/dynamodb"
  else
    rm -rf .cache/dynamodb
    echo "no DynamoDB Local: java and mvn are not here, or .cache/dynamodb.log says why"
  fi
fi

log=.cache/test.log
status=0
go test -timeout 30m -v "$@" ./... >"$log" 2>&1 || status=$?
grep -E '^(ok|FAIL|panic:|---? FAIL|\?)|_test\.go:[0-9]+: .*|build failed|cannot find|undefined:' "$log" |
  grep -vE '^\s+\S+_test\.go:[0-9]+: ' || true
if [ "$status" -ne 0 ]; then
  echo; echo "Failures (all output is in $log):"
  grep -B12 -E '^\s*--- FAIL' "$log" | tail -200 || true
fi

passed=$(grep -cE '^\s*--- PASS' "$log" || true)
failed=$(grep -cE '^\s*--- FAIL' "$log" || true)
skipped=$(grep -cE '^\s*--- SKIP' "$log" || true)
if [ "$skipped" -gt 0 ]; then
  echo; echo "Skipped, and why:"
  grep -B2 -E '^\s*--- SKIP' "$log" | grep -v -E '^--$|^=== ' || true
fi
echo; echo "$passed passed, $failed failed, $skipped skipped"
if [ ! -d "${EVERQUAL_SHARED:-../shared}/data" ]; then
  echo "Tests on real data need a folder of it, named by EVERQUAL_SHARED; they were skipped."
elif [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
  echo "CI skips nothing"; exit 1
fi
exit "$status"
