#!/bin/sh
# From one table to a report on a Slurm cluster: split it, fit a shard in each task of an array,
# aggregate what came back. With 20 machines and 4 components, everything into the folder run:
#   sh slurm.sh readings.parquet 20 4 run
# If each machine has a file already, name their folder in place of the table. The same
# command again fits what is missing. DFMR says how dfmr is called: npx dfmr, if not given.
set -eu
export TABLE="$1" MACHINES="$2" ORDER="$3" RUN="$4" DFMR="${DFMR:-npx dfmr}"
mkdir -p "$RUN/estimates" "$RUN/log"

if [ -d "$TABLE" ]; then
  files=$(ls "$TABLE" | wc -l)
  [ "$files" -eq "$MACHINES" ] || { echo "$TABLE has $files files, not $MACHINES" >&2; exit 1; }
  export SHARDS="$TABLE"
  after=
else
  export SHARDS="$RUN/shards"
  split=$(sbatch --parsable --job-name=split --mem=2G --output="$RUN/log/split.out" <<'TASK'
#!/bin/sh
$DFMR split "$TABLE" --machines "$MACHINES" --out "$SHARDS" --resume
TASK
  )
  after="--dependency=afterok:$split --kill-on-invalid-dep=yes"
fi

# --workers 1: one task, one core. --resume: a task that is run again leaves an estimate that is
# there, which is never half a file.
fit=$(sbatch --parsable $after --job-name=fit --array="0-$((MACHINES - 1))" --cpus-per-task=1 \
  --mem=1G --time=60 --requeue --open-mode=append --output="$RUN/log/fit-%a.out" <<'TASK'
#!/bin/sh
set -- "$SHARDS"/* # the files in order of their names
shift "$SLURM_ARRAY_TASK_ID"
name=$(basename "$1" .gz)
$DFMR fit "$1" --order "$ORDER" --workers 1 --resume --out "$RUN/estimates/${name%.*}.json"
TASK
)

# afterany: when all tasks have ended, well or not. afterok would wait for ever if one fails, and
# the method is there for that. --expect: a machine that sent nothing has failed; when half or
# more did, there is no mixture, and the exit code is 1.
sbatch --parsable --dependency="afterany:$fit" --job-name=aggregate --mem=2G \
  --output="$RUN/log/aggregate.out" <<'TASK'
#!/bin/sh
$DFMR aggregate "$RUN/estimates" --expect "$MACHINES" --order "$ORDER" --force \
  --out "$RUN/mixture.json" --report "$RUN/report.html"
TASK
