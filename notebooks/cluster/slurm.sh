#!/bin/sh
# From one table to a report on a Slurm cluster: split, fit one shard in each task of an array, aggregate what came back.
#   sh slurm.sh readings.parquet 20 4 run       # 20 machines, 4 components, everything into the folder run
# Are the shards there already, one file for each machine, then name their folder in place of the table.
# The same command again fits what is missing and aggregates anew. DFMR says how dfmr is called: npx dfmr, if not given.
set -eu
export TABLE="$1" MACHINES="$2" ORDER="$3" RUN="$4" DFMR="${DFMR:-npx dfmr}"
mkdir -p "$RUN/estimates" "$RUN/log"

if [ -d "$TABLE" ]; then
  export SHARDS="$TABLE"
  after=
else
  export SHARDS="$RUN/shards"
  split=$(sbatch --parsable --job-name=split --cpus-per-task=1 --mem=2G --output="$RUN/log/split.out" <<'TASK'
#!/bin/sh
$DFMR split "$TABLE" --machines "$MACHINES" --out "$SHARDS" --resume
TASK
  )
  after="--dependency=afterok:$split --kill-on-invalid-dep=yes"
fi

# --workers 1: one task, one core. --resume: a task that is run again leaves an estimate that is there, and estimates are never half a file.
fit=$(sbatch --parsable $after --job-name=fit --array="0-$((MACHINES - 1))" --cpus-per-task=1 --mem=1G --time=60 \
  --requeue --open-mode=append --output="$RUN/log/fit-%a.out" <<'TASK'
#!/bin/sh
set -- "$SHARDS"/*                # the files in order of their names
shift "$SLURM_ARRAY_TASK_ID"
name=$(basename "$1")
$DFMR fit "$1" --order "$ORDER" --workers 1 --resume --out "$RUN/estimates/${name%%.*}.json"
TASK
)

# afterany: when all tasks have ended, well or not. afterok would wait for ever if one of them fails, and the method is there for that.
# --expect: a machine that sent nothing has failed; when half or more did, there is no mixture (exit code 1).
sbatch --parsable --dependency="afterany:$fit" --job-name=aggregate --cpus-per-task=1 --mem=2G --output="$RUN/log/aggregate.out" <<'TASK'
#!/bin/sh
$DFMR aggregate "$RUN/estimates" --expect "$MACHINES" --out "$RUN/mixture.json" --report "$RUN/report.html"
TASK
