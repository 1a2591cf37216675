#!/bin/sh
# GNU parallel, on one large machine or over ssh, for a folder with a table of each machine:
#   sh parallel.sh shards 4 run                 # 4 components, everything into the folder run
# Over ssh, with a folder that all hosts share: PARALLEL='--sshloginfile hosts.txt --workdir .' sh parallel.sh …
# The same command again fits what is missing.
set -eu
shards="$1" order="$2" run="$3" dfmr="${DFMR:-npx dfmr}"
mkdir -p "$run/estimates"

# one fit a core; each is tried three times, and what then fails is left out: it counts as a machine that sent nothing
parallel --retries 3 --joblog "$run/jobs.tsv" \
  "$dfmr fit {} --order $order --workers 1 --resume --out $run/estimates/{/.}.json" ::: "$shards"/* || true

$dfmr aggregate "$run/estimates" --expect "$(ls "$shards" | wc -l)" --out "$run/mixture.json" --report "$run/report.html"
