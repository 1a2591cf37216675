#!/bin/sh
# GNU parallel, on one large machine or over ssh, for a folder with a table of each machine. With
# 4 components, everything into the folder run:
#   sh parallel.sh shards 4 run
# Over ssh, with a folder that all hosts share:
#   PARALLEL='--sshloginfile hosts.txt --workdir .' sh parallel.sh shards 4 run
# The same command again fits what is missing.
set -eu
shards="$1" order="$2" run="$3" dfmr="${DFMR:-npx dfmr}"
mkdir -p "$run/estimates"

# One fit a core. Each is tried three times; what then fails counts as a machine that sent nothing.
parallel --quote --retries 3 --joblog "$run/jobs.tsv" \
  $dfmr fit {} --order "$order" --workers 1 --resume --out "$run/estimates/{/.}.json" \
  ::: "$shards"/* || true

$dfmr aggregate "$run/estimates" --expect "$(ls "$shards" | wc -l)" --order "$order" --force \
  --out "$run/mixture.json" --report "$run/report.html"
